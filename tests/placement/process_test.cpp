// What a job may ask of the process it becomes, and who runs it if it asks for much.
#include "placement/process.h"

#include "tests/placement/lone_coordinator.h"
#include "tests/placement/lone_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace shoal::placement {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Processes, AreRefusedWithWhatIsWrong) {
    const struct {
        std::function<void(ProcessWish&)> spoil;
        const char* says;
    } cases[] = {
        {[](ProcessWish& p) { p.user = "a:b:c"; }, "process.user: 'a:b:c'"},
        {[](ProcessWish& p) { p.groups = {""}; }, "process.group_add"},
        {[](ProcessWish& p) { p.working_dir = "srv"; }, "a path from the root"},
        {[](ProcessWish& p) { p.hostname = "-"; }, "process.hostname"},
        {[](ProcessWish& p) { p.domainname = "a b"; }, "process.domainname"},
        {[](ProcessWish& p) { p.stop_signal = "SIGNONE"; }, "process.stop_signal"},
        {[](ProcessWish& p) { p.cap_add = {"CAP_CHOWN"}; }, "process.cap_add"},
        {[](ProcessWish& p) { p.cap_drop = {"EVERYTHING"}; }, "process.cap_drop"},
        {[](ProcessWish& p) {
             p.sysctls = {{"vm.swappiness", "1"}};
         },
         "net.*"},
        {[](ProcessWish& p) {
             p.ulimits = {{"files", {1, 1}}};
         },
         "process.ulimits: 'files'"},
        {[](ProcessWish& p) {
             p.ulimits = {{"nofile", {-1, 5}}};
         },
         "soft at most hard"},
        {[](ProcessWish& p) {
             p.ulimits = {{"nofile", {-2, -2}}};
         },
         "process.ulimits"},
        {[](ProcessWish& p) { p.pids_limit = kPidsLimitMax + 1; }, "process.pids_limit"},
        {[](ProcessWish& p) { p.cpu_shares = 1; }, "process.cpu_shares"},
        {[](ProcessWish& p) { p.memswap_limit = 63 << 20; }, "process.memswap_limit"},
        {[](ProcessWish& p) { p.shm_size = (1ULL << 50U) + 1; }, "process.shm_size"},
        {[](ProcessWish& p) { p.oom_score_adj = 1001; }, "process.oom_score_adj"},
        {[](ProcessWish& p) { p.tmpfs = {"/proc"}; }, "process.tmpfs"},
        {[](ProcessWish& p) { p.extra_hosts = {"db"}; }, "NAME=ADDRESS"},
        {[](ProcessWish& p) { p.dns = {"resolver"}; }, "process.dns: 'resolver'"},
        {[](ProcessWish& p) { p.dns_search = {"a\nnameserver 1.1.1.1"}; }, "process.dns_search"},
        {[](ProcessWish& p) { p.dns_opt = {""}; }, "process.dns_opt"},
        {[](ProcessWish& p) { p.dns.resize(129, "10.0.0.1"); }, "more than 128"},
    };

    EXPECT_TRUE(validate(ProcessWish{}, 0));
    for (const auto& c : cases) {
        ProcessWish wish;
        c.spoil(wish);
        const auto result = validate(wish, 64U << 20U);
        ASSERT_FALSE(result.has_value()) << c.says;
        EXPECT_THAT(result.error().detail, HasSubstr(c.says));
    }
    EXPECT_TRUE(validate({.ulimits = {{"memlock", {-1, -1}}, {"nofile", {5, -1}}}}, 0));
    EXPECT_TRUE(validate({.memswap_limit = -1}, 1));
    EXPECT_FALSE(validate({.memswap_limit = -1}, 0)) << "no limit of memory to go beside";
}

TEST(Processes, HaveTheCapabilitiesTheyAskFor) {
    EXPECT_EQ(capabilities_of({}).size(), 14U);
    EXPECT_THAT(capabilities_of({.cap_add = {"NET_ADMIN"}, .cap_drop = {"ALL"}}),
                ElementsAre("NET_ADMIN"));
    EXPECT_EQ(capabilities_of({.cap_drop = {"CHOWN"}}).size(), 13U);
    EXPECT_EQ(capabilities_of({.cap_add = {"ALL"}, .cap_drop = {"SYS_ADMIN"}}).size(), 40U);
    EXPECT_EQ(capabilities_of({.privileged = true, .cap_drop = {"ALL"}}).size(), 41U);
}

