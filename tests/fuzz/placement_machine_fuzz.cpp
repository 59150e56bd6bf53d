// One node of the market among coordinators and bidders that say anything, over a ledger that is
// not always written and a runtime that does not always do as it is told.
#include "placement/codec.h"
#include "placement/placement.h"
#include "tests/fuzz/feed.h"
#include "tests/support/disk.h"

#include <algorithm>
#include <memory>

namespace {

using namespace shoal;             // NOLINT(google-build-using-namespace)
using namespace shoal::placement;  // NOLINT(google-build-using-namespace)

constexpr NodeId kSelf{0, 3};
constexpr std::size_t kStepsMax = 200;
constexpr std::size_t kFrameMax = std::size_t{1} << 20U;
constexpr Resources kCapacity{400, 512ULL << 20U};

const fuzz::Words& words() {
    static const fuzz::Words kWords{{{0, 1}, {0, 2}, kSelf, {0, 4}}, {"web", "db", "app/api"}};
    return kWords;
}

class World {
public:
    // A sound world's runtime holds only what we started, and its ledger only what we wrote.
    explicit World(fuzz::Feed& feed) : feed_(feed), sound_(feed.chance(2)) {
        for (auto left = sound_ ? 0 : feed_.below(4); left > 0; --left) {
            corrupt_row();
        }
        boot();
    }

    void step() {
        switch (feed_.below(20)) {
            case 0:
            case 1:
                return settle(true);
            case 2:
                return settle(!feed_.chance(2));
            case 3:
                return does(RuntimeListed{reports()});
            case 4:
                return does(RuntimeReported{report()});
            case 5:
                return answer_check();
            case 6:
            case 7:
                return change_job();
            case 8:
                return does(feed_.any<ClaimsSeen>(words()));
            case 9:
                return does(FactsSeen{feed_.pick(words().nodes), facts()});
            case 10:
                return does(feed_.any<PeerChanged>(words()));
            case 11:
                return does(SyncedWith{feed_.pick(words().nodes)});
            case 12:
                if (feed_.chance(8)) return does(feed_.any<Drain>());
                if (feed_.chance(8)) boot();
                return;
            case 13:
            case 14:
                now_ = feed_.later(now_, machine_->wakeup());
                does(Tick{});
                SHOAL_CHECK(machine_->wakeup() > now_);
                return;
            case 15:
            case 16:
                return win();
            default:
                return hear();
        }
    }

private:
    void corrupt_row() {
        Row row = feed_.any<Row>(words());
        row.table = Table::Ledger;
        const auto promise = feed_.any<Promise>(words());
        const auto key = claim_key(promise.slot, promise.epoch);
        if (feed_.chance(2)) row = {Table::Ledger, "promise/" + key, Blob{encode_promise(promise)}};
        if (feed_.chance(4)) row.key = "ended/" + key;
        if (row.value) disk_.write({row});
    }

    NodeFacts facts() {
        NodeFacts out{.name = "node", .capacity = kCapacity, .runtime = true};
        if (!feed_.chance(4)) return out;
        out = feed_.any<NodeFacts>(words());
        return out;
    }

    JobSpec spec() {
        JobSpec out = feed_.any<JobSpec>(words());
        out.replicas %= 8;
        out.container.image = "app";
        out.constraints.clear();
        if (!feed_.chance(4)) out.container.need = {10, 1U << 20U};
        return out;
    }

    void boot() {
        outstanding_.clear();
        tickets_.clear();
        machine_ = std::make_unique<Placement>(kSelf, Config{}, feed_.random(), disk_.rows());
        NodeFacts ours{.name = "self", .capacity = kCapacity, .runtime = true};
        does(Start{ours, feed_.chance(2)});
        does(RuntimeListed{reports()});
    }

    ContainerReport report() {
        ContainerReport out = feed_.any<ContainerReport>(words());
        if (!started_.empty() && (sound_ || !feed_.chance(4))) out.id = feed_.pick(started_);
        if (sound_ && started_.empty()) out.state = ContainerState::Gone;
        return out;
    }

    void answer_check() {
        CheckReport out = feed_.any<CheckReport>(words());
        if (!feed_.chance(4)) {
            out.id = asked_.id;
            out.number = asked_.number;
        }
        does(out);
    }

