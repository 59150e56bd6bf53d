#include "node/host/daemon/node.h"

#include "node/host/identity/files.h"
#include "node/host/identity/token.h"
#include "node/host/net/address.h"
#include "node/host/net/advertise.h"
#include "node/host/runtime/fake_runtime.h"

#include <spdlog/spdlog.h>

#include <array>
#include <filesystem>
#include <sstream>
#include <thread>
#include <unistd.h>
#include <utility>

namespace shoal::host {
namespace {

std::string host_name() {
    std::array<char, 256> text{};
    if (gethostname(text.data(), text.size() - 1) != 0) return "node";
    return text.data();
}

// The host's, less a tenth for the host itself.
placement::Resources host_capacity() {
    const auto cores = std::max(1U, std::thread::hardware_concurrency());
    const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
    const auto page = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE)));
    return {cores * 900, pages * page / 10 * 9};
}

std::vector<std::string> read_seeds(const std::string& path) {
    std::vector<std::string> out;
    const auto text = read_private_file(path, 64U << 10U);
    if (!text) return out;  // Founded here, or none are needed any more.
    std::istringstream lines{*text};
    for (std::string line; std::getline(lines, line);) {
        if (!line.empty()) out.push_back(line);
    }
    return out;
}

Result<void> write_seeds(const std::string& path, const std::vector<std::string>& seeds) {
    std::string text;
    for (const auto& seed : seeds) {
        text += seed + "\n";
    }
    return write_private_file(path, to_bytes(text));
}

}  // namespace

Node::Node(asio::io_context& loop, const Clock& clock, AgentOptions options,
           MakeRuntime make_containerd, Events events, DataDirectory data, SodiumSigner signer)
    : loop_(loop),
      clock_(clock),
      options_(std::move(options)),
      make_containerd_(std::move(make_containerd)),
      events_(std::move(events)),
      data_(std::move(data)),
      signer_(std::move(signer)) {
    keep_logs();
}

Result<std::unique_ptr<Node>> Node::open(asio::io_context& loop, const Clock& clock,
                                         AgentOptions options, MakeRuntime make_containerd,
                                         Events events) {
    auto data = DataDirectory::open(options.data_dir);
    if (!data) return fail(data.error());
    if (const auto& migrated = data->migrated()) {
        spdlog::info(
            "{} was of format {} and is of format {} now; what it was is kept in {}, to delete "
            "when no older shoal shall run here again",
            data->path(), migrated->from, migrated->to, migrated->backup);
    }
    auto membership = data->membership();
    if (!membership) return fail(membership.error());
    const bool nameless = membership->has_value() && !data->has_identity();
    auto signer = data->identity();
    if (!signer) return fail(signer.error());
    if (nameless) {
        spdlog::warn(
            "identity.key was missing in {}: to the others this is a new node from now on, {}; "
            "restore the file from a backup to be the old one again",
            data->path(), to_short(signer->id()));
    }
    std::unique_ptr<Node> out{new Node{loop, clock, std::move(options), std::move(make_containerd),
                                       std::move(events), std::move(*data), std::move(*signer)}};
    if (membership->has_value()) {
        auto seeds = read_seeds(out->data_.state_path() + "/seeds");
        const auto begun =
            out->become_member(std::move(**membership), std::move(seeds), Known::Before);
        if (!begun) return fail(begun.error());
    }
    return out;
}

std::optional<ClusterId> Node::cluster() const {
    if (!membership_) return std::nullopt;
    return membership_->cluster;
}

placement::NodeFacts Node::facts() const {
    auto capacity = host_capacity();
    if (options_.capacity.cpu_milli != 0) capacity.cpu_milli = options_.capacity.cpu_milli;
    if (options_.capacity.memory_bytes != 0) capacity.memory_bytes = options_.capacity.memory_bytes;
    return {.name = options_.name.empty() ? host_name() : options_.name,
            .zone = options_.zone,
            .version = SHOAL_VERSION,
            .labels = options_.labels,
            .capacity = capacity,
            .runtime = options_.runtime != RuntimeKind::None,
            .addresses = {advertised_},
            .privileged = options_.allow_privileged,
            .binds = options_.allow_bind};
}

