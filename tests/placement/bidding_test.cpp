// Bids with prices or with every reason there is; awards taken into the ledger before anything
// starts.
#include "tests/placement/lone_executor.h"

#include <gtest/gtest.h>

#include <functional>

namespace shoal::placement {
namespace {

std::vector<Reason> reasons(const Effects& effects) {
    const auto answers = sent<NoBid>(effects);
    return answers.empty() ? std::vector<Reason>{} : answers[0].reasons;
}

std::vector<std::uint32_t> prices(const Effects& effects) {
    const auto answers = sent<Bid>(effects);
    return answers.empty() ? std::vector<std::uint32_t>{} : answers[0].prices;
}

struct Bids : testing::Test {
    LoneExecutor lone;
};

TEST_F(Bids, OfferAsManyAsFitAtRisingPrices) {
    (void)lone.starts();
    const auto offered = prices(lone.asked(request_for(job(9), 9)));
    EXPECT_EQ(offered.size(), 4U) << "four cores";
    EXPECT_TRUE(std::is_sorted(offered.begin(), offered.end()));
    EXPECT_LT(offered.front(), offered.back());
    EXPECT_EQ(prices(lone.asked(request_for(job(9), 2))).size(), 2U) << "no more than asked";
    auto limited = job(9);
    limited.per_node_max = 3;
    EXPECT_EQ(prices(lone.asked(request_for(limited, 9))).size(), 3U);
    auto tiny = job(9);
    tiny.container.need = {1, 1};
    EXPECT_LE(prices(lone.asked(request_for(tiny, 10'000))).size(), 64U);
}

TEST_F(Bids, AreCheaperOnAFullerNode) {
    (void)lone.starts();
    const auto before = prices(lone.asked(request_for(job())));
    (void)lone.runs(job(1, 1, "other"));
    EXPECT_LT(prices(lone.asked(request_for(job()))).at(0), before.at(0));
}

TEST_F(Bids, AreDearerWhereTheImageHasToBeFetched) {
    (void)lone.starts();
    auto pinned = job();
    pinned.container.image = "web:1@sha256:12";
    const auto here = [&] {
        const auto bid = sent<Bid>(lone.asked(request_for(pinned))).at(0);
        return std::make_pair(bid.lacks_image, bid.prices.at(0));
    };
    const auto any = prices(lone.asked(request_for(job()))).at(0);
    EXPECT_EQ(here(), std::make_pair(true, any + 1000));
    lone.has_image("sha256:12");
    EXPECT_EQ(here(), std::make_pair(false, any));
    lone.has_image("sha256:12", false);
    EXPECT_EQ(here().second, any + 1000);
    pinned.container.image = std::string(513, 'x');
    EXPECT_TRUE(lone.asked(request_for(pinned)).empty()) << "no valid spec has such a name";
}

TEST_F(Bids, ReserveNothing) {
    (void)lone.starts();
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(prices(lone.asked(request_for(job(4), 4))).size(), 4U);
    }
    EXPECT_EQ(lone.used(), Resources{});
}

TEST_F(Bids, AreDeclinedWithTheNumbers) {
    (void)lone.starts();
    const auto id = lone.runs(job(3), 0);
    auto big = job();
    big.container.need = {3500, 8 * kGiB};
    const auto why = reasons(lone.asked(request_for(big)));
    ASSERT_EQ(why.size(), 2U);
    EXPECT_EQ(why[0].filter, Filter::Cpu);
    EXPECT_EQ(why[0].detail, "needs 3500 mCPU, has 3000 free of 4000");
    EXPECT_EQ(why[1].filter, Filter::Memory);
    auto crowded = job(3);
    crowded.per_node_max = 1;
    const auto full = reasons(lone.asked(request_for(crowded)));
    ASSERT_EQ(full.size(), 1U);
    EXPECT_EQ(full[0].filter, Filter::PerNodeMax);
    EXPECT_EQ(full[0].detail, "has 1 of at most 1");
    EXPECT_EQ(lone.machine().ledger().all().count(id), 1U);
}

TEST_F(Bids, AreDeclinedWithAllReasonsAtOnce) {
    auto facts = facts_of("self", {100, kGiB});
    facts.runtime = false;
    (void)lone.boots(facts);
    (void)lone.drains();
    auto picky = job();
    picky.constraints = {{"node.labels.disk", Constraint::Op::Equals, "ssd"},
                         {"node.zone", Constraint::Op::Equals, "z9"}};
    std::vector<Filter> given;
    for (const Reason& reason : reasons(lone.asked(request_for(picky)))) {
        EXPECT_FALSE(reason.detail.empty());
        given.push_back(reason.filter);
    }
    EXPECT_EQ(given, (std::vector{Filter::NoRuntime, Filter::Draining, Filter::NotSettled,
                                  Filter::Constraint, Filter::Constraint, Filter::Cpu}));
}

TEST_F(Bids, WaitForTheRuntimesListAndForSettling) {
    EXPECT_EQ(reasons(lone.asked(request_for(job()))).at(0).filter, Filter::NoRuntime);
    (void)lone.boots();
    EXPECT_EQ(reasons(lone.asked(request_for(job()))).at(0).filter, Filter::NotSettled);
    (void)lone.settles();
    EXPECT_EQ(prices(lone.asked(request_for(job()))).size(), 1U);
}

TEST_F(Bids, RestWhileTheDiskRefuses) {
    (void)lone.starts();
    const Award award{2, lone.ticket_for(job()), job(), {{0, 1, {}}}};
    const auto asked = all<Persist>(lone.awarded(award)).at(0);
    const auto answer = lone.persist_failed(asked.token);
    ASSERT_EQ(refused(answer).size(), 1U);
    EXPECT_EQ(refused(answer)[0].why, Refusal::Disk);
    EXPECT_EQ(lone.used(), Resources{});
    EXPECT_EQ(reasons(lone.asked(request_for(job()))).at(0).filter, Filter::Disk);
    (void)lone.waits(seconds{2});
    EXPECT_EQ(accepted(lone.takes(job(), {{0, 1, {}}})).size(), 1U)
        << "that epoch never came to be";
}

TEST_F(Bids, RestWhileTheRuntimeStartsNothing) {
    (void)lone.starts();
    lone.is_troubled("containerd is away");
    const auto why = reasons(lone.asked(request_for(job())));
    ASSERT_EQ(why.size(), 1U);
    EXPECT_EQ(why[0].filter, Filter::NoRuntime);
    EXPECT_EQ(why[0].detail, "containerd is away");
    lone.is_troubled("");
    EXPECT_EQ(prices(lone.asked(request_for(job()))).size(), 1U);
}

TEST_F(Bids, RestWhileADiskIsNearlyFull) {
    (void)lone.starts();
    lone.finds_disk_low("has less than 5 % free at /data");
    const auto why = reasons(lone.asked(request_for(job())));
    ASSERT_EQ(why.size(), 1U);
    EXPECT_EQ(why[0].filter, Filter::Disk);
    EXPECT_EQ(why[0].detail, "has less than 5 % free at /data");
    lone.finds_disk_low("");
    EXPECT_EQ(prices(lone.asked(request_for(job()))).size(), 1U);
}

TEST(Constraints, HoldAsTheyRead) {
    auto facts = facts_of("n1");
    facts.labels = {{"disk", "ssd"}, {"empty", ""}};
    using Op = Constraint::Op;

    const struct {
        Constraint constraint;
        bool holds;
        const char* reads;
    } cases[] = {
        {{"node.name", Op::Equals, "n1"}, true, "node.name == n1"},
        {{"node.name", Op::Equals, "n2"}, false, "node.name == n2"},
        {{"node.zone", Op::NotEquals, "z2"}, true, "node.zone != z2"},
        {{"node.zone", Op::NotEquals, "z1"}, false, "node.zone != z1"},
        {{"node.labels.disk", Op::Equals, "ssd"}, true, "node.labels.disk == ssd"},
        {{"node.labels.disk", Op::Exists, ""}, true, "node.labels.disk exists"},
        {{"node.labels.gpu", Op::Exists, ""}, false, "node.labels.gpu exists"},
        {{"node.labels.gpu", Op::NotEquals, "a"}, true, "node.labels.gpu != a"},
        {{"node.labels.gpu", Op::Equals, ""}, false, "node.labels.gpu == "},
        {{"node.labels.empty", Op::Equals, ""}, true, "node.labels.empty == "},
    };

    for (const auto& c : cases) {
        EXPECT_EQ(holds(c.constraint, facts), c.holds) << c.reads;
        EXPECT_EQ(to_string(c.constraint), c.reads);
    }
}

// ---- awards

struct Awards : testing::Test {
    Awards() { (void)lone.starts(); }

    // Why an award of this one slot is refused.
    std::optional<Refusal> refusal(const JobSpec& spec, AwardedSlot slot) {
        const auto no = refused(lone.takes(spec, {std::move(slot)}));
        if (no.empty()) return std::nullopt;
        EXPECT_EQ(no[0].detail, to_string(no[0].why));
        return no[0].why;
    }

    LoneExecutor lone;
};

TEST_F(Awards, ReachTheDiskBeforeTheyAreAnsweredOrStarted) {
    const auto spec = job();
    const Award award{2, lone.ticket_for(spec), spec, {{0, 1, {}}}};
    const auto asked = lone.awarded(award);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_TRUE(has<Persist>(asked));
    EXPECT_EQ(lone.used(), (Resources{1000, kGiB})) << "taken already";
    EXPECT_TRUE(lone.awarded(award).empty()) << "being written";
    const auto done = lone.synced(asked);
    EXPECT_EQ(accepted(done).size(), 1U);
    ASSERT_EQ(all<StartContainer>(done).size(), 1U);
    EXPECT_EQ(all<StartContainer>(done)[0].id, (ContainerId{{"web", 0}, 1}));
    EXPECT_EQ(last_said(done, {{"web", 0}, 1})->claim->state, ClaimState::Starting);
}

TEST_F(Awards, AreAnsweredAgainWithTheSameToken) {
    const auto spec = job();
    const auto first = accepted(lone.takes(spec, {{0, 1, {}}}));
    const auto again = lone.awarded({3, 0, spec, {{0, 1, {}}}});
    EXPECT_EQ(accepted(again), first) << "also when the ticket is long gone";
    EXPECT_FALSE(has<StartContainer>(again));
    EXPECT_FALSE(has<Persist>(again));
    EXPECT_EQ(lone.used(), (Resources{1000, kGiB}));
}

TEST_F(Awards, AreAcceptedInOrderAsFarAsTheyFit) {
    const auto spec = job(9);
    const auto answer =
        lone.takes(spec, {{0, 1, {}}, {1, 1, {}}, {2, 1, {}}, {3, 1, {}}, {4, 1, {}}, {5, 1, {}}});
    ASSERT_EQ(accepted(answer).size(), 4U);
    ASSERT_EQ(refused(answer).size(), 2U);
    EXPECT_EQ(refused(answer)[0].index, 4U);
    EXPECT_EQ(refused(answer)[0].why, Refusal::NoCapacity);
    EXPECT_EQ(all<Persist>(answer).size(), 1U) << "one sync for all";
}

TEST_F(Awards, NamingASlotTwiceTakeItOnce) {
    const auto answer = lone.takes(job(), {{0, 1, {}}, {0, 1, {}}});
    EXPECT_EQ(all<StartContainer>(answer).size(), 1U);
    EXPECT_EQ(lone.used(), (Resources{1000, kGiB}));
    (void)lone.takes(job(2), {{1, 1, {}}, {1, 2, {}}});
    EXPECT_EQ(lone.machine().ledger().replicas_of("web"), 2U) << "two epochs are one slot";
}

TEST_F(Awards, NeedALiveTicket) {
    const auto spec = job();
    const auto late = lone.ticket_for(spec);
    (void)lone.waits(seconds{5});
    EXPECT_EQ(refused(lone.awarded({2, late, spec, {{0, 1, {}}}})).at(0).why, Refusal::Expired);
    EXPECT_EQ(refused(lone.awarded({2, 12345, spec, {{0, 1, {}}}})).at(0).why, Refusal::Expired);
    const auto earlier = lone.ticket_for(spec);
    LoneExecutor next{lone.disk(), 2};
    (void)next.starts();
    EXPECT_EQ(refused(next.awarded({2, earlier, spec, {{0, 1, {}}}})).at(0).why, Refusal::Expired)
        << "tickets die with the boot";
}

TEST_F(Awards, OfAnEpochSeenBeforeAreRefusedForEver) {
    (void)lone.sees(kAnn, claim_of(job(), 0, 7, ClaimState::Stopped));
    const auto low = refused(lone.takes(job(), {{0, 7, {}}}));
    ASSERT_EQ(low.size(), 1U);
    EXPECT_EQ(low[0].why, Refusal::LowerEpoch);
    EXPECT_EQ(low[0].highest_epoch, 7U);
    const auto id = lone.runs(job(), 0, 8);
    (void)lone.learns(job());
    (void)lone.synced(lone.learns_of_deletion("web"));
    (void)lone.synced(lone.reports(id, ContainerState::Gone));
    EXPECT_EQ(lone.used(), Resources{});
    LoneExecutor next{lone.disk(), 2};
    (void)next.starts();
    EXPECT_EQ(refused(next.takes(job(), {{0, 8, {}}})).at(0).why, Refusal::LowerEpoch)
        << "also after a restart";
}

TEST_F(Awards, OfAStaleSpecAreRefused) {
    (void)lone.learns(job(2, 5));
    EXPECT_EQ(refusal(job(2, 4), {0, 1, {}}), Refusal::StaleSpec);
    EXPECT_EQ(refused(lone.takes(job(2, 4), {{0, 1, {}}})).at(0).template_gen, 5U);
    EXPECT_EQ(refusal(job(2, 5), {2, 1, {}}), Refusal::StaleSpec) << "no such slot";
    EXPECT_EQ(refusal(job(2, 6), {0, 1, {}}), std::nullopt) << "a newer one will reach us";
    (void)lone.learns_of_deletion("web");
    EXPECT_EQ(refusal(job(2, 6), {1, 1, {}}), Refusal::Deleted);
}

TEST_F(Awards, OfASlotThatIsTakenAreRefusedUnlessTheyReplaceIt) {
    (void)lone.meets(kAnn);
    (void)lone.sees(kAnn, claim_of(job(), 0, 3, ClaimState::Backoff));
    EXPECT_EQ(refusal(job(), {0, 4, {}}), Refusal::Taken);
    (void)lone.meets(kAnn, Standing::Unreachable);
    EXPECT_EQ(refusal(job(), {0, 4, {}}), Refusal::Taken) << "silence frees nothing";
    EXPECT_EQ(refusal(job(), {0, 4, Replaces{kAnn, 2, ReplaceKind::PresumedLost}}), Refusal::Taken);
    EXPECT_EQ(refusal(job(), {0, 4, Replaces{kAnn, 3, ReplaceKind::PresumedLost}}), std::nullopt);
}

TEST_F(Awards, OfASlotOfWhoIsGoneAreAccepted) {
    (void)lone.meets(kAnn, Standing::Left);
    (void)lone.sees(kAnn, claim_of(job(), 0, 3));
    EXPECT_EQ(refusal(job(), {0, 4, {}}), std::nullopt);
}

TEST_F(Awards, AreRefusedWhileDraining) {
    (void)lone.drains();
    EXPECT_EQ(refused(lone.awarded({2, 1, job(), {{0, 1, {}}}})).at(0).why, Refusal::Draining);
}

TEST_F(Awards, OfNonsenseAreNotAnswered) {
    auto bad = job();
    bad.name = "NOT A NAME";
    EXPECT_TRUE(lone.awarded({2, lone.ticket_for(job()), bad, {{0, 1, {}}}}).empty());
    EXPECT_TRUE(lone.awarded({2, lone.ticket_for(job()), job(), {{0, ~Epoch{0}, {}}}}).empty())
        << "no epoch would be left for the next";
    std::vector<AwardedSlot> many(65);
    EXPECT_TRUE(lone.awarded({2, lone.ticket_for(job()), job(100), many}).empty());
}

TEST_F(Awards, CarryThePortsThatWereChosen) {
    auto spec = job();
    spec.container.ports = {{.host_port = 0, .container_port = 80},
                            {.host_port = 8080, .container_port = 81}};
    const auto answer = lone.takes(spec, {{0, 1, {}}});
    const auto start = all<StartContainer>(answer).at(0);
    ASSERT_EQ(start.host_ports.size(), 2U);
    EXPECT_GE(start.host_ports[0], 20'000);
    EXPECT_EQ(start.host_ports[1], 8080);
    EXPECT_EQ(last_said(answer, start.id)->claim->host_ports, start.host_ports);
}

}  // namespace
}  // namespace shoal::placement
