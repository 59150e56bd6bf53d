#include "cli/log_line.h"

#include "cli/text.h"
#include "node/api/replicas.h"

#include <fmt/format.h>

#include <array>

namespace shoal::cli {
namespace {

constexpr std::array kColours = {"\x1b[36m", "\x1b[33m", "\x1b[32m",
                                 "\x1b[35m", "\x1b[34m", "\x1b[96m"};
constexpr std::string_view kPlain = "\x1b[0m";

std::string name_of(const LogLine& line) {
    const auto node = printable(line.node);
    const auto name = api::replica_name(printable(line.job), line.slot, node);
    return line.slot < api::kReplicasMax ? name + "@" + node : name;
}

Json document_of(const LogLine& line) {
    Json out = {{"at", line.at},       {"job", line.job},   {"slot", line.slot},
                {"epoch", line.epoch}, {"node", line.node}, {"stream", line.stream},
                {"text", line.text}};
    if (line.partial) out["partial"] = true;
    return out;
}

// How long the "\x1b[1;32m" at `at` is; 0: there is none.
std::size_t colour_at(std::string_view text, std::size_t at) {
    if (text.substr(at, 2) != "\x1b[") return 0;
    const auto end = text.find_first_not_of("0123456789;:", at + 2);
    return end != std::string_view::npos && text[end] == 'm' ? end + 1 - at : 0;
}

}  // namespace

LogLine read_log_line(const std::string& job, const std::string& node, const Json& item) {
    LogLine line{.job = job,
                 .slot = count_at(item, "slot"),
                 .epoch = count_at(item, "epoch"),
                 .node = node,
                 .stream = text_at(item, "stream"),
                 .at = text_at(item, "at"),
                 .text = text_at(item, "text"),
                 .partial = is_set(item, "partial")};
    return line;
}

std::string tame(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto special = std::min(text.find_first_of("\x1b\t"), text.size());
        out += printable(text.substr(0, special));
        text.remove_prefix(special);
        if (text.empty()) break;
        const auto colour = colour_at(text, 0);
        if (colour == 0) out += text.front() == '\t' ? '\t' : '?';
        text.remove_prefix(colour == 0 ? 1 : colour);
    }
    return out;
}

// In a pipe, bytes belong to whoever reads them.
LogLine LogPrinter::tamed(LogLine line) const {
    if (context_.world.out_is_terminal) line.text = tame(line.text);
    return line;
}

std::string LogPrinter::for_people(LogLine line) const {
    if (line.text.ends_with('\r')) line.text.pop_back();
    const auto text = tamed(line).text;
    const std::string time = times_ == Times::On ? printable(line.at) + " " : "";
    if (context_.flags.shape.quiet) return time + text;
    auto name = name_of(line);
    if (context_.colour() == Table::Colour::On) {
        name = kColours[line.slot % kColours.size()] + name + std::string{kPlain};
    }
    return fmt::format("{} {} {}{}", name, line.stream == "stderr" ? '!' : '|', time, text);
}

void LogPrinter::print(const LogLine& line) {
    auto& out = context_.world.out;
    switch (context_.flags.shape.format) {
        case Format::JsonText:
            // JSON escapes most of what drives a terminal, but not all.
            out << (context_.world.out_is_terminal ? printable(dump(document_of(line)))
                                                   : dump(document_of(line)))
                << '\n';
            return;
        case Format::YamlText:
            out << "---\n" << to_yaml(document_of(tamed(line))) << '\n';
            return;
        case Format::Names:
            out << name_of(line) << '\n';
            return;
        case Format::Columns:
        case Format::WideColumns:
            out << for_people(line) << '\n';
            return;
    }
}

}  // namespace shoal::cli
