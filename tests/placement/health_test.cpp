// What a check is made of, when it is asked and what its answers amount to.
#include "placement/health.h"

#include "placement/health_watch.h"
#include "tests/placement/words.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

using Kind = HealthCheck::Kind;

HealthCheck program() {
    return {.kind = Kind::Program, .test = {"check"}};
}

TEST(Checks, LeaveToTheImageWhatTheyDoNotSay) {
    const HealthCheck image{.kind = Kind::Shell,
                            .test = {"curl -f localhost"},
                            .interval_ms = 7000,
                            .retries = 5,
                            .start_period_ms = 60'000};
    const auto of_image = resolve({}, image);
    EXPECT_EQ(of_image.kind, Kind::Shell);
    EXPECT_EQ(of_image.test, image.test);
    EXPECT_EQ(of_image.interval_ms, 7000U);
    EXPECT_EQ(of_image.timeout_ms, 30'000U) << "the default";
    EXPECT_EQ(of_image.retries, 5U);

    auto own = program();
    own.retries = 1;
    const auto mixed = resolve(own, image);
    EXPECT_EQ(mixed.test, own.test);
    EXPECT_EQ(mixed.retries, 1U);
    EXPECT_EQ(mixed.interval_ms, 7000U);
    EXPECT_EQ(mixed.start_period_ms, 60'000U);
}

TEST(Checks, AreNoneWhereNobodySaysOneOrSomebodySaysNone) {
    EXPECT_FALSE(asks(resolve({}, {})));
    EXPECT_FALSE(asks(resolve({.kind = Kind::Off}, program())));
    EXPECT_FALSE(asks(resolve({}, {.kind = Kind::Off})));
    EXPECT_FALSE(asks(resolve({.interval_ms = 1000}, {}))) << "an interval alone asks nothing";
    EXPECT_FALSE(asks(resolve({.kind = Kind::Program}, {}))) << "words of a peer that checks none";
}

TEST(Checks, AreKeptWithinBoundsWhateverAPeerSays) {
    auto mad = program();
    mad.interval_ms = 1;
    mad.timeout_ms = 0xffffffff;
    mad.retries = 0xffffffff;
    const auto check = resolve(mad, {});
    EXPECT_EQ(check.interval_ms, kCheckEveryMin);
    EXPECT_EQ(check.timeout_ms, kCheckSpanMax);
    EXPECT_EQ(check.retries, kCheckRetriesMax);
}

TEST(Checks, AreRefusedWithWhatIsWrong) {
    const std::pair<HealthCheck, const char*> cases[] = {
        {{.kind = Kind::Program}, "CMD is followed by a program"},
        {{.kind = Kind::Shell}, "one line"},
        {{.kind = Kind::Shell, .test = {"a", "b"}}, "one line"},
        {{.kind = Kind::Off, .test = {"a"}}, "nothing to do"},
        {{.interval_ms = 99}, "health.interval_ms: from 100 ms"},
        {{.timeout_ms = kCheckSpanMax + 1}, "health.timeout_ms"},
        {{.start_interval_ms = 5}, "health.start_interval_ms"},
        {{.retries = 1001}, "at most 1000"},
    };
    for (const auto& [check, says] : cases) {
        const auto result = validate(check);
        ASSERT_FALSE(result) << says;
        EXPECT_NE(result.error().detail.find(says), std::string::npos) << result.error().detail;
    }
    EXPECT_TRUE(validate(HealthCheck{}));
    EXPECT_TRUE(validate(program()));
}

// A replica that started in the morning; every 10 s, 3 failures, 2 s apart at first.
struct Watches : testing::Test {
    Watches() { watch.begin(now, check(), false); }

    static HealthCheck check() {
        auto out = program();
        out.interval_ms = 10'000;
        out.start_interval_ms = 2000;
        return resolve(out, {});
    }

    // At the time it is due, not before. How long that took.
    Duration answers(CheckOutcome outcome, const std::string& output = "said") {
        const Instant due = watch.due();
        EXPECT_FALSE(watch.ask(due - milliseconds{1}, number + 1));
        EXPECT_TRUE(watch.ask(due, ++number));
        EXPECT_TRUE(watch.answer(due, number, outcome, output));
        const Duration waited = due - now;
        now = due;
        return waited;
    }

    void fails(int times) {
        for (int i = 0; i < times; ++i) {
            (void)answers(CheckOutcome::Failed);
        }
    }

    Instant now = kMorning;
    HealthWatch watch;
    std::uint64_t number = 0;
};

TEST_F(Watches, AskOftenUntilTheFirstGoodAnswerThenAtTheInterval) {
    EXPECT_EQ(watch.health(), Health::Starting);
    EXPECT_EQ(answers(CheckOutcome::Failed), seconds{2});
    EXPECT_EQ(answers(CheckOutcome::Passed), seconds{2});
    EXPECT_EQ(watch.health(), Health::Healthy);
    EXPECT_EQ(answers(CheckOutcome::Passed), seconds{10});
}

TEST_F(Watches, DoNotCountFailuresWithinTheFirstInterval) {
    fails(4);  // at 2, 4, 6 and 8 s
    EXPECT_EQ(watch.failures(), 0U);
    EXPECT_EQ(answers(CheckOutcome::Failed), seconds{2});
    EXPECT_EQ(watch.failures(), 1U) << "asked when the first interval was over";
    EXPECT_EQ(answers(CheckOutcome::Failed), seconds{10});
    EXPECT_EQ(watch.health(), Health::Starting);
    EXPECT_EQ(answers(CheckOutcome::Failed), seconds{10});
    EXPECT_EQ(watch.health(), Health::Unhealthy) << "after 30 s, as with Docker";
    EXPECT_EQ(watch.output(), "said");
}

TEST_F(Watches, DoNotCountFailuresWithinTheStartPeriodUnlessOnePassedBefore) {
    auto slow = check();
    slow.start_period_ms = 60'000;
    watch.begin(now, slow, false);
    fails(29);
    EXPECT_EQ(watch.failures(), 0U);
    (void)answers(CheckOutcome::Failed);
    EXPECT_EQ(watch.failures(), 1U);

    watch.begin(now, slow, false);
    (void)answers(CheckOutcome::Passed);
    fails(3);
    EXPECT_EQ(watch.health(), Health::Unhealthy);
}

TEST_F(Watches, ForgetFailuresAtAGoodAnswerAndGetWellAgain) {
    (void)answers(CheckOutcome::Passed);
    fails(2);
    EXPECT_EQ(watch.failures(), 2U);
    (void)answers(CheckOutcome::Passed);
    EXPECT_EQ(watch.failures(), 0U);
    fails(2);
    EXPECT_EQ(watch.health(), Health::Healthy);
    fails(1);
    EXPECT_EQ(watch.health(), Health::Unhealthy);
    (void)answers(CheckOutcome::Passed);
    EXPECT_EQ(watch.health(), Health::Healthy);
}

TEST_F(Watches, LearnNothingFromAQuestionThatCouldNotBePut) {
    (void)answers(CheckOutcome::Passed, "fine");
    for (int i = 0; i < 9; ++i) {
        (void)answers(CheckOutcome::Unknown, "");
    }
    EXPECT_EQ(watch.health(), Health::Healthy);
    EXPECT_EQ(watch.output(), "fine");
}

TEST_F(Watches, HearOneAnswerToTheLastQuestion) {
    ASSERT_TRUE(watch.ask(watch.due(), 7));
    EXPECT_FALSE(watch.ask(now + seconds{60}, 8)) << "one at a time";
    EXPECT_FALSE(watch.answer(now, 6, CheckOutcome::Passed, ""));
    const Instant overdue = watch.due();
    ASSERT_TRUE(watch.ask(overdue, 8)) << "the answer to 7 is lost";
    EXPECT_FALSE(watch.answer(overdue, 7, CheckOutcome::Passed, ""));
    EXPECT_EQ(watch.health(), Health::Starting);
    EXPECT_TRUE(watch.answer(overdue, 8, CheckOutcome::Passed, ""));
    EXPECT_FALSE(watch.answer(overdue, 8, CheckOutcome::Passed, "")) << "once";
}

TEST_F(Watches, AskAtOnceWhetherWhatWasWellStillIs) {
    watch.begin(now, check(), true);
    EXPECT_EQ(watch.health(), Health::Healthy);
    EXPECT_EQ(watch.due(), now);
}

TEST_F(Watches, AskNothingOfWhatRunsNoMore) {
    watch.end();
    EXPECT_EQ(watch.due(), kNever);
    EXPECT_FALSE(watch.ask(now + minutes{9}, 1));
    EXPECT_EQ(watch.health(), Health::None);
}

TEST_F(Watches, KeepLittleOfALongAnswer) {
    (void)answers(CheckOutcome::Failed, std::string(100'000, 'x'));
    EXPECT_EQ(watch.output().size(), kCheckOutputMax);
}

}  // namespace
}  // namespace shoal::placement
