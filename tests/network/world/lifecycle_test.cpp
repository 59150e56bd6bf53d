// Coming and going, and what is left of that: nothing.
#include "tests/network/world/world.h"

#include <fstream>

namespace shoal::network::tests {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class Lifecycle : public World {};

TEST_F(Lifecycle, AContainerFindsItsNetworkReady) {
    const auto network = opened(settings());
    const auto web = attached(*network, "web", {});
    EXPECT_EQ(web.namespace_path, "/run/shoal/7f3a91c2/netns/web");
    const std::string links = run(web.namespace_path, "ip -oneline link show");
    EXPECT_THAT(links,
                AllOf(HasSubstr("lo: <LOOPBACK,UP"), HasSubstr("eth0@"), HasSubstr("mtu 1400")));
    EXPECT_THAT(run(kHost, "ip link show shoal-7f3a91c2"), HasSubstr("mtu 1400"));
    EXPECT_THAT(run(kHost, "ip link show v7f3a91c2-0002"),
                AllOf(HasSubstr("mtu 1400"), HasSubstr("alias shoal container web")));
    EXPECT_THAT(run(kHost, "bridge -details link show dev v7f3a91c2-0002"),
                HasSubstr("hairpin on"));
    EXPECT_EQ(run(web.namespace_path, "ip route show default"),
              "default via " + to_string(network->bridge().subnet.gateway()) +
                  " dev eth0 proto static \n");
    EXPECT_THAT(run(web.namespace_path, "ip -oneline address show dev eth0"),
                HasSubstr(to_string(web.address) + "/24"));
}

TEST_F(Lifecycle, DetachingLeavesNothingAndMayBeRepeated) {
    const auto network = opened(settings());
    const std::string before = snapshot();
    attached(*network, "web", {tcp("0.0.0.0", 8080, 80)});
    EXPECT_NE(snapshot(), before);
    EXPECT_TRUE(network->detach("web"));
    EXPECT_EQ(snapshot(), before);
    EXPECT_TRUE(network->detach("web"));
    EXPECT_TRUE(network->detach("never-there"));
    EXPECT_FALSE(network->detach("../web"));
}

TEST_F(Lifecycle, AttachingTwiceIsRefused) {
    const auto network = opened(settings());
    const auto web = attached(*network, "web", {});
    const auto again = network->attach("web", {});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::Conflict);
    EXPECT_EQ(network->find("web"), web);
    EXPECT_FALSE(network->attach("../web", {}));
    EXPECT_FALSE(network->attach("portless", {tcp("0.0.0.0", 8080, 0)}));
}

TEST_F(Lifecycle, AnAttachThatFailsHalfwayLeavesNothing) {
    const auto network = opened(settings());
    const std::string before = snapshot();
    // Somebody has the name of the link.
    run(kHost, "ip link add v7f3a91c2-0003 type bridge");
    attached(*network, "first", {});
    EXPECT_FALSE(network->attach("web", {tcp("0.0.0.0", 8080, 80)}));
    EXPECT_FALSE(network->find("web"));
    EXPECT_EQ(listening_fails_with("0.0.0.0", 8080), 0);
    ASSERT_TRUE(network->detach("first"));
    EXPECT_EQ(snapshot(), before);  // the stranger's link bore our name and went with the undoing
    // Somebody has the name of the namespace.
    std::ofstream{"/run/shoal/7f3a91c2/netns/web"} << "x";
    EXPECT_FALSE(network->attach("web", {tcp("0.0.0.0", 8080, 80)}));
    EXPECT_EQ(snapshot(), before);
    EXPECT_TRUE(network->attach("web", {tcp("0.0.0.0", 8080, 80)}));
}

