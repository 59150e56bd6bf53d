#include "node/api/content.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace shoal::api {
namespace {

TEST(Base64, IsThatOfRfc4648) {
    const std::pair<const char*, const char*> rows[] = {
        {"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
        {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}};
    for (const auto& [plain, encoded] : rows) {
        EXPECT_EQ(to_base64(plain), encoded);
        EXPECT_EQ(from_base64(encoded), plain);
    }
    std::string all;
    for (int byte = 0; byte < 256; ++byte) {
        all.push_back(static_cast<char>(byte));
    }
    EXPECT_EQ(from_base64(to_base64(all)), all);
    for (const auto* bad : {"Zg=", "Z", "Zm9*", "===="}) {
        EXPECT_FALSE(from_base64(bad)) << bad;
    }
}

TEST(Digest, TellsContentsApart) {
    EXPECT_EQ(digest_of("a").size(), 32U);
    EXPECT_EQ(digest_of("a"), digest_of("a"));
    EXPECT_NE(digest_of("a"), digest_of("b"));
    EXPECT_NE(digest_of(""), digest_of(std::string(1, '\0')));
}

}  // namespace
}  // namespace shoal::api
