#include "node/host/network/rules.h"

#include "node/host/network/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace shoal::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Names kNames = names_of(NodeId{0x7f3a91c200000000, 0});
const Subnet kSubnet = masked(*parse_ipv4("10.210.4.0"), 24);

Mapping mapping(const char* host, std::uint16_t host_port, const char* container,
                std::uint16_t container_port, Protocol protocol = Protocol::Tcp) {
    return {{*parse_ipv4(host), protocol, host_port, container_port}, *parse_ipv4(container)};
}

const Mapping kWeb = mapping("0.0.0.0", 8080, "10.210.4.2", 80);
const Mapping kLocal = mapping("127.0.0.1", 9876, "10.210.4.3", 8080);
const Mapping kDns = mapping("0.0.0.0", 5353, "10.210.4.3", 53, Protocol::Udp);

TEST(Names, FitTheKernelAndNft) {
    EXPECT_EQ(kNames.bridge, "shoal-7f3a91c2");
    EXPECT_EQ(kNames.table, "shoal_7f3a91c2");
    EXPECT_LE(kNames.bridge.size(), kLinkNameMax);
    const std::string link = link_name(kNames, kSubnet, *parse_ipv4("10.210.4.18"));
    EXPECT_EQ(link, "v7f3a91c2-0012");
    EXPECT_LE(link.size(), kLinkNameMax);
    EXPECT_EQ(
        link_name(kNames, masked(*parse_ipv4("10.210.0.0"), 16), *parse_ipv4("10.210.255.254")),
        "v7f3a91c2-fffe");
}

TEST(Names, MakeLocalUnicastHardwareAddresses) {
    const std::string address = hardware_address(*parse_ipv4("10.210.4.18"));
    EXPECT_EQ(address, std::string("\x02\x73\x0a\xd2\x04\x12"));
}

TEST(Names, RefuseContainersThatCannotNameAFile) {
    EXPECT_TRUE(check_container_id("7f3a91c2.web-0_1"));
    for (const std::string& bad :
         {std::string{}, std::string{"."}, std::string{".."}, std::string{"a/b"},
          std::string{"a b"}, std::string{"a\n"}, std::string(129, 'a')}) {
        EXPECT_FALSE(check_container_id(bad)) << bad;
    }
}

TEST(Rules, ReplaceTheTableInOneTransaction) {
    const std::string text = table_text(kNames, kSubnet, {}, {});
    EXPECT_TRUE(
        text.starts_with("add table ip shoal_7f3a91c2\ndelete table ip shoal_7f3a91c2\n"
                         "table ip shoal_7f3a91c2 {\n"));
    EXPECT_THAT(text, Not(HasSubstr("elements")));
    EXPECT_THAT(text, Not(HasSubstr("BRIDGE")));
    EXPECT_THAT(text, Not(HasSubstr("SUBNET")));
}

TEST(Rules, KeepLoopbackToTheHostBeforeAnythingElseHappens) {
    EXPECT_THAT(table_text(kNames, kSubnet, {}, {}),
                HasSubstr("    type filter hook prerouting priority -300; policy accept\n"
                          "    iifname != \"lo\" ip daddr 127.0.0.0/8 counter drop"));
}

TEST(Rules, PutEachPortIntoTheMapOfItsKind) {
    const std::string text = table_text(kNames, kSubnet, {kWeb, kLocal, kDns}, {});
    EXPECT_THAT(text, HasSubstr("elements = { 127.0.0.1 . tcp . 9876 : 10.210.4.3 . 8080 }"));
    EXPECT_THAT(text, HasSubstr("elements = { tcp . 8080 : 10.210.4.2 . 80, "
                                "udp . 5353 : 10.210.4.3 . 53 }"));
}

TEST(Rules, AddAndDeleteSinglePorts) {
    EXPECT_EQ(add_text(kNames, {kWeb, kLocal}),
              "add element ip shoal_7f3a91c2 published_at { 127.0.0.1 . tcp . 9876 : 10.210.4.3 . "
              "8080 }\n"
              "add element ip shoal_7f3a91c2 published { tcp . 8080 : 10.210.4.2 . 80 }\n");
    EXPECT_EQ(delete_text(kNames, {kDns}),
              "delete element ip shoal_7f3a91c2 published { udp . 5353 }\n");
    EXPECT_EQ(add_text(kNames, {}), "");
}

TEST(Rules, AcceptBothWaysInChainsOfOthers) {
    EXPECT_EQ(accept_text(kNames, {"FORWARD"}),
              "insert rule ip filter FORWARD oifname \"shoal-7f3a91c2\" counter accept comment "
              "\"shoal_7f3a91c2\"\n"
              "insert rule ip filter FORWARD iifname \"shoal-7f3a91c2\" counter accept comment "
              "\"shoal_7f3a91c2\"\n");
    EXPECT_EQ(delete_rules_text({"FORWARD"}, {5, 6}),
              "delete rule ip filter FORWARD handle 5\ndelete rule ip filter FORWARD handle 6\n");
}

