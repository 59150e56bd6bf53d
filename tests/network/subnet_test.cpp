#include "node/host/network/subnet_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shoal::network {
namespace {

using testing::HasSubstr;

Subnet subnet(std::string_view text) {
    const auto slash = text.find('/');
    return masked(*parse_ipv4(text.substr(0, slash)),
                  static_cast<unsigned>(std::stoi(std::string{text.substr(slash + 1)})));
}

TEST(Ipv4, ReadsWhatItWrites) {
    for (const char* text : {"0.0.0.0", "127.0.0.1", "10.210.4.255", "255.255.255.255"}) {
        const auto address = parse_ipv4(text);
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_string(*address), text);
    }
    EXPECT_EQ(parse_ipv4("1.2.3.4")->value, 0x01020304U);
}

TEST(Ipv4, RefusesWhatOnlyLooksLikeAnAddress) {
    for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1..2.3",
                             " 1.2.3.4", "1.2.3.4 ", "1.2.3.-4", "::1", "a.b.c.d", "1.2.3.4."}) {
        EXPECT_FALSE(parse_ipv4(text)) << text;
    }
}

TEST(Subnet, OverlapsWhatContainsItAndWhatItContains) {
    const Subnet wide = subnet("10.0.0.0/8");
    EXPECT_TRUE(wide.overlaps(subnet("10.1.2.0/24")));
    EXPECT_TRUE(subnet("10.1.2.0/24").overlaps(wide));
    EXPECT_TRUE(subnet("0.0.0.0/0").overlaps(wide));
    EXPECT_FALSE(wide.overlaps(subnet("11.0.0.0/8")));
    EXPECT_FALSE(subnet("10.1.2.0/25").overlaps(subnet("10.1.2.128/25")));
}

TEST(BridgeSubnet, IsReadFromText) {
    const auto read = parse_bridge_subnet("10.210.4.0/24");
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, subnet("10.210.4.0/24"));
    EXPECT_EQ(to_string(read->gateway()), "10.210.4.1");
    EXPECT_TRUE(parse_bridge_subnet("172.20.0.0/16"));
    EXPECT_TRUE(parse_bridge_subnet("192.168.7.16/28"));
}

TEST(BridgeSubnet, SaysPreciselyWhatIsWrong) {
    const struct {
        const char* text;
        const char* complaint;
    } rows[] = {
        {"", "prefix length is missing"},
        {"10.1.2.0", "prefix length is missing"},
        {"10.1.2.3/24", "the subnet is 10.1.2.0/24"},
        {"10.1.2/24", "'10.1.2' is not an IPv4 address"},
        {"10.1.2.0/", "'' is not a prefix length"},
        {"10.1.2.0/x", "'x' is not a prefix length"},
        {"10.1.2.0/33", "'33' is not a prefix length"},
        {"10.0.0.0/8", "between /16 and /28"},
        {"10.1.2.0/30", "between /16 and /28"},
        {"127.1.0.0/16", "for loopback"},
        {"169.254.0.0/16", "link-local"},
        {"224.0.0.0/24", "multicast"},
        {"255.255.255.0/24", "reserved"},
        {"0.1.0.0/16", "this network"},
        {"fd00::/64", "IPv4 addresses only"},
    };

    for (const auto& row : rows) {
        const auto read = parse_bridge_subnet(row.text);
        ASSERT_FALSE(read) << row.text;
        EXPECT_EQ(read.error().code, Errc::Malformed);
        EXPECT_THAT(read.error().detail, HasSubstr(row.complaint));
        EXPECT_THAT(read.error().detail, HasSubstr(std::string{"'"} + row.text + "'"));
    }
}

TEST(ChooseSubnet, TakesTheCandidateOfTheSeed) {
    EXPECT_EQ(to_string(*choose_subnet(0, {})), "10.192.0.0/24");
    EXPECT_EQ(to_string(*choose_subnet(4095, {})), "10.207.255.0/24");
    EXPECT_EQ(choose_subnet(4096, {}), choose_subnet(0, {}));
}

