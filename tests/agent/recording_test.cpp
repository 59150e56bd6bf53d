// A run as a file: it replays to the same effects, and whatever else it is, that is said.
#include "node/agent/recording.h"

#include "tests/agent/lone.h"
#include "tests/support/arbitrary.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <vector>

namespace shoal::agent {
namespace {

// A node that starts, meets somebody, takes a job and runs it; every step on record.
class Recorded {
    tests::TestSigner signer_{1};  // first: the header names its key

public:
    Recorded() {
        step(Start{{"10.0.0.100", 7373}, false, our_facts(), {1000}});
        step(RuntimeListed{});
        const membership::Claim ann{.about = kAnn, .incarnation = 1, .endpoint = at(kAnn)};
        step(Receive{kAnn, at(kAnn), Channel::Datagram,
                     membership::Message{membership::Gossip{{ann}}}});
        step(ClientJob{.request = 1, .spec = job(2), .submission = {7, 1}, .wall = {2000}});
        for (int i = 0; i < 10; ++i) {
            now_ = std::max(now_ + seconds{1}, agent_.wakeup());
            step(Tick{{3000}});
        }
    }

    [[nodiscard]] Bytes bytes() const {
        Bytes out = encode_frame(header);
        for (const RecordedStep& one : steps) {
            const Bytes frame = encode_frame(one);
            out.insert(out.end(), frame.begin(), frame.end());
        }
        return out;
    }

    RecordingHeader header{.version = "0.1.0",
                           .self = signer_.id(),
                           .boot = kOurBoot,
                           .seed = 3,
                           .key = signer_.public_key()};
    std::vector<RecordedStep> steps;

private:
    // With the disk's answers, which are steps too.
    void step(const Input& input) {
        const Effects effects = agent_.step(now_, input);
        steps.push_back({now_, input, recorder_.take(), effects_hash(effects)});
        for (const Persist& persist : all<Persist>(effects)) {
            if (persist.sync) step(Persisted{persist.token});
        }
    }

