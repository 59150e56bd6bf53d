// Ports of containers, as everybody sees them.
#include "tests/network/world/world.h"

#include <list>

namespace shoal::network::tests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class Published : public World {};

// Six servers, all on port 80 of their own address; each through a port of the host.
void six_servers(Network& network) {
    std::vector<Attachment> containers;
    std::list<Server> servers;
    for (int i = 0; i < 6; ++i) {
        const std::string name = "web-" + std::to_string(i);
        const auto fixed = static_cast<std::uint16_t>(8080 + i);
        // Every other one takes what it gets.
        auto result = network.attach(name, {tcp("0.0.0.0", i % 2 == 0 ? fixed : 0, 80)});
        ASSERT_TRUE(result) << result.error().detail;
        containers.push_back(*result);
        servers.emplace_back(result->namespace_path, "0.0.0.0", 80, name);
    }
    const std::string gateway = to_string(network.bridge().subnet.gateway());
    for (const Attachment& asked : containers) {
        const std::uint16_t port = asked.ports.front().host_port;
        const std::string& name = asked.container;
        EXPECT_EQ(fetch(kNeighbour, kHostAddress, port), name + " for " + kNeighbourAddress);
        EXPECT_EQ(fetch(kHost, "127.0.0.1", port), name + " for " + gateway);
        EXPECT_EQ(fetch(kHost, kHostAddress, port), name + " for " + kHostAddress);
        EXPECT_THAT(fetch(kHost, to_string(asked.address), 80), StartsWith(name));
        for (const Attachment& asking : containers) {  // itself included
            const std::string& space = asking.namespace_path;
            EXPECT_EQ(fetch(space, kHostAddress, port), name + " for " + gateway);
            EXPECT_EQ(fetch(space, gateway, port), name + " for " + gateway);
            EXPECT_EQ(
                fetch(space, to_string(asked.address), 80),
                name + " for " + to_string(&asking == &asked ? asked.address : asking.address));
        }
    }
}

TEST_F(Published, SixServersOnPort80AreReachedFromEverywhere) {
    const auto network = opened(settings());
    six_servers(*network);
}

// Some hosts send what passes a bridge through the rules of routed packets as well.
TEST_F(Published, SixServersAreReachedWhenBridgedPacketsAreFiltered) {
    for (const char* value : {"0", "1"}) {
        if (read_sysctl("net/bridge/bridge-nf-call-iptables") != "unreadable") {
            write_sysctl("net/bridge/bridge-nf-call-iptables", value);
        }
        auto network = opened(settings());
        six_servers(*network);
        ASSERT_TRUE(network->keep_only({}));
    }
}

TEST_F(Published, SixServersAreReachedThoughTheHostDoubtsWhereFromPacketsCome) {
    write_sysctl("net/ipv4/conf/all/rp_filter", "1");
    write_sysctl("net/ipv4/conf/default/rp_filter", "1");
    const auto network = opened(settings());
    six_servers(*network);
}

TEST_F(Published, APortAtLoopbackStaysOnTheHost) {
    const auto network = opened(settings());
    const auto app = attached(*network, "app", {tcp("127.0.0.1", 9876, 8080)});
    const auto other = attached(*network, "other", {});
    const Server server{app.namespace_path, "0.0.0.0", 8080, "app"};
    EXPECT_THAT(fetch(kHost, "127.0.0.1", 9876), StartsWith("app for"));
    EXPECT_FALSE(reaches(kHost, kHostAddress, 9876));
    EXPECT_FALSE(reaches(kNeighbour, kHostAddress, 9876));
    EXPECT_FALSE(reaches(other.namespace_path, kHostAddress, 9876));
    run(kNeighbour, "ip route add " + to_string(network->bridge().subnet) + " via 192.0.2.1");
    EXPECT_FALSE(reaches(kNeighbour, to_string(app.address), 8080));
}

TEST_F(Published, APortAtOneAddressIsNotAtAnother) {
    run(kHost, "ip address add 192.0.2.77/24 dev uplink");
    const auto network = opened(settings());
    const auto one = attached(*network, "one", {tcp("192.0.2.1", 8080, 80)});
    const auto two = attached(*network, "two", {tcp("192.0.2.77", 8080, 80)});
    const Server first{one.namespace_path, "0.0.0.0", 80, "one"};
    const Server second{two.namespace_path, "0.0.0.0", 80, "two"};
    EXPECT_THAT(fetch(kNeighbour, "192.0.2.1", 8080), StartsWith("one for"));
    EXPECT_THAT(fetch(kNeighbour, "192.0.2.77", 8080), StartsWith("two for"));
    EXPECT_FALSE(reaches(kHost, "127.0.0.1", 8080));
}