Result<void> Node::choose_address(const std::vector<std::string>& seeds) {
    std::optional<Endpoint> towards;
    for (const auto& seed : seeds) {
        const auto at = parse_host_port(seed, kDefaultPort);
        if (!at) return fail(at.error());
        if (to_address(at->host)) towards = Endpoint{at->host, at->port};
    }
    const auto ip = choose_advertised({.advertise = options_.advertise,
                                       .bind = options_.bind,
                                       .route = route_source(towards),
                                       .interfaces = list_interfaces()});
    if (!ip) return fail(ip.error());
    advertised_ = {*ip, options_.port};
    return {};
}

Member::MakeRuntimeFor Node::runtime_maker(const ClusterId& cluster) {
    if (options_.runtime == RuntimeKind::Fake) {
        return [this, cluster](Runtime::Report report,
                               const FetchBlob& /*fetch*/) -> Result<std::unique_ptr<Runtime>> {
            return std::make_unique<FakeRuntime>(
                loop_,
                FakeRuntime::Places{.file = data_.state_path() + "/fake-containers.json",
                                    .logs = data_.log_path(),
                                    .volumes = data_.volumes_path(cluster)},
                std::move(report));
        };
    }
    if (options_.runtime == RuntimeKind::None || !make_containerd_) return {};
    return [this, cluster](Runtime::Report report, FetchBlob fetch) {
        // containerd and its shims have another working directory.
        const auto absolute = [](const std::string& path) {
            std::error_code ignored;
            return std::filesystem::absolute(path, ignored);
        };
        RuntimeBirth birth{.node = signer_.id(),
                           .socket = absolute(options_.containerd_socket),
                           .name_space = options_.containerd_namespace,
                           .log_path = absolute(data_.log_path()),
                           .volatile_path = absolute(options_.socket).parent_path(),
                           .bridged = options_.network == NetworkKind::Bridge,
                           .bridge_subnet = options_.bridge_subnet,
                           .service_subnet = options_.service_subnet,
                           .subnet_file = absolute(options_.data_dir) / "bridge-subnet",
                           .spool_path = absolute(data_.spool_path()),
                           .fetch_blob = std::move(fetch),
                           .volume_path = absolute(data_.volumes_path(cluster))};
        return make_containerd_(loop_, std::move(birth), std::move(report));
    };
}

Result<void> Node::become_member(Membership membership, std::vector<std::string> seeds,
                                 Known known) {
    if (const auto chosen = choose_address(seeds); !chosen) return chosen;
    if (const auto claimed = data_.claim_state(membership.cluster); !claimed) return claimed;
    Member::Birth birth{.state_path = data_.journal_path(),
                        .data_dir = data_.path(),
                        .spool_path = data_.spool_path(),
                        .volume_path = data_.volumes_path(membership.cluster),
                        .record = options_.record,
                        .lost_journal = known == Known::Before && !exists(data_.journal_path()),
                        .cluster = membership.cluster,
                        .bind = options_.bind,
                        .advertised = advertised_,
                        .seeds = std::move(seeds),
                        .facts = facts()};
    birth.make_runtime = runtime_maker(membership.cluster);
    auto member = Member::start(
        loop_, clock_, std::move(birth), membership.key, signer_, log_,
        {.must_stop = [this](const membership::MustStop& why) { ended(why); },
         .relay = [this](const NodeId& from,
                         std::shared_ptr<Pipe> pipe) { events_.relay(from, std::move(pipe)); }});
    if (!member) return fail(member.error());
    member_ = std::move(*member);
    membership_ = std::move(membership);
    return {};
}

// Entering is written down only once it has worked, so that a port in use leaves the node idle.
Result<Node::Entered> Node::init() {
    if (membership_) return Entered{membership_->cluster, false};
    auto founded = found_cluster("");
    const ClusterId cluster = founded.cluster;
    Membership written{founded.cluster, founded.name, founded.key.clone()};
    if (const auto begun = become_member(std::move(founded), {}, Known::Now); !begun)
        return fail(begun.error());
    if (const auto entered = data_.enter(written); !entered) {
        member_.reset();
        membership_.reset();
        return fail(entered.error());
    }
    return Entered{cluster, true};
}

