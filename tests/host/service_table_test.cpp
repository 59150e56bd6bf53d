// Who answers to which name: a pure function of what a node knows.
#include "node/host/runtime/service_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shoal::host {
namespace {

using placement::Claim;
using placement::ClaimState;
using placement::JobSpec;
using placement::ServedPort;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr NodeId kSelf{0, 100};
constexpr NodeId kAnn{0, 1};
constexpr NodeId kBob{0, 2};
const std::vector<ServedPort> kHttp{{{80, placement::Protocol::Tcp}, 20'001}};

class Table : public testing::Test {
protected:
    Table() {
        view_.self = kSelf;
        for (const NodeId& node : {kAnn, kBob})
            stands(node, Standing::Alive);
        for (const char* job : {"shop/api", "shop/web", "other/api", "shopping/api", "api"})
            submit(job);
    }

    void submit(const std::string& job, placement::Naming naming = {}) {
        JobSpec spec{.name = job, .naming = std::move(naming)};
        view_.see({.job = job, .gen = 1, .spec = std::move(spec)});
    }

    void stands(const NodeId& node, Standing standing) {
        view_.see(Instant{}, placement::PeerChanged{node, standing});
    }

    void claims(const NodeId& node, const std::string& job, ClaimState state,
                std::uint32_t slot = 0, std::vector<ServedPort> serves = kHttp) {
        const Claim claim{
            .slot = {job, slot}, .epoch = 1, .state = state, .serves = std::move(serves)};
        view_.see(placement::ClaimSeen{node, claim.slot, 1, claim});
    }

    [[nodiscard]] ServiceTable table(std::vector<placement::ContainerId> promised) const {
        return make_service_table({.view = view_,
                                   .addresses = {{kAnn, "192.0.2.1"}, {kBob, "192.0.2.2"}},
                                   .promised = std::move(promised)});
    }

    // Of shop/api, as a node that runs shop/web sees it.
    [[nodiscard]] std::vector<ServedReplica> replicas() const {
        return table({{{"shop/web", 0}, 1}}).projects.at(0).services.at(0).replicas;
    }

    static ServedReplica at(const std::string& address) {
        return {.address = address, .ports = kHttp};
    }

    placement::View view_;
};

TEST_F(Table, HasTheProjectsThatRunHere) {
    const placement::ContainerId web{{"shop/web", 0}, 3};
    const auto all = table({web, {{"api", 0}, 1}});
    ASSERT_THAT(all.projects, SizeIs(1));
    const auto& shop = all.projects[0];
    EXPECT_EQ(shop.name, "shop");
    EXPECT_THAT(shop.containers, ElementsAre(web));
    ASSERT_THAT(shop.services, SizeIs(2)) << "not those of 'shopping'";
    EXPECT_EQ(shop.services[0].name, "api");
    EXPECT_EQ(shop.services[1].name, "web");
    EXPECT_THAT(all.members, ElementsAre("192.0.2.1", "192.0.2.2"));
    EXPECT_THAT(table({}).projects, IsEmpty());
}

TEST_F(Table, LeavesOutJobsThatAreDeleted) {
    view_.see({.job = "shop/api", .gen = 2, .spec = std::nullopt});
    const auto all = table({{{"shop/web", 0}, 1}});
    ASSERT_THAT(all.projects.at(0).services, SizeIs(1));
    EXPECT_EQ(all.projects[0].services[0].name, "web");
}

TEST_F(Table, SendsToReplicasThatAreHealthy) {
    claims(kAnn, "shop/api", ClaimState::Healthy);
    claims(kBob, "shop/api", ClaimState::Starting, 1);
    EXPECT_THAT(replicas(), ElementsAre(at("192.0.2.1")));
    claims(kBob, "shop/api", ClaimState::Healthy, 1);
    EXPECT_THAT(replicas(), ElementsAre(at("192.0.2.1"), at("192.0.2.2")));
    claims(kAnn, "shop/api", ClaimState::Unhealthy);
    EXPECT_THAT(replicas(), ElementsAre(at("192.0.2.2")));
}

TEST_F(Table, NamesTheContainerOfAReplicaHere) {
    claims(kSelf, "shop/api", ClaimState::Healthy, 2, {});
    ASSERT_THAT(replicas(), SizeIs(1));
    EXPECT_TRUE(replicas()[0].here);
    EXPECT_EQ(replicas()[0].container, (placement::ContainerId{{"shop/api", 2}, 1}));
}

TEST_F(Table, LeavesOutWhatCannotBeReached) {
    claims(kAnn, "shop/api", ClaimState::Healthy, 0, {});
    claims({0, 77}, "shop/api", ClaimState::Healthy, 1);  // a node whose address nobody knows
    EXPECT_THAT(replicas(), IsEmpty());
}

TEST_F(Table, FallsBackToNodesThatDoNotAnswerWhereThereIsNoOther) {
    claims(kAnn, "shop/api", ClaimState::Healthy);
    claims(kBob, "shop/api", ClaimState::Healthy, 1);
    stands(kAnn, Standing::AgentDown);
    EXPECT_THAT(replicas(), ElementsAre(at("192.0.2.2")));
    stands(kBob, Standing::Unreachable);
    EXPECT_THAT(replicas(), ElementsAre(at("192.0.2.1"), at("192.0.2.2")));
}

TEST_F(Table, TellsAliasesToAllAndLinksToTheirOwn) {
    submit("shop/api", {{"backend"}, {}});
    submit("shop/web", {{}, {{"database", "shop/api"}, {"stranger", "other/api"}}});
    const auto shop = table({{{"shop/web", 0}, 1}, {{"shop/api", 0}, 1}}).projects.at(0);
    EXPECT_THAT(shop.services[0].aliases, ElementsAre("backend"));
    ASSERT_THAT(shop.links, SizeIs(1));
    EXPECT_THAT(shop.links.at("shop/web"), ElementsAre(testing::Pair("database", "api")));
}

}  // namespace
}  // namespace shoal::host
