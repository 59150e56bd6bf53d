// A recording somebody sent us: it is read or refused, and what was read can be run.
#include "node/agent/agent.h"
#include "node/agent/recording.h"
#include "tests/fuzz/feed.h"
#include "tests/support/signer.h"

namespace {

using namespace shoal;         // NOLINT(google-build-using-namespace)
using namespace shoal::agent;  // NOLINT(google-build-using-namespace)

constexpr std::size_t kStepsMax = 24;

void read(ByteView bytes) {
    const auto recording = read_recording(bytes);
    if (!recording) {
        SHOAL_CHECK(!recording.error().detail.empty());
        return;
    }
    const auto replayed = replay(*recording);
    SHOAL_CHECK(replayed.steps <= recording->steps.size());
    SHOAL_CHECK(replayed.same == (replayed.steps == recording->steps.size()));
}

// A run that took place, with other inputs written in, or other times, or a few bytes broken. Only
// steps that come out as recorded are followed by others, so most of it is left true.
Bytes tampered(fuzz::Feed& feed) {
    const tests::TestSigner signer{1};
    RecordingSigner recorder{signer};
    RecordingHeader header{.self = signer.id(), .boot = 7, .seed = 8, .key = signer.public_key()};
    if (feed.chance(8)) header.rows = feed.any<Snapshot>();
    if (feed.chance(32)) header.format = 2;
    Agent agent{{header.self, header.boot}, {}, Random{header.seed}, recorder, header.rows};
    const fuzz::Words words{{signer.id(), {1, 2}}, {"web", "job/web", "node/self", "10.0.0.1"}};
    Bytes out = encode_frame(header);
    Instant now{std::chrono::hours{1}};
    for (std::size_t i = 0; i < kStepsMax && !feed.empty(); ++i) {
        now = feed.later(now, agent.wakeup());
        RecordedStep step{.now = now, .input = i == 0 ? Start{} : feed.any<Input>(words)};
        if (auto* leave = std::get_if<Leave>(&step.input)) leave->deadline = std::chrono::hours{1};
        step.effects = effects_hash(agent.step(step.now, step.input));
        step.answers = recorder.take();
        if (feed.chance(16)) step.now = feed.any<Instant>();
        if (feed.chance(16)) step.input = Leave{false, feed.any<Duration>()};
        Bytes frame = encode_frame(step);
        if (feed.chance(8)) frame = feed.damaged(std::move(frame));
        out.insert(out.end(), frame.begin(), frame.end());
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    read({data, size});
    fuzz::Feed feed{data, size};
    read(tampered(feed));
    return 0;
}
