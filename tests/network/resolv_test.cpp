#include "node/host/network/resolv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shoal::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ResolvConf, KeepsServersThatAreNotLoopback) {
    const auto out =
        resolv_conf({"# ours\nnameserver 192.0.2.1\nnameserver 192.0.2.2\n"
                     "search example.org\noptions edns0\n",
                     "nameserver 192.0.2.9\n"});
    EXPECT_EQ(out.text,
              "nameserver 192.0.2.1\nnameserver 192.0.2.2\nsearch example.org\n"
              "options edns0\n");
    EXPECT_THAT(out.remark, IsEmpty());
}

TEST(ResolvConf, ReplacesAStubByItsUpstream) {
    const auto out = resolv_conf({"nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch lan\n",
                                  "nameserver 192.0.2.7\nsearch other\n"});
    EXPECT_THAT(out.servers, ElementsAre("192.0.2.7"));
    EXPECT_EQ(out.text, "nameserver 192.0.2.7\noptions edns0 trust-ad\nsearch lan\n");
    EXPECT_THAT(out.remark, HasSubstr("192.0.2.7"));
}

TEST(ResolvConf, DropsOnlyTheLoopbackOfAMixture) {
    const auto out =
        resolv_conf({"nameserver 127.0.0.1\nnameserver 192.0.2.1\nnameserver ::1\n", ""});
    EXPECT_THAT(out.servers, ElementsAre("192.0.2.1"));
}

TEST(ResolvConf, LeavesOutServersOfIPv6) {
    const auto out = resolv_conf({"nameserver fe80::1%eth0\nnameserver 2001:db8::1\n", ""});
    EXPECT_THAT(out.servers, ElementsAre("9.9.9.9", "1.1.1.1"));
}

TEST(ResolvConf, FallsBackOpenly) {
    for (const char* etc : {"", "search lan\n", "nameserver 127.0.0.53\n", "nameserver\n",
                            "nameserver nonsense\n", "\xff\xfe"}) {
        const auto out = resolv_conf({etc, "nameserver 127.0.0.1\n", {"192.0.2.53"}});
        EXPECT_THAT(out.servers, ElementsAre("192.0.2.53")) << etc;
        EXPECT_THAT(out.remark, HasSubstr("they use 192.0.2.53")) << etc;
    }
}

TEST(ResolvConf, KeepsThreeServersAsTheCLibraryDoes) {
    const auto out =
        resolv_conf({"nameserver 192.0.2.1\nnameserver 192.0.2.2\n"
                     "nameserver 192.0.2.3\nnameserver 192.0.2.4\n",
                     ""});
    EXPECT_THAT(out.servers, ElementsAre("192.0.2.1", "192.0.2.2", "192.0.2.3"));
}

TEST(ResolvConf, HasWhatTheJobWishesInThePlaceOfTheNodes) {
    const std::string node = "nameserver 192.0.2.1\nsearch lan\noptions edns0\n";
    EXPECT_EQ(with_wishes(node, {}), node);
    EXPECT_EQ(with_wishes(node, {.servers = {"10.0.0.53", "::1"}}),
              "nameserver 10.0.0.53\nnameserver ::1\nsearch lan\noptions edns0\n");
    EXPECT_EQ(with_wishes(node, {.search = {"a.example", "b.example"}}),
              "nameserver 192.0.2.1\noptions edns0\nsearch a.example b.example\n");
    EXPECT_EQ(with_wishes(node, {.search = {"."}, .options = {"ndots:2"}}),
              "nameserver 192.0.2.1\noptions ndots:2\n");
}

TEST(HostsFile, HasTheHostsOfTheJob) {
    EXPECT_EQ(extra_hosts({"db=10.0.0.5", "six=::1", "here=host-gateway"}, *parse_ipv4("10.1.0.1")),
              "10.0.0.5\tdb\n::1\tsix\n10.1.0.1\there\n");
}

TEST(ResolvSources, TakeMissingFilesForEmptyOnes) {
    const auto sources = read_resolv_sources("/nonexistent/resolv.conf", "/nonexistent/upstream");
    EXPECT_THAT(sources.etc, IsEmpty());
    EXPECT_THAT(sources.upstream, IsEmpty());
}

TEST(HostsFile, HasLocalhostTheContainerAndTheRest) {
    EXPECT_EQ(hosts_file("web-0", *parse_ipv4("10.210.4.3"), {{"db", *parse_ipv4("10.210.4.4")}}),
              "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
              "10.210.4.3\tweb-0\n10.210.4.4\tdb\n");
}

}  // namespace
}  // namespace shoal::network