TEST(ChooseSubnet, PassesOverRoutes) {
    EXPECT_EQ(to_string(*choose_subnet(0, {{subnet("10.192.0.7/32"), ""}})), "10.192.1.0/24");
    EXPECT_EQ(to_string(*choose_subnet(4095, {{subnet("10.207.255.0/24"), ""}})), "10.192.0.0/24");
    EXPECT_EQ(to_string(*choose_subnet(0, {{subnet("10.0.0.0/8"), "vpn"}})), "172.24.0.0/24");
    EXPECT_EQ(
        to_string(*choose_subnet(3, {{subnet("10.0.0.0/8"), ""}, {subnet("172.16.0.0/12"), ""}})),
        "192.168.131.0/24");
}

TEST(ChooseSubnet, TakesNoNoticeOfDefaultRoutesEvenInHalves) {
    const std::vector<Taken> halves{
        {subnet("0.0.0.0/0"), ""}, {subnet("0.0.0.0/1"), "tun0"}, {subnet("128.0.0.0/1"), "tun0"}};
    EXPECT_TRUE(choose_subnet(0, halves));
    EXPECT_TRUE(check_free(subnet("10.1.2.0/24"), halves));
}

TEST(ChooseSubnet, GivesUpWhenEverythingPrivateIsTaken) {
    EXPECT_FALSE(choose_subnet(7, {{subnet("10.0.0.0/8"), ""},
                                   {subnet("172.16.0.0/12"), ""},
                                   {subnet("192.168.0.0/16"), ""}}));
}

TEST(CheckFree, NamesTheRouteInTheWay) {
    const auto free = check_free(subnet("10.1.2.0/24"), {{subnet("10.1.0.0/16"), "eth1"}});
    ASSERT_FALSE(free);
    EXPECT_EQ(free.error().code, Errc::Conflict);
    EXPECT_THAT(free.error().detail, HasSubstr("10.1.2.0/24 overlaps the route to 10.1.0.0/16 "
                                               "through eth1; give another with --bridge-subnet"));
}

TEST(ChooseAddress, BeginsAfterTheBridgeAndGoesRound) {
    const Subnet small = subnet("10.1.2.0/28");
    EXPECT_EQ(to_string(*choose_address(small, {}, {})), "10.1.2.2");
    EXPECT_EQ(to_string(*choose_address(small, *parse_ipv4("10.1.2.2"), {})), "10.1.2.3");
    EXPECT_EQ(to_string(*choose_address(small, *parse_ipv4("10.1.2.14"), {})), "10.1.2.2");
    EXPECT_EQ(to_string(*choose_address(small, *parse_ipv4("10.9.9.9"), {})), "10.1.2.2");
}

TEST(ChooseAddress, GivesEveryAddressOnceAndThenNone) {
    const Subnet small = subnet("10.1.2.0/28");
    std::vector<Ipv4> used;
    Ipv4 last;
    while (const auto next = choose_address(small, last, used)) {
        last = *next;
        used.push_back(last);
        ASSERT_LE(used.size(), 13U);
    }
    EXPECT_EQ(used.size(), 13U);  // 16 less network, bridge and broadcast
    EXPECT_EQ(to_string(used.back()), "10.1.2.14");
}

TEST(ChooseSubnet, GivesServicesARangeBesideTheBridge) {
    const auto bridge = choose_subnet(7, {});
    ASSERT_TRUE(bridge);
    const auto services = choose_subnet(7, {{*bridge, "shoal-7f3a91c2"}}, kServicesPrefix);
    ASSERT_TRUE(services);
    EXPECT_EQ(services->prefix, kServicesPrefix);
    EXPECT_FALSE(services->overlaps(*bridge));
}

}  // namespace
}  // namespace shoal::network