TEST(Processes, NeedPrivilegeForWhatReachesOut) {
    EXPECT_FALSE(needs_privilege({}));
    EXPECT_FALSE(needs_privilege({.cap_add = {"IPC_LOCK"}, .ulimits = {{"memlock", {-1, -1}}}}));
    EXPECT_FALSE(needs_privilege({.oom_score_adj = 500}));
    EXPECT_TRUE(needs_privilege({.privileged = true}));
    EXPECT_TRUE(needs_privilege({.no_new_privileges = false}));
    EXPECT_TRUE(needs_privilege({.cap_add = {"NET_ADMIN"}}));
    EXPECT_TRUE(needs_privilege({.cap_add = {"ALL"}}));
    EXPECT_TRUE(needs_privilege({.ulimits = {{"rtprio", {0, 99}}}}));
    EXPECT_TRUE(needs_privilege({.oom_score_adj = -1}));
}

JobSpec privileged() {
    auto out = job();
    out.container.process.privileged = true;
    return out;
}

NodeFacts allowing(const std::string& name) {
    auto out = facts_of(name);
    out.privileged = true;
    return out;
}

TEST(Privileges, AreBidForWhereTheyAreAllowed) {
    LoneExecutor strict;
    (void)strict.starts();
    const auto refused = sent<NoBid>(strict.asked(request_for(privileged())));
    ASSERT_EQ(refused.size(), 1U);
    EXPECT_EQ(refused[0].reasons.at(0).filter, Filter::Privilege);
    EXPECT_THAT(refused[0].reasons.at(0).detail, HasSubstr("--allow-privileged"));

    LoneExecutor open;
    (void)open.starts(allowing("self"));
    EXPECT_EQ(sent<Bid>(open.asked(request_for(privileged()))).size(), 1U);
}

// A coordinator that does not ask, or asks for something else, wins nothing with it.
TEST(Privileges, AreNotTakenUnasked) {
    LoneExecutor strict;
    (void)strict.starts();
    (void)strict.learns(privileged());
    const auto effects = strict.takes(privileged(), {{0, 1, {}}});
    ASSERT_EQ(refused(effects).size(), 1U);
    EXPECT_EQ(refused(effects)[0].why, Refusal::Privilege);
    EXPECT_TRUE(all<StartContainer>(effects).empty());
}

TEST(Privileges, AreNotKeptByANodeThatAllowsThemNoMore) {
    LoneExecutor open;
    (void)open.starts(allowing("self"));
    (void)open.learns(privileged());
    (void)open.runs(privileged());
    LoneExecutor strict{open.disk()};
    (void)strict.learns(privileged());
    const auto effects = strict.starts();
    EXPECT_TRUE(all<StartContainer>(effects).empty());
    const auto claims = all<PublishClaim>(effects);
    ASSERT_FALSE(claims.empty());
    EXPECT_EQ(claims.back().claim->state, ClaimState::Failed);
    EXPECT_THAT(claims.back().claim->detail, HasSubstr("--allow-privileged"));
    (void)strict.synced(effects);
    EXPECT_EQ(strict.used(), Resources{});
}

TEST(Privileges, AreAskedOfNodesThatAllowThemAlone) {
    const std::vector<NodeId> others{kAnn, kBob, kCarol};
    LoneCoordinator lone;
    (void)lone.meets(kAnn, allowing("ann"));
    (void)lone.meets(kBob, "bob");
    auto spec = privileged();
    spec.name = name_with_rank(0, others);
    const auto asked = lone.learns(spec);
    EXPECT_THAT(asked_of(asked), ElementsAre(kAnn));
    const auto verdicts = lone.machine().verdicts(spec.name);
    const auto bob = std::find_if(verdicts.begin(), verdicts.end(),
                                  [](const Verdict& one) { return one.node == kBob; });
    ASSERT_NE(bob, verdicts.end());
    EXPECT_EQ(bob->reasons.at(0).filter, Filter::Privilege);
}

}  // namespace
}  // namespace shoal::placement
