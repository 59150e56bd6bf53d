#include "node/host/network/network.h"

#include "node/host/network/conntrack.h"
#include "node/host/network/namespaces.h"
#include "node/host/network/subnet_choice.h"
#include "node/host/network/subnet_file.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace shoal::network {
namespace {

std::vector<Mapping> mappings_of(const Record& record) {
    std::vector<Mapping> out;
    for (const Publication& port : record.ports)
        out.push_back({port, record.address});
    return out;
}

Result<void> remove_links(Netlink& kernel, const std::function<bool(const std::string&)>& chosen) {
    const auto there = links(kernel);
    if (!there) return fail(there.error());
    for (const Link& link : *there) {
        if (!chosen(link.name)) continue;
        if (auto removed = remove_link(kernel, link.name); !removed) return removed;
    }
    return {};
}

}  // namespace

Network::Network(const Settings& settings, Netlink kernel, BridgePlan bridge, ServiceMemory memory)
    : names_(names_of(settings.node)),
      run_(settings.run_dir),
      bridge_(std::move(bridge)),
      kernel_(std::move(kernel)),
      memory_(std::move(memory)),
      firewall_(names_, bridge_.subnet, memory_.members),
      ports_(settings.dynamic_ports, settings.node.low) {}

Result<std::unique_ptr<Network>> Network::open(const Settings& settings) {
    if (settings.dynamic_ports.first == 0 ||
        settings.dynamic_ports.first > settings.dynamic_ports.last) {
        return fail(Errc::Malformed, "the range of dynamic ports is empty");
    }
    const RunDirectory run{settings.run_dir};
    if (auto made = run.make(); !made) return fail(made.error());
    const auto contents = run.read();
    if (!contents) return fail(contents.error());
    auto kernel = Netlink::routing();
    if (!kernel) return fail(kernel.error());

    const Names names = names_of(settings.node);
    const SubnetWish wish{settings.subnet_file, settings.bridge_subnet, settings.service_subnet,
                          names.bridge, settings.node.low};
    const auto subnets = decide_subnets(*kernel, wish, contents->alive);
    if (!subnets) return fail(subnets.error());
    const auto mtu = uplink_mtu(*kernel);
    if (!mtu) return fail(mtu.error());

    std::unique_ptr<Network> out{
        new Network{settings,
                    std::move(*kernel),
                    {names.bridge, subnets->bridge, subnets->services, *mtu},
                    read_memory(read_file(run.services_path()).value_or(""))}};
    if (auto swept = out->sweep(*contents); !swept) return fail(swept.error());
    out->adopt(contents->alive);
    if (auto begun = out->begin(); !begun) return fail(begun.error());
    return out;
}

// No other thread knows the object yet: no lock.
Result<void> Network::begin() {
    const auto forwarding = ensure_forwarding();
    if (!forwarding) return fail(forwarding.error());
    if (!forwarding->empty()) notices_.push_back(*forwarding + "; it is 1 now");
    // First of all: the rule that keeps loopback to the host comes with the table, and the switch
    // that makes it necessary with the bridge.
    if (auto installed = firewall_.install(mappings()); !installed) return installed;
    const auto bridge = ensure_bridge(kernel_, bridge_);
    if (!bridge) return fail(bridge.error());
    bridge_index_ = bridge->index;
    WatchReport report;
    repair_rules(report);
    if (!report.failed.empty()) return fail(Errc::Io, report.failed.front());
    // One container that cannot be helped keeps nobody from the others.
    repair_links(report);
    complete_links(report);
    using Sentences = std::vector<std::string>;
    for (const Sentences& part : {report.restored, report.failed, firewall_.notices()}) {
        notices_.insert(notices_.end(), part.begin(), part.end());
    }
    return {};
}

void Network::adopt(const std::vector<Record>& alive) {
    for (const Record& record : alive) {
        records_[record.container] = record;
        last_address_ = std::max(last_address_, record.address);
        for (const Publication& port : ports_.adopt(record.container, record.ports)) {
            notices_.push_back(to_string(port) + " leads to container " + record.container +
                               ", and another program is bound to it in vain");
        }
    }
}

Result<void> Network::sweep(const RunDirectory::Contents& contents) {
    for (const Record& dead : contents.dead) {
        const std::string path = run_.namespace_path(dead.container);
        if (auto gone = remove_namespace(path); !gone) return gone;
        if (auto gone = run_.forget(dead.container); !gone) return gone;
    }
    for (const std::string& path : contents.stray) {
        if (auto gone = RunDirectory::remove_stray(path); !gone) return gone;
    }
    std::set<std::string> wanted;
    for (const Record& record : contents.alive) {
        wanted.insert(link_name(names_, bridge_.subnet, record.address));
    }
    return remove_links(kernel_, [&](const std::string& name) {
        return name.starts_with(names_.link_prefix) && !wanted.contains(name);
    });
}

