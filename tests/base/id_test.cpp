#include "node/base/id.h"

#include <gtest/gtest.h>

namespace shoal {
namespace {

constexpr NodeId kId{0x0123456789abcdefULL, 0xfedcba9876543210ULL};

TEST(Id, PrintsAsThirtyTwoHexDigitsAndReadsThemBack) {
    EXPECT_EQ(to_hex(kId), "0123456789abcdeffedcba9876543210");
    EXPECT_EQ(parse_id<NodeTag>(to_hex(kId)), kId);
    EXPECT_EQ(to_short(kId), "01234567");
}

TEST(Id, RefusesTextThatIsNotAnId) {
    for (const auto* text :
         {"", "01", "0123456789abcdeffedcba987654321", "g123456789abcdef0123456789abcdef",
          "0123456789ABCDEFfedcba9876543210"}) {
        EXPECT_EQ(parse_id<NodeTag>(text), std::nullopt) << text;
    }
}

TEST(Id, HasOneOrderAsNumberAsBytesAndAsText) {
    const NodeId low{1, ~0ULL};
    const NodeId high{2, 0};
    EXPECT_LT(low, high);
    EXPECT_LT(to_bytes(low), to_bytes(high));
    EXPECT_LT(to_hex(low), to_hex(high));
    EXPECT_EQ(id_from_bytes<NodeTag>(to_bytes(kId)), kId);
}

}  // namespace
}  // namespace shoal