TEST_F(Lifecycle, AddressesAreGivenInTurn) {
    Settings small = settings();
    small.bridge_subnet = "10.77.0.0/28";
    const auto network = opened(small);
    const auto one = attached(*network, "one", {});
    ASSERT_TRUE(network->detach("one"));
    const auto two = attached(*network, "two", {});
    EXPECT_NE(one.address, two.address);
    for (int i = 0; i < 12; ++i)
        attached(*network, "more-" + std::to_string(i), {});
    const auto full = network->attach("last", {});
    ASSERT_FALSE(full);
    EXPECT_EQ(full.error().code, Errc::Full);
    EXPECT_THAT(full.error().detail, HasSubstr("10.77.0.0/28"));
}

TEST_F(Lifecycle, TheSubnetIsRememberedAndFreeOfRoutes) {
    const Subnet first = opened(settings())->bridge().subnet;
    EXPECT_EQ(opened(settings())->bridge().subnet, first);
    ASSERT_TRUE(Network::clear(settings().node, settings().run_dir));
    EXPECT_EQ(opened(settings())->bridge().subnet, first);
    ASSERT_TRUE(Network::clear(settings().node, settings().run_dir));
    // A route that comes to overlap it.
    run(kHost, "ip route add " + to_string(first) + " via 192.0.2.2");
    const Subnet second = opened(settings())->bridge().subnet;
    EXPECT_FALSE(second.overlaps(first));
    EXPECT_EQ(opened(settings())->bridge().subnet, second);
}

TEST_F(Lifecycle, AGivenSubnetIsTakenOrRefusedForAReason) {
    Settings given = settings();
    given.bridge_subnet = "192.0.2.128/25";
    auto refused = Network::open(given);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Conflict);
    EXPECT_THAT(refused.error().detail,
                HasSubstr("192.0.2.128/25 overlaps the route to 192.0.2.0/24 through uplink"));
    given.bridge_subnet = "10.77.0.0/20";
    {
        const auto network = opened(given);
        EXPECT_EQ(to_string(attached(*network, "web", {}).address), "10.77.0.2");
    }
    given.bridge_subnet = "10.78.0.0/20";
    refused = Network::open(given);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::Conflict);
    EXPECT_THAT(refused.error().detail,
                HasSubstr("container web still runs with the address 10.77.0.2"));
    given.bridge_subnet.clear();  // remembered
    {
        const auto network = opened(given);
        EXPECT_EQ(to_string(network->bridge().subnet), "10.77.0.0/20");
        ASSERT_TRUE(network->detach("web"));
    }
    given.bridge_subnet = "10.78.0.0/20";
    const auto network = opened(given);
    EXPECT_EQ(to_string(network->bridge().subnet), "10.78.0.0/20");
    EXPECT_THAT(run(kHost, "ip -oneline address show dev shoal-7f3a91c2"),
                AllOf(HasSubstr("10.78.0.1/20"), Not(HasSubstr("10.77."))));
}

TEST_F(Lifecycle, WithoutNftThePackageIsNamed) {
    // In this test's own view of the file system.
    run(kHost, "mount --bind /dev/null /usr/sbin/nft");
    const auto refused = Network::open(settings());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::NotFound);
    EXPECT_THAT(refused.error().detail,
                AllOf(HasSubstr("'nft' is not installed"), HasSubstr("package nftables")));
    const auto cleared = Network::clear(settings().node, settings().run_dir);
    EXPECT_TRUE(cleared) << cleared.error().detail;
}

TEST_F(Lifecycle, ManyThreadsAttachAtOnce) {
    const auto network = opened(settings());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int j = 0; j < 4; ++j) {
                const std::string name = std::to_string(i) + "-" + std::to_string(j);
                EXPECT_TRUE(network->attach(name, {tcp("0.0.0.0", 0, 80)}));
                if (j % 2 == 0) {
                    EXPECT_TRUE(network->detach(name));
                }
                EXPECT_THAT(network->watch().failed, IsEmpty());
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    std::set<Ipv4> addresses;
    for (const Attachment& one : network->attachments())
        addresses.insert(one.address);
    EXPECT_THAT(addresses, SizeIs(8));
    EXPECT_THAT(network->watch().restored, IsEmpty());
}

}  // namespace
}  // namespace shoal::network::tests
