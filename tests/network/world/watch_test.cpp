// What others remove or reset is restored, and said once.
#include "tests/network/world/world.h"

namespace shoal::network::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAre;

class Watch : public World {
protected:
    void SetUp() override {
        World::SetUp();
        if (HasFatalFailure()) return;
        write_sysctl("net/ipv4/ip_forward", "0");
    }

    // One container with a server, published at 8080.
    void open_web() {
        network_ = opened(settings());
        web_ = attached(*network_, "web", {tcp("0.0.0.0", 8080, 80)});
        server_ = std::make_unique<Server>(web_.namespace_path, "0.0.0.0", 80, "web");
        EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web"));
        EXPECT_THAT(network_->watch().restored, IsEmpty());
    }

    void expect_well() {
        EXPECT_THAT(fetch(kNeighbour, kHostAddress, 8080), StartsWith("web"));
        EXPECT_THAT(fetch(kHost, "127.0.0.1", 8080), StartsWith("web"));
        const auto report = network_->watch();
        EXPECT_THAT(report.restored, IsEmpty());
        EXPECT_THAT(report.failed, IsEmpty());
    }

    std::unique_ptr<Network> network_;
    Attachment web_;
    std::unique_ptr<Server> server_;
};

TEST_F(Watch, RestoresFlushedRules) {
    open_web();
    nft("flush ruleset");
    EXPECT_FALSE(reaches(kNeighbour, kHostAddress, 8080));
    EXPECT_THAT(network_->watch().restored, ElementsAre("nft table ip shoal_7f3a91c2 was gone"));
    expect_well();
}

TEST_F(Watch, RestoresSinglePortsAndRules) {
    open_web();
    nft("delete element ip shoal_7f3a91c2 published { tcp . 8080 }");
    EXPECT_THAT(network_->watch().restored,
                ElementsAre(HasSubstr("the translation port 8080/tcp on every address -> " +
                                      to_string(web_.address) + ":80 was gone")));
    expect_well();
    nft("flush chain ip shoal_7f3a91c2 postrouting");
    EXPECT_THAT(network_->watch().restored, ElementsAre(HasSubstr("chain postrouting were gone")));
    expect_well();
}

TEST_F(Watch, PublishesAndWithdrawsEvenIfTheRulesWereFlushed) {
    open_web();
    nft("flush ruleset");
    const auto other = attached(*network_, "other", {tcp("0.0.0.0", 8081, 80)});
    expect_well();
    nft("flush ruleset");
    ASSERT_TRUE(network_->detach("other"));
    expect_well();
}

TEST_F(Watch, LeavesTheTablesOfOthersAlone) {
    nft("add table ip other\nadd chain ip other mine\nadd rule ip other mine counter accept");
    const std::string before = run(kHost, "nft list table ip other");
    open_web();
    nft("delete table ip shoal_7f3a91c2");
    EXPECT_THAT(network_->watch().restored, testing::SizeIs(1));
    network_.reset();
    ASSERT_TRUE(Network::clear(settings().node, settings().run_dir));
    EXPECT_EQ(run(kHost, "nft list table ip other"), before);
}

TEST_F(Watch, RestoresSwitches) {
    open_web();
    write_sysctl("net/ipv4/ip_forward", "0");
    write_sysctl("net/ipv4/conf/shoal-7f3a91c2/route_localnet", "0");
    EXPECT_THAT(network_->watch().restored,
                UnorderedElementsAre("net.ipv4.ip_forward was 0",
                                     "net.ipv4.conf.shoal-7f3a91c2.route_localnet was 0"));
    EXPECT_EQ(read_sysctl("net/ipv4/conf/all/route_localnet"), "0");
    EXPECT_EQ(read_sysctl("net/ipv4/conf/uplink/route_localnet"), "0");
    expect_well();
}

TEST_F(Watch, RestoresTheBridge) {
    open_web();
    run(kHost, "ip link delete shoal-7f3a91c2");
    EXPECT_THAT(network_->watch().restored,
                AllOf(Contains("bridge shoal-7f3a91c2 was gone"),
                      Contains(HasSubstr("of container web was not on the bridge"))));
    expect_well();
    run(kHost, "ip link set shoal-7f3a91c2 down");
    EXPECT_THAT(network_->watch().restored, ElementsAre("bridge shoal-7f3a91c2 was down"));
    expect_well();
    run(kHost, "ip address flush dev shoal-7f3a91c2");
    run(kHost, "ip address add 198.51.100.1/24 dev shoal-7f3a91c2");
    EXPECT_THAT(network_->watch().restored,
                UnorderedElementsAre("bridge shoal-7f3a91c2 had the address 198.51.100.1",
                                     HasSubstr("lacked its address")));
    expect_well();
}

