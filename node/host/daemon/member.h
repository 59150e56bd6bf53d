// One node that is in a cluster: the agent and the world around it. Carries out what the agent asks
// and feeds it what happened; decides nothing.
#pragma once

#include "node/host/daemon/event_log.h"
#include "node/host/daemon/limited_log.h"
#include "node/host/daemon/machine.h"
#include "node/host/daemon/seeds.h"
#include "node/host/daemon/service_watch.h"
#include "node/host/daemon/space_watch.h"
#include "node/host/http/client.h"
#include "node/host/identity/data_directory.h"
#include "node/host/images/fetcher.h"
#include "node/host/images/keeper.h"
#include "node/host/images/uploads.h"
#include "node/host/net/transport.h"
#include "node/host/runtime/runtime.h"
#include "store/rocks_journal.h"

#include <asio/io_context.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host {

class Member {
public:
    using MakeRuntimeFor =
        std::function<Result<std::unique_ptr<Runtime>>(Runtime::Report, FetchBlob)>;

    struct Birth {
        std::string state_path{};
        MakeRuntimeFor make_runtime{};  // empty: runs no containers
        std::string data_dir{};
        std::string spool_path{};   // of images
        std::string volume_path{};  // where the directories of volumes are
        std::string record{};       // empty: no recording
        bool lost_journal = false;  // a member already, and no journal there
        ClusterId cluster{};
        std::string bind{};
        Endpoint advertised{};
        std::vector<std::string> seeds{};
        placement::NodeFacts facts{};
    };

    struct Events {
        // Nothing happens here any more; called once, from the loop.
        std::function<void(const membership::MustStop&)> must_stop{};
        std::function<void(const NodeId&, std::shared_ptr<Pipe>)> relay{};
    };

    // `key` and `signer` must outlive the member, and so must `loop`, `clock` and `events`.
    static Result<std::unique_ptr<Member>> start(asio::io_context& loop, const Clock& clock,
                                                 Birth birth, const Secret& key,
                                                 const SodiumSigner& signer, EventLog& log,
                                                 Events events);
    ~Member();
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    [[nodiscard]] const agent::Agent& agent() const { return machine_->agent(); }

    using Written = std::function<void(const store::WriteDone&)>;
    // `request` is set here.
    void write(agent::ClientWrite write, Written done);
    void submit(agent::ClientJob job, Written done);

    void remove_volume(const placement::VolumeId& volume);

    [[nodiscard]] const std::string& volume_path() const { return birth_.volume_path; }

    void leave(bool now, Duration deadline);
    void announce_restart();

    // A pipe to the API of another node.
    void open_relay(const NodeId& node, Transport::Relayed done);

    // Asks the API of another node, which takes it for a request of this one.
    void ask(const NodeId& node, const http::Request& request, http::Forwarded done);

    // What a container of this node uses now; nothing if that cannot be told.
    [[nodiscard]] std::optional<oci::Usage> usage(const placement::ContainerId& id) {
        return runtime_ ? runtime_->usage(id) : std::nullopt;
    }

    // Of the runtime; null if it has none.
    [[nodiscard]] Images* images() { return runtime_ ? runtime_->images() : nullptr; }

    [[nodiscard]] images::Keeper* image_keeper() { return keeper_.get(); }

    [[nodiscard]] images::Uploads& uploads() { return uploads_; }

    [[nodiscard]] const Seeds& seeds() const { return seeds_; }

    // Has seeds, and none of them nor anybody else has answered yet.
    [[nodiscard]] bool joining() const;
    [[nodiscard]] std::vector<std::string> warnings() const;

private:
    Member(asio::io_context& loop, const Clock& clock, Birth birth, const Secret& key,
           const SodiumSigner& signer, EventLog& log, Events events);

    Result<void> open();
    Result<void> listen();
    void begin(Snapshot rows, std::optional<Recorder> recorder);
    void begin_housekeeping();
    [[nodiscard]] images::Fetcher::World fetch_world();
    void space_changed(const std::string& low);
    [[nodiscard]] TransportEvents transport_events();

    void carry_out(const agent::Effect& effect);
    void carry(const agent::Transmit& effect);
    void carry(const agent::Persist& effect);
    void carry(const agent::ResolveSeeds& effect);
    void carry(const agent::ProbeStream& effect);
    void carry(const agent::StartContainer& effect);
    void carry(const agent::StopContainer& effect);
    void carry(const agent::CheckContainer& effect);
    void carry(const agent::WriteDone& effect);
    void carry(const agent::MustStop& effect);
    void carry(const agent::MemberChanged& effect);

    void carry(const agent::FactChanged& effect);
    void carry(const agent::EntryChanged& effect);
    void carry(const agent::SlotDecided& effect);
    void carry(const agent::DeleteVolume& effect);
    void carry(const membership::Notice& effect);
    void carry(const store::Notice& effect);

    void received(const NodeId& from, const Endpoint& source, agent::Channel channel,
                  ByteView bytes);
    void runtime_troubled(const std::string& why);
    // Told now, and in the status from now on.
    void warn(const std::string& about, const std::string& text);
    void tell(const std::string& kind, const std::string& subject, const std::string& text);

    asio::io_context& loop_;
    const Clock& clock_;
    Birth birth_;
    const SodiumSigner& signer_;
    EventLog& log_;
    Events events_;
    LimitedLog limited_;
    ClusterKeyRing keys_;
    Seeds seeds_;
    std::uint64_t boot_ = 0;
    std::unique_ptr<store::RocksJournal> journal_;
    std::unique_ptr<Transport> transport_;
    images::Uploads uploads_;
    std::unique_ptr<images::Fetcher> fetcher_;
    std::unique_ptr<Runtime> runtime_;
    std::unique_ptr<Machine> machine_;
    std::unique_ptr<images::Keeper> keeper_;
    std::unique_ptr<SpaceWatch> space_;
    std::unique_ptr<ServiceWatch> services_;
    std::uint64_t last_request_ = 0;
    std::map<std::uint64_t, Written> writes_;
    std::map<std::string, std::string> warnings_;  // by what they are about
    std::vector<std::string> clashes_;             // of names, as last told
    // Callbacks from other threads hold this weakly: gone with the member.
    std::shared_ptr<Member*> alive_;
};

}  // namespace shoal::host