Result<Node::Entered> Node::join(const std::vector<std::string>& seeds, std::string_view token) {
    auto parsed = parse_token(token);
    if (!parsed) return fail(parsed.error());
    if (membership_) {
        if (membership_->cluster == parsed->cluster) {
            if (membership_->key.same_as(parsed->key)) return Entered{parsed->cluster, false};
            return fail(Errc::Conflict, "this node is in cluster " + to_hex(parsed->cluster) +
                                            " already, but under another key than the token's; "
                                            "`shoal reset` first");
        }
        return fail(Errc::Conflict, "this node is in cluster " + to_hex(membership_->cluster) +
                                        ", the token is for cluster " + to_hex(parsed->cluster));
    }
    if (seeds.empty()) return fail(Errc::Malformed, "seeds: at least one HOST or HOST:PORT");
    for (const auto& seed : seeds) {
        if (const auto at = parse_host_port(seed, kDefaultPort); !at) return fail(at.error());
    }
    if (const auto claimed = data_.claim_state(parsed->cluster); !claimed) {
        return fail(claimed.error());
    }
    if (const auto kept = write_seeds(data_.state_path() + "/seeds", seeds); !kept) {
        return fail(kept.error());
    }
    const ClusterId cluster = parsed->cluster;
    Membership written{cluster, "", parsed->key.clone()};
    if (const auto begun = become_member({cluster, "", std::move(parsed->key)}, seeds, Known::Now);
        !begun) {
        return fail(begun.error());
    }
    if (const auto entered = data_.enter(written); !entered) {
        member_.reset();
        membership_.reset();
        return fail(entered.error());
    }
    return Entered{cluster, true};
}

Result<std::string> Node::token() const {
    if (!membership_) return fail(Errc::Unavailable, "this node is in no cluster");
    return make_token({membership_->cluster, membership_->key.clone()});
}

Result<std::vector<std::string>> Node::reset() {
    if (member_ && !member_->agent().placement().ledger().all().empty()) {
        return fail(Errc::Conflict,
                    "this node runs " +
                        std::to_string(member_->agent().placement().ledger().all().size()) +
                        " replicas");
    }
    member_.reset();
    membership_.reset();
    auto gone = clear();
    if (!gone) return fail(gone.error());
    auto signer = data_.identity();
    if (!signer) return fail(signer.error());
    signer_ = std::move(*signer);
    return gone;
}

Result<void> Node::leave(bool now, Duration deadline) {
    if (!member_) return fail(Errc::Unavailable, "this node is in no cluster");
    leaving_ = true;
    member_->leave(now, deadline);
    return {};
}

void Node::keep_logs() {
    logs_.emplace(loop_, logs::Keeper::Birth{.root = data_.log_path(),
                                             .live = [this] { return promised(); },
                                             .wall_ms = [this] { return clock_.wall().ms; },
                                             .keeping = {.disk_is_low = logs::disk_is_low}});
}

Result<std::vector<std::string>> Node::clear() {
    logs_.reset();
    auto gone = data_.reset();
    keep_logs();
    return gone;
}

// Whatever runs here was promised before, and is until it is gone.
logs::Containers Node::promised() const {
    logs::Containers out;
    if (!member_) return out;
    for (const auto& [id, promise] : member_->agent().placement().ledger().all()) {
        out.insert(id);
    }
    return out;
}

void Node::announce_restart() {
    if (member_) member_->announce_restart();
}

void Node::ended(const membership::MustStop& why) {
    if (why.twin) {
        events_.end(1, "another process uses this node's identity, at " + to_string(why.other) +
                           "; it runs on, this one stops. A cloned disk? Delete identity.key on "
                           "one of the two and join again");
        return;
    }
    member_.reset();
    membership_.reset();
    const auto gone = clear();
    events_.end(gone ? 0 : 1, gone ? "" : gone.error().detail);
}

}  // namespace shoal::host
