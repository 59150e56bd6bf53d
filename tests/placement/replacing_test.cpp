// Updates: the new one first where both can run, else the old one ends before the new one starts.
#include "tests/placement/with_volumes.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

// ---- replacing in place

struct InPlace : testing::Test {
    InPlace() {
        (void)lone.starts();
        (void)lone.learns(old_spec);
        old_id = lone.runs(old_spec);
    }

    Effects awards_update(const JobSpec& spec, Epoch epoch, bool stop_first) {
        (void)lone.learns(spec);
        auto request = request_for(spec);
        request.instead = Instead{0, epoch - 1};
        const auto bids = sent<Bid>(lone.asked(request));
        const Award award{
            .request = 9,
            .ticket = bids.empty() ? 0 : bids[0].ticket,
            .spec = spec,
            .slots = {{0, epoch, Replaces{kSelf, epoch - 1, ReplaceKind::Moved}, stop_first}}};
        auto out = lone.awarded(award);
        LoneExecutor::append(out, lone.synced(out));
        return out;
    }

    LoneExecutor lone;
    JobSpec old_spec = with_volume(job(1, 1));
    JobSpec new_spec = with_volume(job(1, 2));
    ContainerId old_id{};
    ContainerId new_id{{"web", 0}, 2};
};

TEST_F(InPlace, TheOldOneStopsAndOnlyThenTheNewOneStarts) {
    const auto taken = awards_update(new_spec, 2, true);
    ASSERT_EQ(accepted(taken).size(), 1U);
    EXPECT_TRUE(stops(taken, old_id, StopReason::Replaced));
    EXPECT_FALSE(starts(taken, new_id));
    EXPECT_TRUE(starts(lone.reports(old_id, ContainerState::Gone), new_id));
}

TEST_F(InPlace, TwoOnOneVolumeAreNeverBesideOneAnotherWhateverTheAwardSays) {
    const auto taken = awards_update(new_spec, 2, false);
    EXPECT_TRUE(stops(taken, old_id, StopReason::Replaced));
    EXPECT_FALSE(starts(taken, new_id));
}

TEST_F(InPlace, BothTogetherHoldWhatTheLargerOneNeeds) {
    new_spec.container.need = {3500, 3 * kGiB};
    ASSERT_EQ(accepted(awards_update(new_spec, 2, true)).size(), 1U);
    EXPECT_EQ(lone.used(), (Resources{3500, 3 * kGiB}));
    (void)lone.synced(lone.reports(old_id, ContainerState::Gone));
    EXPECT_EQ(lone.used(), (Resources{3500, 3 * kGiB}));
    EXPECT_EQ(lone.machine().ledger().all().size(), 1U);
}

TEST_F(InPlace, ARestartInBetweenChangesNothing) {
    (void)awards_update(new_spec, 2, true);
    LoneExecutor again{lone.disk()};
    (void)again.learns(new_spec);
    const auto effects = again.starts(facts_of("self"), {{old_id, ContainerState::Running}});
    EXPECT_TRUE(stops(effects, old_id, StopReason::Replaced));
    EXPECT_FALSE(starts(effects, new_id));
    EXPECT_EQ(again.used(), (Resources{1000, kGiB}));
    EXPECT_TRUE(starts(again.reports(old_id, ContainerState::Gone), new_id));
}

TEST_F(InPlace, OneThatWaitsIsNotWaitedFor) {
    (void)awards_update(new_spec, 2, true);
    const auto third = with_volume(job(1, 3));
    const auto no = refused(awards_update(third, 3, true));
    ASSERT_EQ(no.size(), 1U);
    EXPECT_EQ(no[0].why, Refusal::Taken);
}

TEST_F(InPlace, AJobDeletedMeanwhileStartsNothing) {
    (void)awards_update(new_spec, 2, true);
    EXPECT_TRUE(stops(lone.learns_of_deletion("web"), new_id, StopReason::JobDeleted));
    EXPECT_FALSE(starts(lone.reports(old_id, ContainerState::Gone), new_id));
}

TEST(Replacing, TakesOverAHostPort) {
    LoneExecutor lone;
    (void)lone.starts();
    auto spec = job();
    spec.container.ports = {{.host_port = 80, .container_port = 80}};
    (void)lone.runs(spec);
    auto next = job(1, 2);
    next.container.ports = spec.container.ports;
    EXPECT_EQ(sent<NoBid>(lone.asked(request_for(next))).size(), 1U) << "the port is taken";
    auto request = request_for(next);
    request.instead = Instead{0, 1};
    ASSERT_EQ(sent<Bid>(lone.asked(request)).size(), 1U);
}

// ---- updates without volumes

struct Updates : Pinning {
    JobSpec plain(std::uint64_t template_gen, std::uint16_t host_port = 0) {
        auto spec = job(1, template_gen, name);
        spec.container.ports = {{.host_port = host_port, .container_port = 80}};
        return spec;
    }

    void place(const JobSpec& spec, std::uint16_t port) {
        for (const auto& [to, award] : awards(all_bid(lone.learns(spec)))) {
            auto claim = claim_of(spec, 0, award.slots.at(0).epoch);
            claim.host_ports = {port};
            (void)lone.hears(to, Awarded{award.request, name, {{0, claim.epoch, 1}}, {}});
            (void)lone.sees(to, claim);
        }
    }
};

TEST_F(Updates, StartFirstWhereTheyCan) {
    place(plain(1), 20'000);
    const auto asked = lone.learns(plain(2), 2);
    EXPECT_EQ(asked_of(asked), (std::vector{kAnn, kBob, kSelf}));
    const auto given = awards(all_bid(asked));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_FALSE(given[0].award.slots.at(0).stop_first);
}

TEST_F(Updates, StopFirstForAHostPort) {
    place(plain(1, 80), 80);
    const auto asked = lone.learns(plain(2, 80), 2);
    EXPECT_EQ(asked_of(asked), (std::vector{kBob}));
    EXPECT_TRUE(awards(all_bid(asked)).at(0).award.slots.at(0).stop_first);
}

TEST_F(Updates, GoElsewhereIfTheOldNodeMayNotHaveIt) {
    place(plain(1, 80), 80);
    auto next = plain(2, 80);
    next.constraints = {{"node.name", Constraint::Op::Equals, "ann"}};
    const auto given = awards(all_bid(lone.learns(next, 2)));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_EQ(given[0].to, kAnn);
    EXPECT_FALSE(given[0].award.slots.at(0).stop_first);
}

TEST_F(Updates, TakeTheOldOnesPlaceWhenThereIsNoRoomBesideIt) {
    place(plain(1), 20'000);
    auto asked = lone.learns(plain(2), 2);
    for (int round = 0; round < 3; ++round) {
        Effects out;
        for (const NodeId& node : asked_of(asked)) {
            LoneCoordinator::append(out,
                                    lone.declines(node, asked, {Filter::Cpu, 1, 0, "is full"}));
        }
        asked = lone.waits(seconds{6});
    }
    ASSERT_FALSE(sent<BidRequest>(asked).empty());
    EXPECT_EQ(sent<BidRequest>(asked).back().instead, (Instead{0, 1}));
}

}  // namespace
}  // namespace shoal::placement
