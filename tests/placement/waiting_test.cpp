// Jobs that come after others: what gates their first placement, and what does not.
#include "placement/waiting.h"

#include "tests/placement/lone_coordinator.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

using Condition = After::Condition;

const std::vector<NodeId> kOthers{kAnn, kBob, kCarol};

struct Ordered : testing::Test {
    Ordered() : name(name_with_rank(0, kOthers)) { (void)lone.meets(kAnn, "ann"); }

    JobSpec web(std::vector<After> after, std::uint64_t template_gen = 1) {
        auto out = job(2, template_gen, name);
        out.after = std::move(after);
        return out;
    }

    static JobSpec db(std::uint32_t replicas = 1) { return job(replicas, 1, "db"); }

    Effects db_is(ClaimState state, std::int32_t exit_code = 0, std::uint32_t index = 0) {
        auto claim = claim_of(db(), index, 1, state);
        claim.exit_code = exit_code;
        return lone.sees(kAnn, claim);
    }

    std::string name;
    LoneCoordinator lone;
};

TEST_F(Ordered, AreNotPlacedBeforeWhatTheyComeAfterIsHealthy) {
    (void)lone.learns(db(2));
    const auto waiting = lone.learns(web({{"db", Condition::Healthy}}));
    EXPECT_TRUE(asked_of(waiting).empty());
    EXPECT_EQ(pending(waiting), "waiting for db to be healthy: 0 of 2 healthy");
    (void)db_is(ClaimState::Healthy);
    EXPECT_EQ(lone.machine().sentence(name), "waiting for db to be healthy: 1 of 2 healthy");
    EXPECT_TRUE(asked_of(db_is(ClaimState::Starting, 0, 1)).empty());
    EXPECT_FALSE(asked_of(db_is(ClaimState::Healthy, 0, 1)).empty()) << "at once, by no clock";
}

TEST_F(Ordered, MayComeAfterAJobThatMerelyRuns) {
    (void)lone.learns(db());
    (void)lone.learns(web({{"db", Condition::Started}}));
    EXPECT_TRUE(asked_of(db_is(ClaimState::Starting)).empty()) << "asked for, not running";
    auto running = claim_of(db(), 0, 1, ClaimState::Starting);
    running.health = Health::Starting;
    EXPECT_FALSE(asked_of(lone.sees(kAnn, running)).empty());
}

TEST_F(Ordered, TakeWhatRanAndFellOverForStarted) {
    (void)lone.learns(db());
    (void)lone.learns(web({{"db", Condition::Started}}));
    EXPECT_TRUE(asked_of(db_is(ClaimState::Backoff)).empty()) << "it never ran";
    EXPECT_FALSE(asked_of(db_is(ClaimState::Backoff, 1)).empty());
}

TEST_F(Ordered, MayComeAfterTheEndOfAJob) {
    auto migrate = db();
    migrate.restart = RestartPolicy::OnFailure;
    (void)lone.learns(migrate);
    (void)lone.learns(web({{"db", Condition::Complete}}));
    EXPECT_TRUE(asked_of(db_is(ClaimState::Healthy)).empty());
    EXPECT_TRUE(asked_of(db_is(ClaimState::Failed, 2)).empty());
    EXPECT_EQ(lone.machine().sentence(name), "waiting for db to complete: it has failed");
    EXPECT_FALSE(asked_of(db_is(ClaimState::Complete)).empty());
}

TEST_F(Ordered, SayWhenTheyWaitForWhatNeverComes) {
    const auto missing = lone.learns(web({{"cache", Condition::Started}}));
    EXPECT_EQ(pending(missing), "waiting for cache to start: there is no such job");
    (void)lone.learns(db());
    const auto endless = lone.learns(web({{"db", Condition::Complete}}), 2);
    EXPECT_EQ(pending(endless), "waiting for db to complete: it never does, its restart is always");
}

TEST_F(Ordered, DoNotWaitForWhatIsNotRequiredAndNotThere) {
    EXPECT_FALSE(asked_of(lone.learns(web({{"cache", Condition::Healthy, false}}))).empty());
}

TEST_F(Ordered, DoNotWaitForWhatIsNotRequiredAndGaveUp) {
    (void)lone.learns(db());
    EXPECT_TRUE(asked_of(lone.learns(web({{"db", Condition::Healthy, false}}))).empty());
    EXPECT_FALSE(asked_of(db_is(ClaimState::Failed, 1)).empty());
}

