#include "node/base/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace shoal {
namespace {

TEST(Utf8, IsTakenAsRfc3629HasIt) {
    for (const std::string good :
         {"", "a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\x9F", "\xF4\x8F\xBF\xBF"}) {
        EXPECT_TRUE(is_utf8(good)) << good;
    }
    const std::pair<const char*, std::string> bad[] = {
        {"a continuation alone", "\x80"},
        {"cut short", "\xE2\x82"},
        {"too long a form of /", "\xC0\xAF"},
        {"too long a form, three bytes", "\xE0\x80\xAF"},
        {"too long a form, four bytes", "\xF0\x80\x80\xAF"},
        {"half a surrogate pair", "\xED\xA0\x80"},
        {"above U+10FFFF", "\xF4\x90\x80\x80"},
        {"never a byte", "\xFF"}};
    for (const auto& [why, text] : bad) {
        EXPECT_FALSE(is_utf8(text)) << why;
    }
}

}  // namespace
}  // namespace shoal