TEST(Listing, FindsOurTableTheirChainsAndWhatMayBlock) {
    const auto read = read_chains(R"({"nftables": [{"metainfo": {"version": "1.0.6"}},
        {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "handle": 1,
                   "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}},
        {"chain": {"family": "ip", "table": "filter", "name": "DOCKER-USER", "handle": 2}},
        {"chain": {"family": "ip6", "table": "filter", "name": "FORWARD", "handle": 1,
                   "hook": "forward", "policy": "drop"}},
        {"chain": {"family": "inet", "table": "site", "name": "pass", "handle": 1,
                   "hook": "forward", "policy": "drop"}},
        {"chain": {"family": "inet", "table": "site", "name": "in", "handle": 1,
                   "hook": "input", "policy": "drop"}},
        {"chain": {"family": "ip", "table": "shoal_7f3a91c2", "name": "forward", "handle": 1,
                   "hook": "forward", "policy": "accept"}}]})",
                                  kNames);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_TRUE(read->ours);
    EXPECT_THAT(read->foreign, ElementsAre(ForeignChain{"FORWARD"}, ForeignChain{"DOCKER-USER"}));
    EXPECT_THAT(read->may_block, ElementsAre("inet site pass"));
}

TEST(Listing, ReadsMapsWithProtocolsByNameOrNumber) {
    const auto read = read_table(R"({"nftables": [
        {"map": {"family": "ip", "name": "published_at", "table": "t", "elem": [
            [{"concat": ["127.0.0.1", "tcp", 9876]}, {"concat": ["10.210.4.3", 8080]}]]}},
        {"map": {"family": "ip", "name": "published", "table": "t", "elem": [
            [{"concat": [17, 5353]}, {"concat": ["10.210.4.3", 53]}],
            [{"concat": ["tcp", 8080]}, {"concat": ["10.210.4.2", 80]}]]}}]})");
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_THAT(read->mappings, testing::UnorderedElementsAre(kWeb, kLocal, kDns));
}

TEST(Listing, RecognisesOurRulesInChainsOfOthers) {
    const auto read = read_tagged(R"({"nftables": [
        {"rule": {"family": "ip", "table": "filter", "chain": "FORWARD", "handle": 6,
         "comment": "shoal_7f3a91c2", "expr": [{"match": {"op": "==", "left": {"meta":
         {"key": "iifname"}}, "right": "shoal-7f3a91c2"}}, {"counter": {"packets": 0}},
         {"accept": null}]}},
        {"rule": {"family": "ip", "table": "filter", "chain": "FORWARD", "handle": 7,
         "comment": "shoal_00000000", "expr": [{"match": {"op": "==", "left": {"meta":
         {"key": "oifname"}}, "right": "shoal-00000000"}}, {"accept": null}]}},
        {"rule": {"family": "ip", "table": "filter", "chain": "FORWARD", "handle": 8,
         "expr": [{"drop": null}]}}]})",
                                  kNames);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_THAT(read->handles, ElementsAre(6));
    EXPECT_TRUE(read->accepts_from);
    EXPECT_FALSE(read->accepts_to);
}

TEST(Listing, IsNotFooledByNonsense) {
    for (const char* text : {"", "{", "[]", "{}", R"({"nftables": 1})", R"({"nftables": [1]})",
                             R"({"nftables": [{"map": {"name": "published", "elem": [1]}}]})",
                             R"({"nftables": [{"map": {"name": "published", "elem": 1}}]})"}) {
        const auto read = read_table(text);
        if (read) {
            EXPECT_THAT(read->mappings, IsEmpty()) << text;
        } else {
            EXPECT_EQ(read.error().code, Errc::Malformed) << text;
        }
    }
}

TEST(Differences, AreNoneWhenAllIsThere) {
    EXPECT_THAT(differences({expected_comments(), {kWeb, kDns, kLocal}}, {kWeb, kDns, kLocal}, {}),
                IsEmpty());
}

TEST(Differences, NameWhatIsMissingAndWhatIsTooMuch) {
    auto comments = expected_comments();
    comments.erase("output");
    comments["postrouting"].pop_back();
    EXPECT_THAT(
        differences({comments, {kDns}}, {kWeb}, {}),
        ElementsAre("the rules of chain output were gone",
                    "the rules of chain postrouting had been changed",
                    "the translation port 8080/tcp on every address -> 10.210.4.2:80 was gone",
                    "a stranger's translation stood in our table: port 5353/udp on every "
                    "address -> 10.210.4.3:53"));
}

TEST(Record, ReadsWhatItWrites) {
    const Record record{"web-0", *parse_ipv4("10.210.4.3"), {kLocal.port, kDns.port}};
    const auto read = read_record(write_record(record), "/run/x");
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(*read, record);
}

TEST(Record, IsRefusedWhenDamaged) {
    const std::string good = write_record({"web-0", *parse_ipv4("10.210.4.3"), {kLocal.port}});
    for (std::size_t length = 0; length + 2 < good.size(); ++length) {
        EXPECT_FALSE(read_record(good.substr(0, length), "/run/x")) << length;
    }
    EXPECT_FALSE(read_record(R"({"container":"a","address":"x","ports":[]})", "/run/x"));
    EXPECT_FALSE(read_record(R"({"container":"a","address":"1.2.3.4","ports":[{"host":"0.0.0.0",
        "protocol":"sctp","host_port":1,"container_port":1}]})",
                             "/run/x"));
}

}  // namespace
}  // namespace shoal::network
