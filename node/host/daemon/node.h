// The daemon's state: in no cluster (idle), or a Member of one; and the ways between.
#pragma once

#include "node/host/daemon/clock.h"
#include "node/host/daemon/event_log.h"
#include "node/host/daemon/member.h"
#include "node/host/daemon/options.h"
#include "node/host/identity/data_directory.h"
#include "node/host/logs/keeper.h"
#include "node/host/runtime/make_runtime.h"

#include <asio/io_context.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host {

class Node {
public:
    struct Events {
        std::function<void(const NodeId&, std::shared_ptr<Pipe>)> relay{};
        // The process must end: 0 after leaving, 1 with a reason.
        std::function<void(int status, const std::string& why)> end{};
    };

    // Opens the data directory and goes on with the cluster it belongs to, if any.
    static Result<std::unique_ptr<Node>> open(asio::io_context& loop, const Clock& clock,
                                              AgentOptions options, MakeRuntime make_containerd,
                                              Events events);

    struct Entered {
        ClusterId cluster{};
        bool changed = false;  // false: it was in this cluster already
    };

    // Founds a cluster; in one already: says which.
    Result<Entered> init();
    // Conflict: in another cluster, both named. Malformed: token or addresses.
    Result<Entered> join(const std::vector<std::string>& seeds, std::string_view token);
    // The line of text that lets others in; a secret.
    Result<std::string> token() const;
    // Leaves nothing of the cluster here. Conflict: containers run.
    Result<std::vector<std::string>> reset();
    // Bids no more, stops what runs, says LEFT; then Events::end(0).
    Result<void> leave(bool now, Duration deadline);
    void announce_restart();

    [[nodiscard]] Member* member() { return member_.get(); }

    [[nodiscard]] const Member* member() const { return member_.get(); }

    [[nodiscard]] std::optional<ClusterId> cluster() const;

    [[nodiscard]] bool leaving() const { return leaving_; }

    [[nodiscard]] const AgentOptions& options() const { return options_; }

    [[nodiscard]] const Endpoint& advertised() const { return advertised_; }

    [[nodiscard]] EventLog& events() { return log_; }

    // What containers of this node have said.
    [[nodiscard]] logs::Keeper& logs() { return *logs_; }

    [[nodiscard]] const Clock& clock() const { return clock_; }

private:
    Node(asio::io_context& loop, const Clock& clock, AgentOptions options,
         MakeRuntime make_containerd, Events events, DataDirectory data, SodiumSigner signer);

    // Since when this node is in the cluster: an earlier start, or this moment.
    enum class Known : std::uint8_t { Before, Now };

    Result<void> become_member(Membership membership, std::vector<std::string> seeds, Known known);
    Result<void> choose_address(const std::vector<std::string>& seeds);
    [[nodiscard]] placement::NodeFacts facts() const;
    [[nodiscard]] Member::MakeRuntimeFor runtime_maker(const ClusterId& cluster);
    void ended(const membership::MustStop& why);
    // Deletes what belongs to the cluster, while nobody looks after its logs.
    Result<std::vector<std::string>> clear();
    void keep_logs();
    [[nodiscard]] logs::Containers promised() const;

    asio::io_context& loop_;
    const Clock& clock_;
    AgentOptions options_;
    MakeRuntime make_containerd_;
    Events events_;
    DataDirectory data_;
    SodiumSigner signer_;
    EventLog log_;
    std::optional<Membership> membership_;
    Endpoint advertised_{};
    std::unique_ptr<Member> member_;
    bool leaving_ = false;
    std::optional<logs::Keeper> logs_;
};

}  // namespace shoal::host