TEST_F(Watch, RestoresTheLinkOfAContainer) {
    open_web();
    run(kHost, "ip link delete v7f3a91c2-0002");
    EXPECT_THAT(network_->watch().restored, ElementsAre("the link of container web was gone"));
    expect_well();
}

TEST_F(Watch, SaysOnceWhatItCannotRestore) {
    open_web();
    run(kHost, "ip link delete v7f3a91c2-0002");
    run(kHost, "umount " + web_.namespace_path);
    const auto report = network_->watch();
    EXPECT_THAT(report.restored, IsEmpty());
    EXPECT_THAT(report.failed, ElementsAre(HasSubstr("the namespace of container web is gone")));
    EXPECT_THAT(network_->watch().failed, IsEmpty());
    EXPECT_TRUE(network_->detach("web"));
}

TEST_F(Watch, TellsAtTheStartWhatItChangedOnTheHost) {
    open_web();
    EXPECT_THAT(network_->notices(), ElementsAre("net.ipv4.ip_forward was 0; it is 1 now"));
    network_.reset();
    EXPECT_THAT(opened(settings())->notices(), IsEmpty());
}

class Strict : public Watch {
protected:
    void SetUp() override {
        Watch::SetUp();
        if (HasFatalFailure()) return;
        run(kHost, "iptables -P FORWARD DROP");
    }
};

TEST_F(Strict, PortsAreReachedThoughOthersForwardNothing) {
    open_web();
    EXPECT_THAT(network_->notices(), Contains("chain FORWARD of ip filter did not accept packets "
                                              "of shoal-7f3a91c2"));
    const Server site{kNeighbour, "0.0.0.0", 443, "site"};
    EXPECT_THAT(fetch(web_.namespace_path, kNeighbourAddress, 443), StartsWith("site"));
    expect_well();
}

TEST_F(Strict, AFlushedForwardChainIsRestored) {
    open_web();
    run(kHost, "iptables -F FORWARD");
    EXPECT_FALSE(reaches(kNeighbour, kHostAddress, 8080));
    EXPECT_THAT(network_->watch().restored, ElementsAre(StartsWith("chain FORWARD of ip filter")));
    expect_well();
    // Half of it.
    run(kHost,
        "iptables -D FORWARD -o shoal-7f3a91c2 -m comment --comment shoal_7f3a91c2 -j ACCEPT");
    EXPECT_THAT(network_->watch().restored, testing::SizeIs(1));
    expect_well();
    const std::string rules = run(kHost, "iptables -S FORWARD");
    EXPECT_EQ(rules,
              "-P FORWARD DROP\n"
              "-A FORWARD -i shoal-7f3a91c2 -m comment --comment shoal_7f3a91c2 -j ACCEPT\n"
              "-A FORWARD -o shoal-7f3a91c2 -m comment --comment shoal_7f3a91c2 -j ACCEPT\n");
}

TEST_F(Strict, AChainForUsersIsServedToo) {
    run(kHost, "iptables -N DOCKER-USER");
    run(kHost, "iptables -A DOCKER-USER -j DROP");
    run(kHost, "iptables -I FORWARD -j DOCKER-USER");
    open_web();
    // As when the other engine starts anew: its chain is first again.
    run(kHost, "iptables -D FORWARD -j DOCKER-USER");
    run(kHost, "iptables -I FORWARD -j DOCKER-USER");
    EXPECT_THAT(network_->watch().restored, IsEmpty());
    expect_well();
}

TEST_F(Strict, OurRulesGoAndTheirsStay) {
    run(kHost, "iptables -A FORWARD -i other -j ACCEPT");
    const std::string before = run(kHost, "iptables -S");
    open_web();
    EXPECT_THAT(run(kHost, "iptables -S"), HasSubstr("shoal"));
    network_.reset();
    ASSERT_TRUE(Network::clear(settings().node, settings().run_dir));
    EXPECT_EQ(run(kHost, "iptables -S"), before);
    EXPECT_THAT(run(kHost, "nft list ruleset"), Not(HasSubstr("shoal")));
}

TEST_F(Watch, NamesChainsOfOthersThatMayBlock) {
    nft("add table inet site\n"
        "add chain inet site pass { type filter hook forward priority 0; policy drop; }");
    const auto network = opened(settings());
    EXPECT_THAT(network->notices(),
                Contains(AllOf(HasSubstr("inet site pass"), HasSubstr("accept shoal-7f3a91c2"))));
}

}  // namespace
}  // namespace shoal::network::tests
