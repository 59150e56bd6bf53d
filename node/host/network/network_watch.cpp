// What keeps the network as it should be, and what removes it.
#include "node/host/network/conntrack.h"
#include "node/host/network/namespaces.h"
#include "node/host/network/network.h"
#include "node/host/network/sysctl.h"

#include <algorithm>
#include <iterator>

namespace shoal::network {
namespace {

void note(WatchReport& report, const Result<std::vector<std::string>>& step) {
    if (step) {
        report.restored.insert(report.restored.end(), step->begin(), step->end());
    } else {
        report.failed.push_back(step.error().detail);
    }
}

void note(WatchReport& report, const Result<std::string>& step) {
    if (!step) {
        report.failed.push_back(step.error().detail);
    } else if (!step->empty()) {
        report.restored.push_back(*step);
    }
}

Result<void> clear_links(const Names& names, std::vector<std::string>& cleared) {
    auto kernel = Netlink::routing();
    if (!kernel) return fail(kernel.error());
    const auto there = links(*kernel);
    if (!there) return fail(there.error());
    for (const Link& link : *there) {
        if (link.name != names.bridge && !link.name.starts_with(names.link_prefix)) continue;
        if (auto removed = remove_link(*kernel, link.name); !removed) return removed;
        cleared.push_back("link " + link.name);
    }
    return {};
}

Result<void> clear_folder(const std::string& folder, std::vector<std::string>& cleared) {
    const auto names = list_directory(folder);
    if (!names) return fail(names.error());
    for (const std::string& name : *names) {
        std::string path = folder;
        path.append("/").append(name);
        if (auto gone = RunDirectory::remove_stray(path); !gone) return gone;
        cleared.push_back(std::move(path));
    }
    return {};
}

}  // namespace

// Containers reach the outside, and the outside published ports, only if the host forwards.
Result<std::string> Network::ensure_forwarding() {
    return ensure_sysctl({"net/ipv4/ip_forward", "1"});
}

WatchReport Network::watch() {
    const std::lock_guard lock{mutex_};
    WatchReport report;
    note(report, ensure_forwarding());
    repair_rules(report);  // before the bridge, as at the start
    const auto bridge = ensure_bridge(kernel_, bridge_);
    if (bridge) {
        bridge_index_ = bridge->index;
        note(report, Result<std::vector<std::string>>{bridge->changed});
    } else {
        report.failed.push_back(bridge.error().detail);
    }
    repair_links(report);
    std::vector<std::string> fresh;
    std::ranges::copy_if(report.failed, std::back_inserter(fresh), [&](const std::string& what) {
        return std::ranges::find(said_, what) == said_.end();
    });
    said_ = std::exchange(report.failed, std::move(fresh));
    return report;
}

void Network::repair_rules(WatchReport& report) {
    const auto checked = firewall_.check(mappings());
    note(report, checked);
    const bool services = checked && std::ranges::any_of(*checked, [&](const std::string& what) {
                              return what.find(names_.services) != std::string::npos;
                          });
    // What was sent meanwhile went nowhere, and would for as long as it goes on.
    if (services) (void)forget_datagrams_within(bridge_.services, {});
    note(report, translate().map([] { return std::string{}; }));
}

void Network::repair_links(WatchReport& report) {
    const auto there = links(kernel_);
    if (!there) {
        report.failed.push_back(there.error().detail);
        return;
    }
    for (const auto& entry : records_) {
        const std::string name = link_name(names_, bridge_.subnet, entry.second.address);
        const auto found = std::ranges::find(*there, name, &Link::name);
        note(report, repair_link(entry.second, found == there->end() ? nullptr : &*found));
    }
}

// A run killed while it attached a container may have left any part of it undone.
void Network::complete_links(WatchReport& report) {
    for (const auto& entry : records_) {
        const auto done = configure(kernel_, bridge_, bridge_index_, wire_of(entry.second));
        if (!done) {
            report.failed.push_back("container " + entry.first + ": " + done.error().detail);
        }
    }
}

Result<std::string> Network::repair_link(const Record& record, const Link* link) {
    const Wire wire = wire_of(record);
    if (link == nullptr) {
        if (!is_namespace(wire.namespace_path)) {
            return fail(Errc::NotFound, "the namespace of container " + record.container +
                                            " is gone; it needs a restart");
        }
        if (auto connected = connect(kernel_, bridge_, bridge_index_, wire); !connected) {
            return fail(connected.error());
        }
        return "the link of container " + record.container + " was gone";
    }
    if (link->up && link->master == bridge_index_) return std::string{};
    if (auto set = set_port(kernel_, link->index, bridge_index_, wire.remark); !set) {
        return fail(set.error());
    }
    return "link " + wire.link + " of container " + record.container + " was not on the bridge";
}

Result<std::vector<std::string>> Network::clear(const NodeId& node, const std::string& run_dir) {
    const Names names = names_of(node);
    auto cleared = Firewall::clear(names);
    if (!cleared) return cleared;
    if (auto gone = clear_links(names, *cleared); !gone) return fail(gone.error());
    for (const char* folder : {"/netns", "/containers"}) {
        if (auto gone = clear_folder(run_dir + folder, *cleared); !gone) return fail(gone.error());
    }
    const auto memory = RunDirectory{run_dir}.services_path();
    if (auto gone = remove_file(memory); !gone) return fail(gone.error());
    return cleared;
}

}  // namespace shoal::network
