#include "node/host/net/advertise.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace shoal::host {
namespace {

using testing::HasSubstr;

const Interface kLo{"lo", "127.0.0.1", true, true, false};
const Interface kLo2{"lo", "127.0.1.1", true, true, false};
const Interface kEth{"eth0", "10.0.0.7", true, false, false};
const Interface kEth1{"eth1", "192.168.3.7", true, false, false};
const Interface kEth6{"eth0", "2001:db8::7", true, false, false};
const Interface kLinkLocal{"eth0", "fe80::7", true, false, false};
const Interface kDocker{"docker0", "172.17.0.1", true, false, true};
const Interface kBridge{"br-1f", "172.18.0.1", true, false, true};
const Interface kDown{"eth2", "10.9.0.7", false, false, false};

struct Case {
    const char* why;
    AdvertiseQuestion question;
    const char* chosen;  // "": refused
};

TEST(Advertise, ChoosesAsTheTableSays) {
    const std::vector<Case> cases{
        {"what the person said wins", {"10.5.5.5", "10.0.0.7", "10.0.0.7", {kEth}}, "10.5.5.5"},
        {"loopback if told so", {"127.0.0.1", "", "10.0.0.7", {kLo, kEth}}, "127.0.0.1"},
        {"an address to bind to is an answer", {"", "127.0.0.1", "10.0.0.7", {kLo}}, "127.0.0.1"},
        {"a wildcard is none", {"", "0.0.0.0", "10.0.0.7", {kEth}}, "10.0.0.7"},
        {"the other wildcard is none", {"", "::", "10.0.0.7", {kEth}}, "10.0.0.7"},
        {"the route decides between two", {"", "", "192.168.3.7", {kEth, kEth1}}, "192.168.3.7"},
        {"the route may be IPv6", {"", "", "2001:db8::7", {kEth, kEth6}}, "2001:db8::7"},
        {"a seed on this host says nothing", {"", "", "127.0.0.1", {kLo, kEth}}, "10.0.0.7"},
        {"Debian's 127.0.1.1 is loopback", {"", "", "127.0.1.1", {kLo, kLo2, kEth}}, "10.0.0.7"},
        {"a route through docker0", {"", "", "172.17.0.1", {kDocker, kEth}}, "10.0.0.7"},
        {"a route through a bridge", {"", "", "172.18.0.1", {kBridge, kEth}}, "10.0.0.7"},
        {"no route, one address", {"", "", std::nullopt, {kLo, kEth, kDocker, kDown}}, "10.0.0.7"},
        {"no route, IPv4 before IPv6", {"", "", std::nullopt, {kEth6, kEth}}, "10.0.0.7"},
        {"no route, only IPv6", {"", "", std::nullopt, {kEth6, kLinkLocal}}, "2001:db8::7"},
        {"no route, two addresses", {"", "", std::nullopt, {kEth, kEth1}}, ""},
        {"nothing but loopback", {"", "", "127.0.0.1", {kLo}}, ""},
        {"a wildcard told to others", {"0.0.0.0", "", "10.0.0.7", {kEth}}, ""},
        {"a name told to others", {"node7", "", "10.0.0.7", {kEth}}, ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.why);
        const auto chosen = choose_advertised(c.question);
        EXPECT_EQ(chosen.value_or(""), c.chosen);
    }
}

TEST(Advertise, ListsTheCandidatesItCannotChooseBetween) {
    const auto chosen = choose_advertised({"", "", std::nullopt, {kLo, kEth, kEth1, kDocker}});
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().detail,
              "this host has several addresses that other nodes might reach: 10.0.0.7 (eth0), "
              "192.168.3.7 (eth1); choose one with --advertise ADDRESS");
}

TEST(Advertise, NamesWhatItWouldNotTake) {
    const auto chosen = choose_advertised({"", "", std::nullopt, {kLo, kBridge}});
    ASSERT_FALSE(chosen);
    EXPECT_THAT(chosen.error().detail, HasSubstr("172.18.0.1 (br-1f: a bridge)"));
    EXPECT_THAT(chosen.error().detail, HasSubstr("--advertise"));
}

TEST(Advertise, SeesTheLoopbackOfThisHost) {
    const auto all = list_interfaces();
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [](const Interface& i) { return i.loopback; }));
    EXPECT_EQ(route_source(Endpoint{"127.0.0.1", 1}), "127.0.0.1");
}

}  // namespace
}  // namespace shoal::host
