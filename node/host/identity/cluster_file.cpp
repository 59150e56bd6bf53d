#include "node/host/identity/cluster_file.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace shoal::host {
namespace {

std::optional<unsigned> number(std::string_view text) {
    unsigned out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

// A name goes on one line; anything that would break out of it is replaced.
std::string one_line(std::string_view text) {
    std::string out{text};
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return out;
}

}  // namespace

std::string write_cluster_file(const ClusterFile& file) {
    return "# Written by shoal " SHOAL_VERSION
           ". Not meant to be edited.\n"
           "format: " +
           std::to_string(file.format) + "\nneeds: " + file.needs +
           "\ncluster: " + to_hex(file.cluster) + "\nname: " + one_line(file.name) + "\n";
}

Result<ClusterFile> read_cluster_file(std::string_view text, unsigned newest,
                                      const std::string& path) {
    ClusterFile out{0, {}, {}, {}};
    bool cluster_seen = false;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        const auto colon = line.find(':');
        if (line.starts_with('#') || colon == std::string_view::npos) continue;
        const auto word = line.substr(0, colon);
        auto value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.size(), value.find_first_not_of(' ')));
        if (word == "format") out.format = number(value).value_or(0);
        if (word == "needs") out.needs = value;
        if (word == "name") out.name = value;
        if (word == "cluster") {
            const auto id = parse_id<ClusterTag>(value);
            if (!id) return fail(Errc::Malformed, path + ": \"cluster\" is no cluster id");
            out.cluster = *id;
            cluster_seen = true;
        }
    }
    if (out.format == 0) return fail(Errc::Malformed, path + ": no readable line \"format\"");
    if (out.format > newest) {
        const auto needed =
            out.needs.empty() ? "a newer shoal" : "shoal " + out.needs + " or newer";
        return fail(Errc::Refused, path + " is of format " + std::to_string(out.format) +
                                       "; shoal " SHOAL_VERSION " reads up to format " +
                                       std::to_string(newest) + ": this data directory needs " +
                                       needed);
    }
    if (!cluster_seen) return fail(Errc::Malformed, path + ": no line \"cluster\"");
    return out;
}

}  // namespace shoal::host
