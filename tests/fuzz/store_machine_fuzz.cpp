// One store among members that sign what they like, over a journal that fails, through restarts.
#include "store/codec.h"
#include "store/store.h"
#include "tests/fuzz/feed.h"
#include "tests/support/disk.h"
#include "tests/support/signer.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>

namespace {

using namespace shoal;         // NOLINT(google-build-using-namespace)
using namespace shoal::store;  // NOLINT(google-build-using-namespace)
using tests::TestSigner;

constexpr std::size_t kStepsMax = 200;
constexpr std::size_t kFrameMax = std::size_t{1} << 20U;

// The first is the store's own.
const std::array<TestSigner, 4>& signers() {
    static const std::array<TestSigner, 4> kSigners{TestSigner{1}, TestSigner{2}, TestSigner{3},
                                                    TestSigner{4}};
    return kSigners;
}

const fuzz::Words& words() {
    static const fuzz::Words kWords{
        {signers()[0].id(), signers()[1].id(), signers()[2].id(), signers()[3].id()},
        {"a", "b", "c", "job/web", "node/self"}};
    return kWords;
}

Config small() {
    Config config;
    config.origins_max = 3;
    config.keys_max = 4;
    config.own.live_keys = 4;
    config.own.live_bytes = 64;
    return config;
}

// All records of a log as its holders have them.
std::size_t bytes_of(const OriginLog& log) {
    std::size_t out = 0;
    for (const auto& [key, stored] : log.records()) {
        out += stored.record.value.size();
    }
    return out;
}

class World {
public:
    explicit World(fuzz::Feed& feed) : feed_(feed), self_(signers()[0].id()) { boot(); }

    void step() {
        switch (feed_.below(16)) {
            case 0:
                return settle(true);
            case 1:
                return settle(!feed_.chance(4));
            case 2:
                return does(feed_.any<Publish>(words()));
            case 3:
                return write();
            case 4:
                return does(feed_.any<PeerChanged>(words()));
            case 5:
                return does(feed_.any<PeerReset>(words()));
            case 6:
                if (feed_.chance(8)) boot();
                return;
            case 7:
            case 8:
                now_ = feed_.later(now_, store_->wakeup());
                does(Tick{});
                SHOAL_CHECK(store_->wakeup() > now_);
                return;
            case 9:
            case 10:
                return hear_signed();
            default:
                return hear();
        }
    }

    // With the journal at rest, a restart knows what we knew.
    void finish() {
        while (!outstanding_.empty()) {
            settle(true);
        }
        if (failed_) return;
        const Store again{self_, small(), Random{1}, signers()[0], disk_.rows()};
        SHOAL_CHECK(again.map_fingerprint() == store_->map_fingerprint());
        SHOAL_CHECK(again.logs_fingerprint() == store_->logs_fingerprint());
    }

private:
    void boot() {
        outstanding_.clear();
        asked_.clear();
        store_ =
            std::make_unique<Store>(self_, small(), feed_.random(), signers()[0], disk_.rows());
        does(Start{feed_.number(1), ++boots_});
    }

    void write() {
        Write write = feed_.any<Write>(words());
        write.request = ++last_request_;
        asked_[write.request] = 0;
        does(write);
    }

    void hear() {
        const auto encode = [](const Message& m) { return encode_message(m); };
        const auto decode = [](ByteView bytes) { return decode_message(bytes); };
        const auto message = feed_.message<Message>(words(), encode, decode);
        if (message) does(Receive{feed_.pick(words().nodes), *message});
    }

    // A log that is well signed, whatever it says.
    void hear_signed() {
        const TestSigner& author = signers()[1 + feed_.below(signers().size() - 1)];
        Delta delta = feed_.any<Delta>(words());
        std::map<std::string, OriginLog::Stored> changed;
        for (const Record& record : delta.records) {
            changed[record.key] = {record, author.digest(hashed_part(record))};
        }
        const OriginLog* held = delta.reset ? nullptr : store_->log(author.id());
        const std::map<std::string, OriginLog::Stored> nothing;
        delta.head.origin = author.id();
        delta.head.key = author.public_key();
        if (held != nullptr && !feed_.chance(4)) {
            delta.from = held->head().seq;
            delta.head.log_epoch = held->head().log_epoch;
            delta.head.seq = held->head().seq + 1 + feed_.below(3);
        }
        delta.head.content = content_of(held == nullptr ? nothing : held->records(), changed,
                                        delta.head.floor, author);
        delta.head.signature = author.sign(signed_part(delta.head));
        does(Receive{feed_.pick(words().nodes), delta});
    }

    void settle(bool well) {
        if (outstanding_.empty()) return;
        const Persist persist = outstanding_.front();
        outstanding_.erase(outstanding_.begin());
        if (!well) {
            failed_ = true;
            return does(PersistFailed{persist.token, "full"});
        }
        disk_.write(persist.batch);
        if (persist.sync) does(Persisted{persist.token});
    }

    void does(const Input& input) {
        for (const Effect& effect : store_->step(now_, input)) {
            std::visit([this](const auto& one) { check(one); }, effect);
        }
        SHOAL_CHECK(store_->map().all().size() <= small().keys_max);
        SHOAL_CHECK(store_->logs().size() <= small().origins_max);
        std::uint64_t logs = 0;
        const auto add = [&](const NodeId& origin, const OriginLog& log) {
            SHOAL_CHECK(log.records().size() <= 2 * small().own.live_keys);
            SHOAL_CHECK(bytes_of(log) <= 2 * small().own.live_bytes);
            if (log.empty()) return;
            logs += position_hash({origin, log.head().log_epoch, log.head().seq});
        };
        add(self_, store_->own_log());
        for (const auto& [origin, log] : store_->logs()) {
            SHOAL_CHECK(!log.empty() && origin != self_);
            add(origin, log);
        }
        SHOAL_CHECK(logs == store_->logs_fingerprint());
    }

    void check(const Send& send) const {
        SHOAL_CHECK(send.to != self_);
        SHOAL_CHECK(encode_message(send.message).size() <= kFrameMax);
    }

    void check(const Persist& persist) {
        SHOAL_CHECK(outstanding_.empty() || persist.token > outstanding_.back().token);
        outstanding_.push_back(persist);
    }

    void check(const WriteDone& done) {
        const auto asked = asked_.find(done.request);
        SHOAL_CHECK(asked != asked_.end() && ++asked->second == 1);
    }

    template <class Other>
    void check(const Other& /*told*/) const {}

    fuzz::Feed& feed_;
    NodeId self_;
    tests::Disk disk_;
    std::unique_ptr<Store> store_;
    Instant now_{std::chrono::hours{1}};
    std::vector<Persist> outstanding_;
    std::map<std::uint64_t, int> asked_;  // requests, and how often each was answered
    std::uint64_t last_request_ = 0;
    std::uint64_t boots_ = 0;
    bool failed_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Feed feed{data, size};
    World world{feed};
    for (std::size_t i = 0; i < kStepsMax && !feed.empty(); ++i) {
        world.step();
    }
    world.finish();
    return 0;
}