TEST_F(Published, WhatIsNotPublishedIsNotReachedFromOutside) {
    const auto network = opened(settings());
    const auto web = attached(*network, "web", {tcp("0.0.0.0", 8080, 80)});
    const Server server{web.namespace_path, "0.0.0.0", 80, "web"};
    run(kNeighbour, "ip route add " + to_string(network->bridge().subnet) + " via 192.0.2.1");
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web for"));
    EXPECT_FALSE(reaches(kNeighbour, to_string(web.address), 80));
}

TEST_F(Published, ContainersReachTheOutsideAsTheHost) {
    const auto network = opened(settings());
    const auto client = attached(*network, "client", {});
    const Server server{kNeighbour, "0.0.0.0", 443, "site"};
    EXPECT_EQ(fetch(client.namespace_path, kNeighbourAddress, 443), "site for 192.0.2.1");
}

TEST_F(Published, DatagramsFollowAPortToItsNextContainer) {
    auto network = opened(settings());
    DatagramClient client{kNeighbour};
    const PortRequest port{{}, 5353, 53, Protocol::Udp};
    // Asked before anybody is there: the kernel remembers that flow as one to the host itself.
    EXPECT_EQ(client.ask(kHostAddress, 5353, 1), "");
    for (const char* name : {"first", "second"}) {
        const auto dns = attached(*network, name, {port});
        const DatagramServer server{dns.namespace_path, 53, name};
        EXPECT_EQ(client.ask(kHostAddress, 5353, kPatienceSeconds),
                  std::string{name} + " for 192.0.2.2");
        ASSERT_TRUE(network->detach(name));
    }
}

TEST_F(Published, TwoNodesShareAHost) {
    const auto one = opened(settings(1));
    const auto two = opened(settings(2));
    EXPECT_FALSE(one->bridge().subnet.overlaps(two->bridge().subnet));
    const auto a = attached(*one, "web", {tcp("0.0.0.0", 8081, 80)});
    const auto b = attached(*two, "web", {tcp("0.0.0.0", 8082, 80)});
    const Server first{a.namespace_path, "0.0.0.0", 80, "a"};
    const Server second{b.namespace_path, "0.0.0.0", 80, "b"};
    for (const std::string& from : {kHost, kNeighbour, a.namespace_path, b.namespace_path}) {
        EXPECT_THAT(fetch(from, kHostAddress, 8081), StartsWith("a for"));
        EXPECT_THAT(fetch(from, kHostAddress, 8082), StartsWith("b for"));
    }
    EXPECT_FALSE(reaches(a.namespace_path, to_string(b.address), 80));
    ASSERT_TRUE(Network::clear(settings(1).node, settings(1).run_dir));
    EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8082), StartsWith("b for"));
}

class HostLoopback : public World {
protected:
    // Gives the loopback addresses of a namespace up and sends them to the host instead.
    static void send_loopback_to(const std::string& space, const std::string& host) {
        run(space, "ip address del 127.0.0.1/8 dev lo");
        write_sysctl("net/ipv4/conf/eth0/route_localnet", "1", space);
        run(space, "ip route add 127.0.0.0/8 via " + host);
    }
};

TEST_F(HostLoopback, IsReachedByNobodyElse) {
    // The worst case: somebody lets loopback addresses in everywhere.
    write_sysctl("net/ipv4/conf/all/route_localnet", "1");
    const auto network = opened(settings());
    const auto evil = attached(*network, "evil", {});
    const Server secret{kHost, "127.0.0.1", 7000, "secret"};
    send_loopback_to(evil.namespace_path, to_string(network->bridge().subnet.gateway()));
    send_loopback_to(kNeighbour, kHostAddress);
    EXPECT_THAT(fetch(kHost, "127.0.0.1", 7000), StartsWith("secret"));
    EXPECT_FALSE(reaches(evil.namespace_path, "127.0.0.1", 7000));
    EXPECT_FALSE(reaches(kNeighbour, "127.0.0.1", 7000));

    // It is our rule that keeps them out, and it comes back.
    nft("flush chain ip shoal_7f3a91c2 prerouting_raw");
    EXPECT_TRUE(reaches(evil.namespace_path, "127.0.0.1", 7000));
    EXPECT_THAT(network->watch().restored,
                testing::ElementsAre(HasSubstr("the rules of chain prerouting_raw were gone")));
    EXPECT_FALSE(reaches(evil.namespace_path, "127.0.0.1", 7000));
    EXPECT_FALSE(reaches(kNeighbour, "127.0.0.1", 7000));
}

}  // namespace
}  // namespace shoal::network::tests
