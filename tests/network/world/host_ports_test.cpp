// Ports of the host: ours while we have them, and nobody's twice.
#include "tests/network/world/world.h"

#include <cerrno>

namespace shoal::network::tests {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class TakenPorts : public World {};

TEST_F(TakenPorts, AStrangersPortIsRefusedByNumberAndNothingIsLeft) {
    const auto network = opened(settings());
    const std::string before = snapshot();
    const Server stranger{kHost, "0.0.0.0", 8080, "stranger"};
    const auto refused =
        network->attach("web", {tcp("0.0.0.0", 8079, 80), tcp("0.0.0.0", 8080, 80)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Conflict);
    EXPECT_EQ(refused.error().detail, "port 8080/tcp on every address is in use on this host");
    EXPECT_EQ(snapshot(), before);
    EXPECT_FALSE(network->find("web"));
    // Not even the port that was free.
    EXPECT_EQ(listening_fails_with("0.0.0.0", 8079), 0);
    EXPECT_EQ(fetch(kNeighbour, kHostAddress, 8080), "stranger for 192.0.2.2");
}

TEST_F(TakenPorts, AStrangerAtOneAddressIsInTheWayOfAllButNotOfAnother) {
    const auto network = opened(settings());
    const Server stranger{kHost, "127.0.0.1", 8080, "stranger"};
    EXPECT_FALSE(network->attach("web", {tcp("0.0.0.0", 8080, 80)}));
    EXPECT_TRUE(network->attach("web", {tcp("192.0.2.1", 8080, 80)}));
}

TEST_F(TakenPorts, AStrangersUdpPortDoesNotHinderTcp) {
    const auto network = opened(settings());
    const DatagramServer stranger{kHost, 8080, "stranger"};
    EXPECT_TRUE(network->attach("web", {tcp("0.0.0.0", 8080, 80)}));
    EXPECT_FALSE(network->attach("dns", {{{}, 8080, 53, Protocol::Udp}}));
}

TEST_F(TakenPorts, APublishedPortIsRefusedToStrangers) {
    auto network = opened(settings());
    attached(*network, "web", {tcp("0.0.0.0", 8080, 80)});
    EXPECT_EQ(listening_fails_with("0.0.0.0", 8080), EADDRINUSE);
    EXPECT_EQ(listening_fails_with("127.0.0.1", 8080), EADDRINUSE);
    ASSERT_TRUE(network->detach("web"));
    EXPECT_EQ(listening_fails_with("0.0.0.0", 8080), 0);
}

TEST_F(TakenPorts, TheContainerThatHasAPortIsNamed) {
    const auto network = opened(settings());
    attached(*network, "web", {tcp("127.0.0.1", 8080, 80)});
    const auto refused = network->attach("other", {tcp("0.0.0.0", 8080, 80)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Conflict);
    EXPECT_EQ(refused.error().detail,
              "port 8080/tcp on every address is published by container web");
    EXPECT_FALSE(network->attach("twice", {tcp("0.0.0.0", 9090, 80), tcp("0.0.0.0", 9090, 81)}));
}

TEST_F(TakenPorts, AnAddressOfAnotherHostIsRefused) {
    const auto network = opened(settings());
    const auto refused = network->attach("web", {tcp("198.51.100.7", 8080, 80)});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Unavailable);
    EXPECT_THAT(refused.error().detail, HasSubstr("198.51.100.7 is not an address of this host"));
}

TEST_F(TakenPorts, ConnectionsOfAServerThatEndedAreNotInTheWay) {
    const auto network = opened(settings());
    {
        const Server server{kHost, "0.0.0.0", 8080, "old"};
        // The server closes first, so its side of the connection lingers.
        EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("old"));
    }
    const auto web = network->attach("web", {tcp("0.0.0.0", 8080, 80)});
    EXPECT_TRUE(web) << web.error().detail;
}

TEST_F(TakenPorts, DynamicPortsComeFromTheRangeAndPassOverTakenOnes) {
    Settings narrow = settings();
    narrow.dynamic_ports = {20000, 20002};
    const auto network = opened(narrow);
    const Server stranger{kHost, "0.0.0.0", 20001, "stranger"};
    const auto one = attached(*network, "one", {tcp("0.0.0.0", 0, 80)});
    const auto two = attached(*network, "two", {tcp("0.0.0.0", 0, 80)});
    EXPECT_THAT((std::vector{one.ports[0].host_port, two.ports[0].host_port}),
                testing::UnorderedElementsAre(20000, 20002));
    const auto third = network->attach("three", {tcp("0.0.0.0", 0, 80)});
    ASSERT_FALSE(third);
    EXPECT_EQ(third.error().code, Errc::Full);
    EXPECT_EQ(third.error().detail, "all ports from 20000 to 20002/tcp are in use on this host");
    EXPECT_TRUE(network->attach("datagrams", {{{}, 0, 53, Protocol::Udp}}));
}

TEST_F(TakenPorts, AnEmptyRangeIsRefused) {
    Settings wrong = settings();
    wrong.dynamic_ports = {20001, 20000};
    EXPECT_FALSE(Network::open(wrong));
    wrong.dynamic_ports = {0, 20000};
    EXPECT_FALSE(Network::open(wrong));
}

}  // namespace
}  // namespace shoal::network::tests
