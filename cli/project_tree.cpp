#include "cli/project_tree.h"

#include "cli/human.h"
#include "cli/port_text.h"
#include "cli/settling.h"
#include "cli/text.h"
#include "node/compose/render.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string_view>

namespace shoal::cli {
namespace {

constexpr std::size_t kUrlsMax = 20;  // nobody reads more; `shoal ps` has them all

std::string service_of(const Step& step) {
    return text_at(member(step.job, "labels"), compose::kServiceLabel);
}

// What outlives a container or comes from outside it, "shop_data -> /data:ro"; memory does not.
std::vector<std::string> mounts_of(const Json& job) {
    std::vector<std::string> out;
    for (const auto& mount : items_at(job, "mounts")) {
        const auto source = text_at(mount, "source");
        if (source.empty()) continue;
        out.push_back(fmt::format("{} -> {}{}", source, text_at(mount, "target"),
                                  is_set(mount, "read_only") ? ":ro" : ""));
    }
    return out;
}

std::vector<std::string> nodes_of(const Json& job) {
    std::set<std::string> out;
    for (const auto& slot : items_at(job, "slots")) {
        const auto node = text_at(slot, "node");
        if (!node.empty()) out.insert(node);
    }
    return {out.begin(), out.end()};
}

void branch(std::string& out, std::string_view what, const std::vector<std::string>& items) {
    if (items.empty()) return;
    out += fmt::format("    {:<8} {}\n", what, printable(join(items, ", ")));
}

// Of "10.0.0.1:7373", "10.0.0.1".
std::string host_of(const std::string& address) {
    return address.substr(0, address.rfind(':'));
}

std::string url_of(const PublishedPort& port, std::uint64_t host_port, const std::string& host) {
    const auto& at = port.host_ip.empty() ? host : port.host_ip;
    return port.udp ? fmt::format("{}:{}/udp", at, host_port)
                    : fmt::format("http://{}:{}", at, host_port);
}

}  // namespace

std::string project_tree(const ComposeFile& file, const std::vector<Step>& steps) {
    auto out = printable(fmt::format("project {}, from {}", file.project.name, file.file)) + "\n";
    for (const auto& step : steps) {
        const auto& job = step.job;
        out += fmt::format("  {} {}: {} of {}\n", to_string(step.kind), printable(service_of(step)),
                           is_global(job) ? "one replica on each node"
                                          : counted(count_at(job, "replicas"), "replica"),
                           printable(short_image(text_at(job, "image"))));
        if (step.kind != Step::Kind::Remove) {
            branch(out, "ports", texts_at(job, "ports"));
            branch(out, "volumes", mounts_of(job));
        }
        branch(out, "now on", nodes_of(step.there));
    }
    return out;
}

std::string list_of_urls(const std::vector<Json>& jobs, const Json& nodes) {
    std::map<std::string, std::string> hosts;
    for (const auto& node : nodes) {
        hosts[text_at(node, "name")] = host_of(text_at(node, "address"));
    }
    std::string out;
    std::size_t count = 0;
    for (const auto& job : jobs) {
        const auto wishes = texts_at(job, "ports");
        for (const auto& slot : items_at(job, "slots")) {
            const auto& given = items_at(slot, "ports");
            const auto host = hosts.find(text_at(slot, "node"));
            if (host == hosts.end() || host->second.empty()) continue;
            for (std::size_t i = 0; i < wishes.size() && i < given.size(); ++i) {
                const auto port = parse_published(wishes[i]);
                if (!port || !given[i].is_number_unsigned() || ++count > kUrlsMax) continue;
                out += printable(fmt::format(
                           "{}  {}", slot_name(text_at(job, "name"), slot),
                           url_of(*port, given[i].get<std::uint64_t>(), host->second))) +
                       "\n";
            }
        }
    }
    if (count > kUrlsMax) out += fmt::format("and {} more: shoal ps\n", count - kUrlsMax);
    return out;
}

}  // namespace shoal::cli
