// Members that ask, answer and claim whatever they like; runtimes and disks that do not keep to the
// order of things. The machine stays bounded, and stays one that can run what it promised.
#include "tests/placement/lone_coordinator.h"
#include "tests/placement/lone_executor.h"

#include <gtest/gtest.h>

namespace shoal::placement {
namespace {

// ---- the executor's world

TEST(OddRuntime, ReportsWhatHasNotBeenStartedYet) {
    for (const auto state :
         {ContainerState::Running, ContainerState::Exited, ContainerState::StartFailed}) {
        LoneExecutor lone;
        (void)lone.starts();
        const Award award{
            .request = 2, .ticket = lone.ticket_for(job()), .spec = job(), .slots = {{0, 1, {}}}};
        const auto promised = lone.awarded(award);
        const ContainerId id{{"web", 0}, 1};
        EXPECT_TRUE(lone.reports(id, state, 1).empty());
        EXPECT_TRUE(lone.waits(minutes{1}).empty());
        EXPECT_TRUE(has<StartContainer>(lone.synced(promised))) << "once it is on disk, as ever";
    }
}

// What ended and was not yet written as such is found running: it is ours until it ends again.
TEST(OddRuntime, ReportsWhatEndedAsRunning) {
    for (const bool refused : {true, false}) {
        LoneExecutor lone;
        (void)lone.starts();
        (void)lone.learns(job());
        const auto id = lone.runs(job());
        (void)lone.synced(lone.learns_of_deletion("web"));
        const auto ended = all<Persist>(lone.reports(id, ContainerState::Exited));
        ASSERT_EQ(ended.size(), 1U);
        (void)lone.learns(job(), 2);
        if (refused) (void)lone.persist_failed(ended[0].token);
        (void)lone.synced(lone.reports(id, ContainerState::Running));
        if (!refused) (void)lone.persisted(ended[0].token);
        (void)lone.waits(seconds{5});  // The journal is asked again for what it refused.
        EXPECT_EQ(lone.used(), (Resources{1000, kGiB})) << "once, not twice";
        EXPECT_TRUE(lone.machine().ledger().all().contains(id));
        (void)lone.synced(lone.learns_of_deletion("web"));
        (void)lone.synced(lone.reports(id, ContainerState::Exited));
        EXPECT_EQ(lone.used(), Resources{});
    }
}

TEST(OddRuntime, RunsWhatWasGivenUp) {
    LoneExecutor lone;
    (void)lone.starts();
    auto once = job();
    once.restart = RestartPolicy::Never;
    (void)lone.learns(once);
    const auto id = lone.runs(once);
    (void)lone.synced(lone.reports(id, ContainerState::Exited, 1));
    (void)lone.synced(lone.reports(id, ContainerState::Running));
    once.template_gen = 2;
    const auto out = lone.learns(once, 2);
    EXPECT_EQ(last_said(out, id), nullptr) << "its claim stands while it runs";
}

TEST(HostileAsker, IsNotAnsweredWhatWouldFitNoFrame) {
    LoneExecutor lone;
    (void)lone.starts();
    auto many_ports = request_for(job());
    many_ports.ports.resize(kPortsMax + 1, {.container_port = 1});
    auto many_constraints = request_for(job());
    many_constraints.constraints.resize(kConstraintsMax + 1, {"node.name"});
    auto long_constraint = request_for(job());
    long_constraint.constraints = {{"node.name", {}, std::string(kConstraintBytesMax, 'x')}};
    for (const auto& request : {many_ports, many_constraints, long_constraint}) {
        EXPECT_TRUE(lone.asked(request).empty());
    }
}

TEST(SpoiltLedger, DoesNotWrapAroundNorTakeTheLastEpoch) {
    Ledger ledger{{4000, kGiB}, {}};
    auto huge = job(10'000);
    huge.container.need = {~std::uint32_t{0}, ~std::uint64_t{0}};
    for (std::uint32_t index = 0; index < 1000; ++index) {
        (void)ledger.add({.slot = {"web", index}, .epoch = 1, .spec = huge});
    }
    EXPECT_FALSE(ledger.lacking({1, 1}, {}, 1).empty());
    EXPECT_EQ(ledger.used().cpu_milli, ~std::uint32_t{0});

    tests::Disk disk;
    auto crowded = job();
    crowded.container.ports.resize(kPortsMax + 1);
    const Promise last{.slot = {"web", 0}, .epoch = kEpochMax, .spec = job()};
    const Promise ported{.slot = {"web", 1}, .epoch = 1, .spec = crowded};
    disk.write({ledger.row(last),
                ledger.row(ported),
                {Table::Ledger, "ended/alloc/web/2/0", Blob{Bytes(8, 0xFF)}}});
    Ledger again{{4000, kGiB}, {}};
    again.restore(disk.rows());
    EXPECT_TRUE(again.all().empty());
    EXPECT_EQ(again.highest_epoch({"web", 2}), 0U);
}

// ---- the coordinator's world

class HostileBidder : public ::testing::Test {
protected:
    HostileBidder() { (void)lone.meets(kBob, "bob"); }

    const std::string name = name_with_rank(0, {kBob});
    LoneCoordinator lone;
};

TEST_F(HostileBidder, CannotMakeUsKeepALongStory) {
    const auto asked = lone.learns(job(1, 1, name));
    const NoBid no{LoneCoordinator::request(asked),
                   std::vector<Reason>(100, {Filter::Cpu, 1, 0, std::string(100'000, 'x')})};
    (void)lone.hears(kBob, no);
    for (const Verdict& verdict : lone.machine().verdicts(name)) {
        EXPECT_LE(verdict.reasons.size(), 16U);
        for (const Reason& reason : verdict.reasons) {
            EXPECT_LE(reason.detail.size(), 1000U);
        }
    }
}

TEST_F(HostileBidder, SaysNothingOfSlotsItWasNotAwarded) {
    const auto asked = lone.learns(job(1, 1, name));
    (void)lone.declines(kSelf, asked, {Filter::Cpu, 1, 0, "full"});
    const auto given = awards(lone.bids(kBob, asked, {1, 2, 3}));
    ASSERT_EQ(given.size(), 1U);
    (void)lone.hears(kBob, Awarded{.request = given[0].award.request,
                                   .job = name,
                                   .accepted = {{0, 1, 1}, {1, 1, 1}},
                                   .refused = {{.index = 2, .epoch = 1, .highest_epoch = 999}}});
    (void)lone.sees(kBob, claim_of(job(1, 1, name), 0, 1));
    const auto more = lone.learns(job(3, 1, name), 2);
    (void)lone.declines(kSelf, more, {Filter::Cpu, 1, 0, "full"});
    const auto rest = awards(lone.bids(kBob, more, {1, 2, 3}));
    ASSERT_EQ(rest.size(), 1U);
    ASSERT_EQ(rest[0].award.slots.size(), 2U);
    EXPECT_EQ(rest[0].award.slots[0], (AwardedSlot{1, 1, std::nullopt}));
    EXPECT_EQ(rest[0].award.slots[1], (AwardedSlot{2, 1, std::nullopt}));
}

// ---- what is claimed

TEST(HostileClaim, OfASlotNoJobHasLeavesNothing) {
    View view{.self = kSelf};
    view.see(ClaimSeen{kAnn, {"web", kReplicasMax}, 7, claim_of(job(), kReplicasMax, 7)});
    EXPECT_TRUE(view.claims.empty() && view.highest.empty());
}

TEST(HostileClaim, OfAJobNobodyKnowsIsNotRememberedWithoutEnd) {
    View view{.self = kSelf};
    const auto comes_and_goes = [&](const std::string& name) {
        const SlotId slot{name, 0};
        view.see(ClaimSeen{kAnn, slot, 7, Claim{.slot = slot, .epoch = 7}});
        view.see(ClaimSeen{kAnn, slot, 7, std::nullopt});
    };
    for (std::size_t i = 0; i < kSlotsRememberedMax + 10; ++i) {
        comes_and_goes("job-" + std::to_string(i));
    }
    EXPECT_TRUE(view.claims.empty());
    EXPECT_EQ(view.highest.size(), kSlotsRememberedMax);
    view.see(JobChanged{"web", 1, job()});
    comes_and_goes("web");
    EXPECT_EQ(view.highest_epoch({"web", 0}), 7U) << "a job's own are, whatever others claim";
}

TEST(HostileClaim, HasOneKeyOnly) {
    EXPECT_TRUE(parse_claim_key("alloc/web/7/1").has_value());
    for (const auto* key : {"alloc/web/007/1", "alloc/web/7/01", "alloc/web/+7/1", "alloc//7/1"}) {
        EXPECT_FALSE(parse_claim_key(key).has_value()) << key;
    }
}

TEST(HostileJob, IsRefusedForItsSize) {
    auto much_text = job();
    much_text.container.environment["A"] = std::string(kSpecTextMax, 'x');
    auto no_machine = job();
    no_machine.container.need.memory_bytes = ~std::uint64_t{0};
    auto no_cores = job();
    no_cores.container.need.cpu_milli = ~std::uint32_t{0};
    auto long_constraint = job();
    long_constraint.constraints = {{"node.name", {}, std::string(kConstraintBytesMax, 'x')}};
    for (const auto& spec : {much_text, no_machine, no_cores, long_constraint}) {
        const auto judged = validate(spec);
        ASSERT_FALSE(judged.has_value());
        EXPECT_EQ(judged.error().code, Errc::TooLarge);
    }
}

}  // namespace
}  // namespace shoal::placement