    RecordingSigner recorder_{signer_};
    Agent agent_{{signer_.id(), kOurBoot}, {}, Random{3}, recorder_, {}};
    Instant now_ = kMorning;
};

std::string refusal(const Bytes& bytes) {
    const auto recording = read_recording(bytes);
    return recording ? "none" : recording.error().detail;
}

TEST(Recording, ReplaysToTheSameEffects) {
    const Recorded recorded;
    const auto recording = read_recording(recorded.bytes());
    ASSERT_TRUE(recording.has_value()) << recording.error().detail;
    EXPECT_FALSE(recording->torn);
    ASSERT_GT(recording->steps.size(), 20U);
    const auto replayed = replay(*recording);
    EXPECT_TRUE(replayed.same) << "step " << replayed.first_difference;
    EXPECT_EQ(replayed.steps, recording->steps.size());
}

TEST(Recording, OfNothingIsReplayedToo) {
    Recorded recorded;
    recorded.steps.clear();
    const auto replayed = replay(*read_recording(recorded.bytes()));
    EXPECT_TRUE(replayed.same);
    EXPECT_EQ(replayed.steps, 0U);
}

TEST(Recording, NamesTheFirstStepThatDiffers) {
    const auto first_difference = [](const Recorded& recorded) {
        const auto replayed = replay(*read_recording(recorded.bytes()));
        EXPECT_FALSE(replayed.same);
        EXPECT_EQ(replayed.steps, replayed.first_difference);
        return replayed.first_difference;
    };
    Recorded effects;
    effects.steps[7].effects ^= 1;
    EXPECT_EQ(first_difference(effects), 7U);
    Recorded input;
    input.steps[0].input = Start{{"10.0.0.101", 7373}, false, our_facts(), {1000}};
    EXPECT_LE(first_difference(input), 2U);
    Recorded answers;
    std::size_t asked = 0;
    while (answers.steps[asked].answers.signatures.empty()) {
        ++asked;
    }
    answers.steps[asked].answers.signatures.clear();
    EXPECT_EQ(first_difference(answers), asked) << "a question it has no answer for";
}

TEST(Recording, SaysThatItsEndIsTorn) {
    const Recorded recorded;
    const Bytes whole = recorded.bytes();
    const auto last = encode_frame(recorded.steps.back()).size();
    for (const std::size_t cut : {std::size_t{1}, last - 5, last - 1}) {
        const auto recording = read_recording(ByteView{whole}.first(whole.size() - cut));
        ASSERT_TRUE(recording.has_value());
        EXPECT_TRUE(recording->torn);
        EXPECT_EQ(recording->steps.size(), recorded.steps.size() - 1);
        EXPECT_TRUE(replay(*recording).same) << "up to there it is good";
    }
    const auto exact = read_recording(ByteView{whole}.first(whole.size() - last));
    EXPECT_FALSE(exact->torn);
}

TEST(Recording, OfAnotherFormatIsRefused) {
    Recorded recorded;
    recorded.header.format = 2;
    recorded.header.version = "9.9";
    EXPECT_EQ(refusal(recorded.bytes()),
              "a recording of format 2 (written by shoal 9.9); this shoal reads format 1");
}

TEST(Recording, IsNotAnyFile) {
    EXPECT_EQ(refusal({}), "not a recording: no complete header");
    EXPECT_EQ(refusal({1, 2, 3}), "not a recording: no complete header");
    EXPECT_EQ(refusal({200, 0, 0, 0, 1}), "not a recording: no complete header");
    EXPECT_TRUE(refusal({1, 0, 0, 0, 0xC0}).starts_with("not a recording: "));
    Bytes bytes = encode_frame(RecordingHeader{});
    bytes.insert(bytes.end(), {1, 0, 0, 0, 0xC0});
    EXPECT_TRUE(refusal(bytes).starts_with("step 0: "));
}

TEST(Recording, WhoseTimeRunsBackwardsIsRefused) {
    Recorded recorded;
    recorded.steps[5].now = recorded.steps[4].now - Duration{1};
    EXPECT_EQ(refusal(recorded.bytes()), "step 5: its time lies before that of the step before it");
}

TEST(Recording, WhoseTimeNoClockShowsIsRefused) {
    for (const Instant at : {kNever, Instant::min(), Instant{Duration{-1}}}) {
        Recorded recorded;
        recorded.steps.back().now = at;
        const auto last = std::to_string(recorded.steps.size() - 1);
        EXPECT_EQ(refusal(recorded.bytes()), "step " + last + ": its time is beyond any clock");
    }
}

TEST(Recording, ThatLeavesInAWayNoDriverAsksForIsRefused) {
    for (const Duration deadline :
         {Duration::max(), Duration::min(), Duration{-1}, kLeaveDeadlineMax + Duration{1}}) {
        Recorded recorded;
        recorded.steps[2].input = Leave{false, deadline};
        EXPECT_EQ(refusal(recorded.bytes()),
                  "step 2: it leaves with a deadline below zero or over a day");
    }
    Recorded fine;
    fine.steps.back().input = Leave{false, kLeaveDeadlineMax};
    EXPECT_EQ(refusal(fine.bytes()), "none");
}

TEST(Recording, KeepsEveryInputAsItWas) {
    for (const auto seed : tests::seeds(50)) {
        SCOPED_TRACE(tests::replay(seed));
        Random random{seed};
        tests::for_each_case<Input>(random, [&](const Input& input) {
            RecordedStep step{kMorning, input, {}, 7};
            if (auto* leave = std::get_if<Leave>(&step.input)) leave->deadline = seconds{20};
            Bytes bytes = encode_frame(RecordingHeader{});
            const Bytes frame = encode_frame(step);
            bytes.insert(bytes.end(), frame.begin(), frame.end());
            const auto recording = read_recording(bytes);
            ASSERT_TRUE(recording.has_value()) << recording.error().detail;
            EXPECT_EQ(encode_frame(recording->steps.at(0)), frame);
        });
    }
}

}  // namespace
}  // namespace shoal::agent