    std::vector<ContainerReport> reports() {
        std::vector<ContainerReport> out;
        for (auto left = feed_.below(3); left > 0; --left) {
            out.push_back(report());
        }
        return out;
    }

    void change_job() {
        JobChanged changed{.job = feed_.pick(words().texts), .gen = feed_.number(1)};
        if (!feed_.chance(4)) {
            changed.spec = spec();
            changed.spec->name = changed.job;
            if (!validate(*changed.spec)) return;
        }
        does(changed);
    }

    // An award for a bid that was made.
    void win() {
        if (tickets_.empty()) {
            return does(Receive{words().nodes[0], BidRequest{.request = 1,
                                                             .job = feed_.pick(words().texts),
                                                             .slots = 3,
                                                             .need = {10, 1U << 20U}}});
        }
        Award award{.request = feed_.number(1), .ticket = feed_.pick(tickets_), .spec = spec()};
        award.slots = feed_.any<std::vector<AwardedSlot>>(words());
        does(Receive{feed_.pick(words().nodes), award});
    }

    void hear() {
        const auto encode = [](const Message& m) { return encode_message(m); };
        const auto decode = [](ByteView bytes) { return decode_message(bytes); };
        const auto message = feed_.message<Message>(words(), encode, decode);
        if (message) does(Receive{feed_.pick(words().nodes), *message});
    }

    void settle(bool well) {
        if (outstanding_.empty()) return;
        const Persist persist = outstanding_.front();
        outstanding_.erase(outstanding_.begin());
        if (!well) return does(PersistFailed{persist.token});
        disk_.write(persist.batch);
        does(Persisted{persist.token});
    }

    void does(const Input& input) {
        for (const Effect& effect : machine_->step(now_, input)) {
            std::visit([this](const auto& one) { check(one); }, effect);
        }
        for (const auto& [id, promise] : machine_->ledger().all()) {
            SHOAL_CHECK(promise.host_ports.size() == promise.spec.container.ports.size());
        }
        const auto used = machine_->ledger().used();
        if (sound_) {
            SHOAL_CHECK(used.cpu_milli <= kCapacity.cpu_milli);
            SHOAL_CHECK(used.memory_bytes <= kCapacity.memory_bytes);
        }
        (void)machine_->jobs();
    }

    void check(const Send& send) {
        SHOAL_CHECK(send.to != kSelf);
        SHOAL_CHECK(encode_message(send.message).size() <= kFrameMax);
        const auto* bid = std::get_if<Bid>(&send.message);
        if (bid != nullptr && tickets_.size() < 8) tickets_.push_back(bid->ticket);
    }

    void check(const StartContainer& start) {
        SHOAL_CHECK(machine_->is_synced(start.id) || !machine_->ledger().all().contains(start.id));
        const auto on_disk = [&](const Row& row) {
            return row.key == "promise/" + claim_key(start.id.slot, start.id.epoch);
        };
        const auto rows = disk_.rows();
        if (sound_) SHOAL_CHECK(std::any_of(rows.begin(), rows.end(), on_disk));
        if (started_.size() < 32) started_.push_back(start.id);
    }

    void check(const CheckContainer& asked) {
        SHOAL_CHECK(asks(asked.check) && !asked.check.test.empty());
        SHOAL_CHECK(asked.check.interval_ms >= kCheckEveryMin && asked.check.timeout_ms > 0);
        asked_ = asked;
    }

    void check(const Persist& persist) {
        SHOAL_CHECK(outstanding_.empty() || persist.token > outstanding_.back().token);
        outstanding_.push_back(persist);
    }

    template <class Other>
    void check(const Other& /*told*/) const {}

    fuzz::Feed& feed_;
    bool sound_;
    tests::Disk disk_;
    std::unique_ptr<Placement> machine_;
    Instant now_{std::chrono::hours{1}};
    std::vector<Persist> outstanding_;
    std::vector<Ticket> tickets_;
    std::vector<ContainerId> started_;
    CheckContainer asked_{};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Feed feed{data, size};
    World world{feed};
    for (std::size_t i = 0; i < kStepsMax && !feed.empty(); ++i) {
        world.step();
    }
    return 0;
}
