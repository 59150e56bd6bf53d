// Services by name, or rather by the addresses that names stand for.
#include "tests/network/world/world.h"

#include <set>

namespace shoal::network::tests {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

Replica here(const std::string& container, std::vector<FarPort> ports = {}) {
    return {container, {}, std::move(ports)};
}

Replica at_neighbour(std::uint16_t port, std::uint16_t host_port) {
    return {{}, ip(kNeighbourAddress), {{Protocol::Tcp, port, host_port}}};
}

class Services : public World {
protected:
    void SetUp() override {
        World::SetUp();
        if (HasFatalFailure()) return;
        network_ = opened(settings());
    }

    // A project "shop" of these containers, with one service, "api".
    void serve(const std::vector<std::string>& containers, std::vector<Replica> replicas,
               std::vector<Ipv4> members = {}) {
        const auto served = network_->serve({{"shop", containers, {{"api", std::move(replicas)}}}},
                                            std::move(members));
        ASSERT_TRUE(served) << served.error().detail;
    }

    [[nodiscard]] std::string api() const {
        const auto address = network_->service_address("shop", "api");
        return address ? to_string(*address) : "no address";
    }

    std::unique_ptr<Network> network_;
};

TEST_F(Services, AnyPortOfAReplicaHereIsReachedByItsProjectAlone) {
    serve({"web", "api-0"}, {here("api-0")});
    const auto web = attached(*network_, "web", {});
    const auto replica = attached(*network_, "api-0", {});
    const auto stranger = attached(*network_, "stranger", {});
    const Server one{replica.namespace_path, "0.0.0.0", 80, "one"};
    const Server two{replica.namespace_path, "0.0.0.0", 8080, "two"};
    const DatagramServer dns{replica.namespace_path, 53, "dns"};
    EXPECT_THAT(fetch(web.namespace_path, api(), 80), StartsWith("one for"));
    EXPECT_THAT(fetch(web.namespace_path, api(), 8080), StartsWith("two for"));
    EXPECT_THAT(DatagramClient{web.namespace_path}.ask(api(), 53, kPatienceSeconds),
                StartsWith("dns for"));
    // A service may call itself.
    EXPECT_THAT(fetch(replica.namespace_path, api(), 80), StartsWith("one for"));
    // Not translated, and refused at once, are a stranger, a closed port and a service of nobody.
    EXPECT_EQ(fetch(stranger.namespace_path, api(), 80), "refused");
    EXPECT_EQ(fetch(web.namespace_path, api(), 81), "refused");
    const auto subnet = network_->bridge().services;
    EXPECT_EQ(fetch(web.namespace_path, to_string(subnet.at(900)), 80), "refused");
}

TEST_F(Services, AReplicaElsewhereIsReachedThroughThePortOfItsNode) {
    serve({"web"}, {at_neighbour(80, 20001)});
    const auto web = attached(*network_, "web", {});
    const Server far{kNeighbour, "0.0.0.0", 20001, "far"};
    const Server other{kNeighbour, "0.0.0.0", 81, "other"};
    EXPECT_EQ(fetch(web.namespace_path, api(), 80), "far for 192.0.2.1");
    EXPECT_EQ(fetch(web.namespace_path, api(), 81), "refused");
}

TEST_F(Services, ConnectionsSpreadOverReplicasHereAndElsewhere) {
    const FarPort port{Protocol::Tcp, 80, 20002};
    serve({"web", "api-0", "api-1"},
          {here("api-0", {port}), here("api-1"), at_neighbour(80, 20001)});
    const auto web = attached(*network_, "web", {});
    const auto first = attached(*network_, "api-0", {});
    const auto second = attached(*network_, "api-1", {});
    const Server zero{first.namespace_path, "0.0.0.0", 80, "zero"};
    const Server one{second.namespace_path, "0.0.0.0", 80, "one"};
    const Server far{kNeighbour, "0.0.0.0", 20001, "far"};
    std::set<std::string> seen;
    for (int i = 0; i < 400 && seen.size() < 3; ++i) {
        const auto said = fetch(web.namespace_path, api(), 80);
        seen.insert(said.substr(0, said.find(' ')));
    }
    EXPECT_THAT(seen, ElementsAre("far", "one", "zero"));
}

TEST_F(Services, WithoutAReplicaTheyRefuseAtOnceAndTakeTheNextThatComes) {
    serve({"web", "api-1"}, {});
    const auto web = attached(*network_, "web", {});
    EXPECT_EQ(fetch(web.namespace_path, api(), 80), "refused");
    DatagramClient client{web.namespace_path};
    EXPECT_EQ(client.ask(api(), 53, kBriefSeconds), "");
    const auto replica = attached(*network_, "api-1", {});
    const Server server{replica.namespace_path, "0.0.0.0", 80, "next"};
    const DatagramServer dns{replica.namespace_path, 53, "dns"};
    EXPECT_EQ(fetch(web.namespace_path, api(), 80), "refused");
    const std::string address = api();
    serve({"web", "api-1"}, {here("api-1")});
    EXPECT_EQ(api(), address);
    EXPECT_THAT(fetch(web.namespace_path, api(), 80), StartsWith("next for"));
    EXPECT_THAT(client.ask(api(), 53, kPatienceSeconds), StartsWith("dns for"));
}

TEST_F(Services, AContainerThatGoesTakesNothingMore) {
    serve({"web", "api-0", "api-1"}, {here("api-0"), here("api-1")});
    const auto web = attached(*network_, "web", {});
    DatagramClient client{web.namespace_path};
    for (const char* name : {"api-0", "api-1"}) {
        const auto replica = attached(*network_, name, {});
        const Server server{replica.namespace_path, "0.0.0.0", 80, name};
        const DatagramServer dns{replica.namespace_path, 53, name};
        const auto said = std::string{name} + " for";
        EXPECT_THAT(fetch(web.namespace_path, api(), 80), StartsWith(said));
        // The same flow: the kernel would go on sending it to the one that is gone.
        EXPECT_THAT(client.ask(api(), 53, kPatienceSeconds), StartsWith(said));
        ASSERT_TRUE(network_->detach(name));
    }
    EXPECT_EQ(fetch(web.namespace_path, api(), 80), "refused");
}

TEST_F(Services, DatagramsFollowFromOneNodeToAnother) {
    const FarPort port{Protocol::Udp, 53, 20001};
    const DatagramServer far{kNeighbour, 20001, "far"};
    serve({"web", "api-0"}, {{{}, ip(kNeighbourAddress), {port}}});
    const auto web = attached(*network_, "web", {});
    const auto replica = attached(*network_, "api-0", {});
    const DatagramServer near{replica.namespace_path, 53, "near"};
    DatagramClient client{web.namespace_path};
    EXPECT_THAT(client.ask(api(), 53, kPatienceSeconds), StartsWith("far for"));
    serve({"web", "api-0"}, {here("api-0")});
    EXPECT_THAT(client.ask(api(), 53, kPatienceSeconds), StartsWith("near for"));
}

TEST_F(Services, APortForMembersIsOneThatNobodyElseSees) {
    serve({"api-0"}, {here("api-0")});
    PortRequest wish = tcp("0.0.0.0", 0, 80);
    wish.members_only = true;
    const auto replica = attached(*network_, "api-0", {wish});
    const Server server{replica.namespace_path, "0.0.0.0", 80, "api"};
    const std::uint16_t port = replica.ports.front().host_port;
    EXPECT_EQ(fetch(kNeighbour, kHostAddress, port), "refused");
    EXPECT_EQ(fetch(kHost, "127.0.0.1", port), "refused");
    serve({"api-0"}, {here("api-0")}, {ip(kNeighbourAddress)});
    EXPECT_EQ(fetch(kNeighbour, kHostAddress, port), "api for 192.0.2.2");
    EXPECT_EQ(fetch(kHost, kHostAddress, port), "refused");
    const auto stranger = attached(*network_, "stranger", {});
    EXPECT_EQ(fetch(stranger.namespace_path, kHostAddress, port), "refused");
    EXPECT_THAT(network_->watch().restored, IsEmpty());
    serve({"api-0"}, {here("api-0")}, {ip("192.0.2.99")});
    EXPECT_EQ(fetch(kNeighbour, kHostAddress, port), "refused");
}

TEST_F(Services, WhatAStrangerFlushesOrChangesIsRestored) {
    serve({"web", "api-0"}, {here("api-0")}, {ip(kNeighbourAddress)});
    const auto web = attached(*network_, "web", {});
    const auto replica = attached(*network_, "api-0", {});
    const Server server{replica.namespace_path, "0.0.0.0", 80, "api"};
    EXPECT_THAT(network_->watch().restored, IsEmpty());
    nft("flush ruleset");
    EXPECT_THAT(network_->watch().restored,
                ElementsAre(HasSubstr("shoal_7f3a91c2_services was gone"),
                            HasSubstr("shoal_7f3a91c2 was gone")));
    EXPECT_THAT(fetch(web.namespace_path, api(), 80), StartsWith("api for"));
    nft("flush map ip shoal_7f3a91c2_services ways");
    nft("flush set ip shoal_7f3a91c2 members");
    EXPECT_THAT(network_->watch().restored,
                ElementsAre(HasSubstr("shoal_7f3a91c2_services had been changed"),
                            HasSubstr("the list of members had been changed")));
    EXPECT_THAT(fetch(web.namespace_path, api(), 80), StartsWith("api for"));
    run(kHost, "ip route del " + to_string(network_->bridge().services));
    EXPECT_THAT(network_->watch().restored, ElementsAre(HasSubstr("lacked the route to")));
    EXPECT_THAT(network_->watch().restored, IsEmpty());
}

// Programs that keep an answer for ever outlive the agent.
TEST_F(Services, AddressesAndRulesOutliveARestart) {
    const PortRequest wish{{}, 0, 80, Protocol::Tcp, true};
    serve({"web", "api-0"}, {here("api-0")}, {ip(kNeighbourAddress)});
    const auto web = attached(*network_, "web", {});
    const auto replica = attached(*network_, "api-0", {wish});
    const Server server{replica.namespace_path, "0.0.0.0", 80, "api"};
    const std::string address = api();
    const std::string table = "nft -s list table ip shoal_7f3a91c2_services";
    const std::string before = run(kHost, table);
    network_.reset();
    network_ = opened(settings());
    // Nothing is told yet, and nothing has changed.
    EXPECT_EQ(run(kHost, table), before);
    EXPECT_THAT(fetch(web.namespace_path, address, 80), StartsWith("api for"));
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, replica.ports.front().host_port),
                StartsWith("api for"));
    serve({"web", "api-0"}, {here("api-0")}, {ip(kNeighbourAddress)});
    EXPECT_EQ(api(), address);
    EXPECT_EQ(run(kHost, table), before);
    ASSERT_TRUE(network_->serve({}, {}));
    EXPECT_EQ(api(), "no address");
}

TEST_F(Services, GoWithTheNode) {
    serve({"web"}, {});
    network_.reset();
    const auto cleared = Network::clear(settings().node, settings().run_dir);
    ASSERT_TRUE(cleared) << cleared.error().detail;
    EXPECT_THAT(*cleared, testing::Contains("nft table ip shoal_7f3a91c2_services"));
    EXPECT_EQ(run(kHost, "nft list ruleset"), "");
}

}  // namespace
}  // namespace shoal::network::tests