Result<Attachment> Network::attach(const std::string& container,
                                   const std::vector<PortRequest>& ports) {
    if (auto fine = check_container_id(container); !fine) return fail(fine.error());
    const std::lock_guard lock{mutex_};
    if (records_.contains(container)) {
        return fail(Errc::Conflict, "container " + container + " has a network already");
    }
    const auto record = reserve(container, ports);
    if (!record) return fail(record.error());
    records_[container] = *record;
    auto up = set_up(*record);
    if (up && is_in_project(container)) up = translate();
    if (!up) {
        (void)tear_down(*record);  // The first error says more than one of the undoing.
        return fail(up.error());
    }
    return attachment_of(*record);
}

Result<Record> Network::reserve(const std::string& container,
                                const std::vector<PortRequest>& ports) {
    std::vector<Ipv4> used;
    for (const auto& entry : records_)
        used.push_back(entry.second.address);
    std::ranges::sort(used);
    const auto address = choose_address(bridge_.subnet, last_address_, used);
    if (!address) {
        return fail(Errc::Full, "bridge subnet " + to_string(bridge_.subnet) +
                                    " has no address left for container " + container);
    }
    auto taken = ports_.take(container, ports);
    if (!taken) return fail(taken.error());
    last_address_ = *address;
    return Record{container, *address, std::move(*taken)};
}

Result<void> Network::set_up(const Record& record) {
    if (auto kept = run_.keep(record); !kept) return kept;
    const Wire wire = wire_of(record);
    if (auto made = make_namespace(wire.namespace_path); !made) return made;
    if (auto connected = connect(kernel_, bridge_, bridge_index_, wire); !connected)
        return connected;
    if (auto opened = firewall_.publish(mappings_of(record), mappings()); !opened) return opened;
    // A client of UDP that was there first would otherwise never be translated. If it cannot be
    // helped, new flows still are.
    std::vector<Ipv4> local;
    const auto all = addresses(kernel_);
    if (all) std::ranges::transform(*all, std::back_inserter(local), &Address::address);
    for (const Publication& port : record.ports)
        (void)forget_datagrams_to(port, local);
    return {};
}

Result<void> Network::detach(const std::string& container) {
    if (auto fine = check_container_id(container); !fine) return fine;
    const std::lock_guard lock{mutex_};
    const auto found = records_.find(container);
    if (found == records_.end()) return {};
    return tear_down(Record{found->second});
}

// From the outside in; every step is taken even if one before it failed.
Result<void> Network::tear_down(const Record& record) {
    Result<void> first;
    const auto note = [&](const Result<void>& step) {
        if (!step && first) first = step;
    };
    std::vector<Mapping> others = mappings();
    const std::vector<Mapping> own = mappings_of(record);
    std::erase_if(others, [&](const Mapping& m) { return m.container == record.address; });
    note(translate(record.container));
    note(firewall_.withdraw(own, others));
    // Clients are told at once that nobody answers; left alone, they would find out later.
    if (!own.empty() || is_in_project(record.container)) (void)forget_flows_to(record.address);
    note(remove_link(kernel_, link_name(names_, bridge_.subnet, record.address)));
    note(remove_namespace(run_.namespace_path(record.container)));
    if (!first) return first;
    if (auto forgotten = run_.forget(record.container); !forgotten) return forgotten;
    ports_.release(record.container);
    records_.erase(record.container);
    return {};
}

Result<std::vector<std::string>> Network::keep_only(const std::set<std::string>& containers) {
    std::vector<std::string> gone;
    for (const Attachment& attachment : attachments()) {
        if (containers.contains(attachment.container)) continue;
        if (auto detached = detach(attachment.container); !detached) return fail(detached.error());
        gone.push_back(attachment.container);
    }
    return gone;
}

std::optional<Attachment> Network::find(const std::string& container) const {
    const std::lock_guard lock{mutex_};
    const auto found = records_.find(container);
    if (found == records_.end()) return std::nullopt;
    return attachment_of(found->second);
}

std::vector<Attachment> Network::attachments() const {
    const std::lock_guard lock{mutex_};
    std::vector<Attachment> out;
    for (const auto& entry : records_)
        out.push_back(attachment_of(entry.second));
    return out;
}

std::vector<Mapping> Network::mappings() const {
    std::vector<Mapping> out;
    for (const auto& entry : records_) {
        const auto own = mappings_of(entry.second);
        out.insert(out.end(), own.begin(), own.end());
    }
    return out;
}

Wire Network::wire_of(const Record& record) const {
    return {link_name(names_, bridge_.subnet, record.address),
            run_.namespace_path(record.container), "shoal container " + record.container,
            record.address, bridge_.mtu};
}

Attachment Network::attachment_of(const Record& record) const {
    return {record.container, run_.namespace_path(record.container), record.address, record.ports};
}

}  // namespace shoal::network
