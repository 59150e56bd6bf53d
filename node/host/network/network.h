// The container network of one node: everything the runtime needs to know of it.
//
//     auto network = Network::open(settings);            // once, at start
//     auto attachment = (*network)->attach(id, ports);    // before the container is made
//     ... run it in attachment->namespace_path ...
//     (*network)->detach(id);                             // when it is gone
//     (*network)->serve(projects, members);               // whenever any of it changes
//     (*network)->watch();                                // every few seconds
//
// Crash-only: nothing in the kernel depends on this object or its process. Containers keep their
// network when the agent ends, however it ends, and the next open() finds them by what exists. Then
// keep_only() removes what belongs to containers that are no more.
//
// Calls block for some milliseconds (detach some tens, the kernel's pace) and may come from any
// thread. Needs root, or CAP_NET_ADMIN and CAP_SYS_ADMIN.
#pragma once

#include "node/base/id.h"
#include "node/host/network/bridge.h"
#include "node/host/network/firewall.h"
#include "node/host/network/host_ports.h"
#include "node/host/network/run_directory.h"
#include "node/host/network/service_addresses.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace shoal::network {

struct Settings {
    NodeId node{};
    std::string run_dir{};         // "/run/shoal/7f3a91c2", of this node alone; made if missing
    std::string subnet_file{};     // in the data directory; remembers the chosen subnet
    std::string bridge_subnet{};   // --bridge-subnet, "10.210.4.0/24"; empty: remembered or chosen
    std::string service_subnet{};  // --service-subnet, likewise
    PortRange dynamic_ports{};
};

struct Attachment {
    std::string container{};
    std::string namespace_path{};  // for the OCI spec
    Ipv4 address{};
    std::vector<Publication> ports{};  // in the order they were asked for

    friend bool operator==(const Attachment&, const Attachment&) = default;
};

// What a check found. Both lists are sentences for the log.
struct WatchReport {
    std::vector<std::string> restored{};  // was not as it should be, and is again
    std::vector<std::string> failed{};    // could not be restored; said once, not at every check
};

class Network {
public:
    // Makes or adopts the bridge, the rules and whatever containers an earlier run left alive, and
    // removes the rest of it. Errors: a subnet that is malformed or taken; a missing `nft`; no
    // right to do any of this.
    [[nodiscard]] static Result<std::unique_ptr<Network>> open(const Settings& settings);

    // All or nothing: after an error nothing is left that could be removed again. Conflict: the
    // container is attached already, or a port is taken (named). Full: no address or no dynamic
    // port is left.
    [[nodiscard]] Result<Attachment> attach(const std::string& container,
                                            const std::vector<PortRequest>& ports);

    // Idempotent. After an error what could be removed is gone, and calling again does the rest.
    [[nodiscard]] Result<void> detach(const std::string& container);

    // Detaches all others; returns which they were.
    [[nodiscard]] Result<std::vector<std::string>> keep_only(
        const std::set<std::string>& containers);

    // What containers here reach by the names of services, and whose ports for members alone
    // answer. Until it is first told, all stays as the run before left it.
    [[nodiscard]] Result<void> serve(std::vector<Project> projects, std::vector<Ipv4> members);

    // Nothing: no container of the project is here, or no address was left.
    [[nodiscard]] std::optional<Ipv4> service_address(const std::string& project,
                                                      const std::string& service) const;

    [[nodiscard]] std::optional<Attachment> find(const std::string& container) const;
    [[nodiscard]] std::vector<Attachment> attachments() const;

    // Restores what others removed or reset. Cheap while nothing changed: no program is run.
    [[nodiscard]] WatchReport watch();

    // What open() changed on the host beyond its own things, and what may stand in the way.
    [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }

    [[nodiscard]] const BridgePlan& bridge() const { return bridge_; }

    // Removes everything a node has in the kernel and in `run_dir`, its containers' links included;
    // returns what that was. No Network of this node may be open.
    [[nodiscard]] static Result<std::vector<std::string>> clear(const NodeId& node,
                                                                const std::string& run_dir);

private:
    Network(const Settings& settings, Netlink kernel, BridgePlan bridge, ServiceMemory memory);

    [[nodiscard]] Result<void> begin();
    [[nodiscard]] static Result<std::string> ensure_forwarding();
    void adopt(const std::vector<Record>& alive);
    [[nodiscard]] Result<void> sweep(const RunDirectory::Contents& contents);
    [[nodiscard]] Result<void> set_up(const Record& record);
    [[nodiscard]] Result<void> tear_down(const Record& record);
    [[nodiscard]] Result<Record> reserve(const std::string& container,
                                         const std::vector<PortRequest>& ports);

    [[nodiscard]] Result<void> remember(ServiceMemory memory);
    [[nodiscard]] Result<void> translate(const std::string& leaving = {});
    [[nodiscard]] bool is_in_project(const std::string& container) const;

    void repair_rules(WatchReport& report);
    void repair_links(WatchReport& report);
    void complete_links(WatchReport& report);
    [[nodiscard]] Result<std::string> repair_link(const Record& record, const Link* link);

    [[nodiscard]] std::vector<Mapping> mappings() const;
    [[nodiscard]] Wire wire_of(const Record& record) const;
    [[nodiscard]] Attachment attachment_of(const Record& record) const;

    mutable std::mutex mutex_;  // over all below
    Names names_;
    RunDirectory run_;
    BridgePlan bridge_;
    int bridge_index_ = 0;
    Netlink kernel_;
    ServiceMemory memory_;
    Firewall firewall_;
    HostPorts ports_;
    std::map<std::string, Record> records_;
    Ipv4 last_address_{};
    bool serving_ = false;  // told what to serve
    std::vector<Project> projects_;
    std::optional<std::vector<Translation>> translations_;  // as the kernel has them
    std::vector<std::string> notices_;
    std::vector<std::string> said_;  // failures of the last check
};

}  // namespace shoal::network
