// One whole node among members that say anything: what it is told and what it then does, and that
// the recording of it all replays to the same.
#include "node/agent/agent.h"
#include "node/agent/envelope.h"
#include "node/agent/recording.h"
#include "tests/fuzz/feed.h"
#include "tests/support/disk.h"
#include "tests/support/signer.h"

#include <algorithm>
#include <array>

namespace {

using namespace shoal;         // NOLINT(google-build-using-namespace)
using namespace shoal::agent;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kStepsMax = 120;
constexpr std::size_t kFrameMax = std::size_t{1} << 20U;
const NodeId kAnn{0, 1};
const NodeId kBob{0, 2};

const tests::TestSigner& signer() {
    static const tests::TestSigner kSigner{1};
    return kSigner;
}

const fuzz::Words& words() {
    static const fuzz::Words kWords{{kAnn, kBob, signer().id()},
                                    {"web", "job/web", "node/self", "alloc/web/0/1", "10.0.0.1"}};
    return kWords;
}

placement::NodeFacts facts() {
    return {.name = "self", .capacity = {4000, 4ULL << 30U}, .runtime = true};
}

class World {
public:
    explicit World(fuzz::Feed& feed)
        : feed_(feed),
          recorder_(signer()),
          header_{.self = signer().id(),
                  .boot = 1,
                  .seed = feed.number(),
                  .key = signer().public_key()},
          agent_({header_.self, header_.boot}, {}, Random{header_.seed}, recorder_, header_.rows) {
        recording_ = encode_frame(header_);
        does(Start{{"10.0.0.9", 7373}, feed_.chance(2), facts(), {}});
        does(RuntimeListed{});
        settle(true);
    }

    void step() {
        switch (feed_.below(16)) {
            case 0:
            case 1:
                return settle(true);
            case 2:
                return settle(!feed_.chance(4));
            case 3:
                return submit();
            case 4:
            case 5: {
                now_ = feed_.later(now_, agent_.wakeup());
                does(Tick{feed_.any<WallTime>()});
                SHOAL_CHECK(agent_.wakeup() > now_);
                return;
            }
            case 6:
                return meet();
            case 7:
            case 8:
                return event();
            default:
                return hear();
        }
    }

    void finish() const {
        const auto recording = read_recording(recording_);
        SHOAL_CHECK(recording.has_value() && recording->steps.size() == steps_);
        const auto replayed = replay(*recording);
        SHOAL_CHECK(replayed.same && replayed.steps == steps_);
    }

private:
    void submit() {
        ClientJob job = feed_.any<ClientJob>(words());
        job.request = ++last_request_;
        job.spec.name = "web";
        job.spec.replicas %= 8;
        job.spec.constraints.clear();
        if (!feed_.chance(4)) job.spec.container.need = {10, 1U << 20U};
        does(job);
    }

    void meet() {
        const NodeId peer = feed_.chance(2) ? kAnn : kBob;
        const membership::Claim claim{
            .about = peer, .incarnation = 1 + feed_.below(4), .endpoint = {"10.0.0.1", 7373}};
        does(Receive{peer,
                     {"10.0.0.1", 7373},
                     Channel::Datagram,
                     membership::Message{membership::Gossip{{claim}}}});
    }

    void hear() {
        const auto encode = [](const Message& m) { return encode_message(m); };
        const auto decode = [](ByteView bytes) { return decode_message(bytes, Channel::Stream); };
        const auto message = feed_.message<Message>(words(), encode, decode);
        if (message) {
            does(Receive{feed_.pick(words().nodes), {"10.0.0.1", 1}, Channel::Stream, *message});
        }
    }

    // What the world may say at any time. Tokens and questions are the driver's own, so it does not
    // invent any.
    void event() {
        Input input = feed_.any<Input>(words());
        if (std::holds_alternative<Persisted>(input) ||
            std::holds_alternative<PersistFailed>(input) || std::holds_alternative<Start>(input)) {
            return;
        }
        if (auto* leave = std::get_if<Leave>(&input)) {
            if (!feed_.chance(4)) return;
            leave->deadline = std::chrono::seconds{feed_.number()};
        }
        if (auto* report = std::get_if<RuntimeReported>(&input); report && !started_.empty()) {
            report->report.id = feed_.pick(started_);
        }
        does(input);
    }

    void settle(bool well) {
        if (outstanding_.empty()) return;
        const Token token = outstanding_.front();
        outstanding_.erase(outstanding_.begin());
        if (well) return does(Persisted{token});
        does(PersistFailed{token, "full"});
    }

    void does(const Input& input) {
        const auto effects = agent_.step(now_, input);
        const auto frame =
            encode_frame(RecordedStep{now_, input, recorder_.take(), effects_hash(effects)});
        recording_.insert(recording_.end(), frame.begin(), frame.end());
        ++steps_;
        for (const Effect& effect : effects) {
            std::visit([this](const auto& one) { check(one); }, effect);
        }
    }

    void check(const Transmit& sent) const {
        SHOAL_CHECK(sent.to != signer().id());
        const Bytes bytes = encode_message(sent.message);
        SHOAL_CHECK(bytes.size() <= (sent.channel == Channel::Datagram ? 1200 : kFrameMax));
        const auto heard = decode_message(bytes, sent.channel);
        SHOAL_CHECK(heard.has_value());
    }

    void check(const Persist& persist) {
        if (persist.sync) outstanding_.push_back(persist.token);
    }

    void check(const StartContainer& start) {
        if (started_.size() < 32) started_.push_back(start.id);
    }

    template <class Other>
    void check(const Other& /*told*/) const {}

    fuzz::Feed& feed_;
    RecordingSigner recorder_;
    RecordingHeader header_;
    Agent agent_;
    Bytes recording_;
    std::size_t steps_ = 0;
    Instant now_{std::chrono::hours{1}};
    std::vector<Token> outstanding_;
    std::vector<placement::ContainerId> started_;
    std::uint64_t last_request_ = 0;
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
