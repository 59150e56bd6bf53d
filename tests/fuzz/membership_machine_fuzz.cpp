// One membership machine among members that say anything, over a disk that fails, through restarts.
#include "membership/codec.h"
#include "membership/membership.h"
#include "tests/fuzz/feed.h"
#include "tests/support/disk.h"

#include <memory>
#include <set>

namespace {

using namespace shoal;              // NOLINT(google-build-using-namespace)
using namespace shoal::membership;  // NOLINT(google-build-using-namespace)

constexpr NodeId kSelf{0, 4};
constexpr std::size_t kMembersMax = 24;
constexpr std::size_t kStepsMax = 300;

const fuzz::Words& words() {
    static const fuzz::Words kWords{{{0, 1}, {0, 2}, {0, 3}, kSelf, {0, 5}, {0, 6}},
                                    {"10.0.0.1", "10.0.0.2", "fd00::7", ""}};
    return kWords;
}

class World {
public:
    explicit World(fuzz::Feed& feed) : feed_(feed) {
        for (auto left = feed_.below(4); left > 0; --left) {
            corrupt_row();
        }
        boot();
    }

    void step() {
        switch (feed_.below(16)) {
            case 0:
                return settle(true);
            case 1:
                return settle(false);
            case 2:
                return does(SeedsResolved{feed_.any<SeedsResolved>(words()).seeds});
            case 3:
                return does(StreamBroken{feed_.pick(words().nodes)});
            case 4:
                return probed();
            case 5:
                if (feed_.chance(16)) return does(Leave{});
                return does(Restarting{});
            case 6:
                if (feed_.chance(4)) boot();
                return;
            case 7:
            case 8:
            case 9:
                now_ = feed_.later(now_, machine_->wakeup());
                does(Tick{});
                SHOAL_CHECK(machine_->wakeup() > now_);
                return;
            default:
                return hear();
        }
    }

private:
    void corrupt_row() {
        auto row = feed_.any<Row>(words());
        if (feed_.chance(2)) {
            row = {Table::Members, row.key, Blob{encode_claim(feed_.any<Claim>(words()))}};
        }
        if (feed_.chance(4)) row.key = "membership/incarnation";
        if (row.value) disk_.write({row});
    }

    void boot() {
        outstanding_.clear();
        questions_.clear();
        const Config config{.incarnation_block = 4, .members_max = kMembersMax};
        machine_ = std::make_unique<Membership>(kSelf, config, feed_.random(), 1 + feed_.number(),
                                                disk_.rows());
        does(Start{{"10.0.0.4", 7373}, feed_.chance(2)});
    }

    void hear() {
        const auto encode = [](const Message& m) { return encode_message(m); };
        const auto decode = [](ByteView bytes) { return decode_message(bytes); };
        const auto message = feed_.message<Message>(words(), encode, decode);
        if (!message) return;
        does(Receive{feed_.pick(words().nodes), {"10.0.0.9", 1}, *message});
    }

    void probed() {
        StreamProbed probed = feed_.any<StreamProbed>(words());
        if (!questions_.empty() && !feed_.chance(8)) {
            const auto& asked = feed_.pick(questions_);
            probed.peer = asked.peer;
            probed.question = asked.question;
        }
        does(probed);
    }

    // The journal answers, in the order it was asked.
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
        const auto members = machine_->members();
        SHOAL_CHECK(members.size() <= kMembersMax + 1);
        // Whatever we speak under, a restart begins above it.
        if (machine_->started()) SHOAL_CHECK(machine_->incarnation() <= reserved());
    }

    [[nodiscard]] std::uint64_t reserved() const {
        std::uint64_t out = 0;
        for (const Row& row : disk_.rows()) {
            if (row.table != Table::Meta || row.key != "membership/incarnation") continue;
            for (const auto byte : row.value->view()) {
                out = (out << 8U) | byte;
            }
        }
        return out;
    }

    void check(const Send& send) const {
        SHOAL_CHECK(send.to != kSelf);
        SHOAL_CHECK(encode_message(send.message).size() <= kDatagramBytesMax);
    }

    void check(const SendStream& send) const { SHOAL_CHECK(send.to != kSelf); }

    void check(const ProbeStream& probe) {
        SHOAL_CHECK(probe.peer != kSelf);
        if (questions_.size() < 64) questions_.push_back(probe);
    }

    void check(const Persist& persist) {
        SHOAL_CHECK(outstanding_.empty() || persist.token > outstanding_.back().token);
        outstanding_.push_back(persist);
    }

    template <class Other>
    void check(const Other& /*told*/) const {}

    fuzz::Feed& feed_;
    tests::Disk disk_;
    std::unique_ptr<Membership> machine_;
    Instant now_{std::chrono::hours{1}};
    std::vector<Persist> outstanding_;
    std::vector<ProbeStream> questions_;
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
