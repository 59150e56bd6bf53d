#include "node/host/network/netlink_message.h"

#include <gtest/gtest.h>

#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

namespace shoal::network {
namespace {

constexpr std::size_t kHead = sizeof(nlmsghdr);

TEST(NetlinkMessage, CountsItsOwnLengthAndAsksForAnAnswer) {
    Message message{RTM_NEWLINK, NLM_F_CREATE};
    const Bytes bytes = message.fixed(ifinfomsg{}).text(IFLA_IFNAME, "a").finished(7);
    const auto head = read_fixed<nlmsghdr>(bytes);
    EXPECT_EQ(head.nlmsg_len, bytes.size());
    EXPECT_EQ(head.nlmsg_seq, 7U);
    EXPECT_EQ(head.nlmsg_flags, NLM_F_REQUEST | NLM_F_CREATE | NLM_F_ACK);
    EXPECT_EQ(bytes.size() % 4, 0U);
    Message dump{RTM_GETLINK, NLM_F_DUMP};
    EXPECT_EQ(read_fixed<nlmsghdr>(dump.finished(1)).nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
}

TEST(NetlinkMessage, IsReadBackAsWritten) {
    Message message{RTM_NEWLINK, 0};
    message.text(1, "shoal")
        .u32(2, 0x01020304)
        .u32_network(3, 0x7f000001)
        .nested(4, [](Message& in) {
            in.u8(1, 9).nested(2, [](Message& deep) { deep.text(1, "deep"); });
        });
    const Bytes bytes = message.finished(1);
    const Attributes read{ByteView{bytes}.subspan(kHead)};
    EXPECT_EQ(read.text(1), "shoal");
    EXPECT_EQ(read.u32(2), 0x01020304U);
    EXPECT_EQ(read.u32_network(3), 0x7f000001U);
    EXPECT_EQ(read.nested(4).find(1)->front(), 9);
    EXPECT_EQ(read.nested(4).nested(2).text(1), "deep");
    EXPECT_FALSE(read.find(5));
    EXPECT_FALSE(read.u32(1));
}

TEST(NetlinkMessage, EndsAtTheFirstAttributeThatDoesNotFit) {
    Message message{RTM_NEWLINK, 0};
    const Bytes whole = message.text(1, "shoal").u32(2, 5).finished(1);
    const ByteView attributes = ByteView{whole}.subspan(kHead);
    for (std::size_t length = 0; length <= attributes.size(); ++length) {
        const Attributes read{attributes.first(length)};
        EXPECT_EQ(read.find(1).has_value(), length >= 10) << length;
        EXPECT_EQ(read.find(2).has_value(), length == attributes.size()) << length;
    }
    EXPECT_FALSE(Attributes{Bytes(16, 0)}.find(0));
    EXPECT_FALSE(Attributes{Bytes(16, 0xff)}.find(0xffff));
}

}  // namespace
}  // namespace shoal::network