TEST_F(Ordered, AreLookedAtAgainWhenWhatTheyComeAfterAppears) {
    (void)lone.learns(web({{"db", Condition::Started}}));
    (void)db_is(ClaimState::Healthy);
    EXPECT_FALSE(asked_of(lone.learns(db())).empty());
}

TEST_F(Ordered, AreReplacedWithoutLookingBack) {
    (void)lone.meets(kBob, "bob");
    (void)lone.learns(db());
    (void)db_is(ClaimState::Healthy);
    const auto spec = web({{"db", Condition::Healthy}});
    (void)lone.sees(kBob, claim_of(spec, 0, 1));
    (void)lone.sees(kAnn, claim_of(spec, 1, 1));
    (void)lone.learns(spec);
    (void)db_is(ClaimState::Backoff, 1);
    (void)lone.stands(kBob, Standing::Dead);
    EXPECT_FALSE(asked_of(lone.waits(minutes{1})).empty()) << "db is down, web moves all the same";
}

TEST_F(Ordered, ArePlacedAgainAfterAllOfThemWereLost) {
    (void)lone.learns(db());
    auto spec = web({{"db", Condition::Healthy}});
    spec.replicas = 1;
    (void)lone.sees(kAnn, claim_of(spec, 0, 1));
    EXPECT_TRUE(asked_of(lone.learns(spec)).empty());
    EXPECT_FALSE(asked_of(lone.sees_no_more(kAnn, {name, 0}, 1)).empty());
}

TEST_F(Ordered, WaitAnewWithANewTemplateWhileTheOldOneRuns) {
    (void)lone.learns(db());
    const auto old = web({{"db", Condition::Healthy}});
    (void)lone.sees(kAnn, claim_of(old, 0, 1));
    (void)lone.sees(kAnn, claim_of(old, 1, 1));
    (void)lone.learns(old);
    EXPECT_TRUE(asked_of(lone.learns(web({{"db", Condition::Healthy}}, 2), 2)).empty());
    EXPECT_FALSE(asked_of(db_is(ClaimState::Healthy)).empty());
}

TEST_F(Ordered, AreNotAwardedWhenWhatTheyComeAfterFailsDuringTheBids) {
    (void)lone.learns(db());
    (void)db_is(ClaimState::Healthy);
    const auto asked = lone.learns(web({{"db", Condition::Healthy}}));
    ASSERT_FALSE(asked_of(asked).empty());
    (void)db_is(ClaimState::Backoff, 1);
    Effects out;
    for (const NodeId& node : asked_of(asked)) {
        LoneCoordinator::append(out, lone.bids(node, asked, {1, 1}));
    }
    EXPECT_TRUE(awards(out).empty());
    EXPECT_FALSE(asked_of(db_is(ClaimState::Healthy)).empty());
}

TEST_F(Ordered, SeeWhenTheyWaitForEachOther) {
    auto one = db();
    one.after = {{name, Condition::Started}};
    (void)lone.learns(one);
    const auto both = lone.learns(web({{"db", Condition::Started}}));
    EXPECT_EQ(pending(both), "waiting for db to start; they wait for each other");
}

TEST(Circles, AreFoundWithTheWayRound) {
    View view;
    const auto add = [&](const std::string& name, std::vector<std::string> after) {
        JobSpec spec = job(1, 1, name);
        for (auto& one : after) {
            spec.after.push_back({std::move(one)});
        }
        view.see(JobChanged{name, 1, spec});
        return spec;
    };
    const auto web = add("web", {"api", "cache"});
    EXPECT_TRUE(circle_through(view, web).empty());
    add("cache", {});
    add("api", {"cache", "db"});
    EXPECT_TRUE(circle_through(view, web).empty());
    const auto db = add("db", {"web"});
    EXPECT_EQ(circle_through(view, db), (std::vector<std::string>{"db", "web", "api", "db"}));
    EXPECT_TRUE(circle_through(view, add("cron", {"db"})).empty()) << "it is in no circle itself";
}

TEST(Orders, AreRefusedWithWhatIsWrong) {
    const std::pair<std::vector<After>, const char*> cases[] = {
        {{{"No"}}, "'No' is no name of a job"},
        {{{"web"}}, "'web' would wait for itself"},
        {{{"db"}, {"db"}}, "'db' is there twice"},
        {std::vector<After>(65, After{"db"}), "more than 64"},
    };
    for (const auto& [after, says] : cases) {
        auto spec = job();
        spec.after = after;
        const auto result = validate(spec);
        ASSERT_FALSE(result) << says;
        EXPECT_NE(result.error().detail.find(says), std::string::npos) << result.error().detail;
    }
}

}  // namespace
}  // namespace shoal::placement
