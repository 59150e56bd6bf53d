#include "cli/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace shoal::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Addresses, AreAListTriedInOrder) {
    const auto list = parse_addresses("unix:///a/s, http://10.0.0.2:8373,ssh://root@far");
    ASSERT_TRUE(list) << list.error().detail;
    EXPECT_THAT(*list,
                ElementsAre(Address{UnixAddress{"/a/s"}}, Address{HttpAddress{"10.0.0.2:8373"}},
                            Address{SshAddress{"root@far", 0}}));
}

TEST(Addresses, DefaultToTheAgentOfThisMachine) {
    for (const auto* nothing : {"", "  "}) {
        const auto list = parse_addresses(nothing);
        ASSERT_TRUE(list);
        EXPECT_THAT(*list, ElementsAre(Address{UnixAddress{"/run/shoal/shoal.sock"}}));
    }
}

TEST(Addresses, PrintAsTheyWereWritten) {
    for (const std::string text : {"unix:///a/s", "http://h:1", "http://[::1]:8373", "ssh://u@h",
                                   "ssh://h:2222", "ssh://u@h:22"}) {
        const auto list = parse_addresses(text);
        ASSERT_TRUE(list) << text;
        ASSERT_EQ(list->size(), 1U) << text;
        EXPECT_EQ(to_string(list->front()), text);
    }
}

TEST(Addresses, ForgiveAClosingSlash) {
    const auto list = parse_addresses("http://h:1/,ssh://u@h/");
    ASSERT_TRUE(list);
    EXPECT_THAT(*list, ElementsAre(Address{HttpAddress{"h:1"}}, Address{SshAddress{"u@h", 0}}));
}

TEST(Addresses, AreRefusedWithWhatWouldBeValid) {
    struct Row {
        const char* why;
        std::string text;
        const char* says;
    };

    const Row rows[] = {
        {"a bare path", "/run/s", "expected unix:///PATH"},
        {"an empty part", "unix:///a,,unix:///b", "expected unix:///PATH"},
        {"a relative socket", "unix://s", "needs a whole path"},
        {"a path no socket can have", "unix:///" + std::string(107, 'x'),
         "longer than the 107 bytes"},
        {"no port", "http://host", "http://HOST:PORT"},
        {"no host", "http://:80", "http://HOST:PORT"},
        {"port out of range", "http://h:65536", "http://HOST:PORT"},
        {"port zero", "http://h:0", "http://HOST:PORT"},
        {"a path behind it", "http://h:1/v1", "http://HOST:PORT"},
        {"a user, who may be part of a lie", "http://good@evil:1", "http://HOST:PORT"},
        {"TLS, which no node serves", "https://h:1", "is not an address"},
        {"no host for ssh", "ssh://", "ssh://USER@HOST"},
        {"an option for ssh", "ssh://-oProxyCommand=id", "ssh://USER@HOST"},
        {"a port that is none", "ssh://h:x", "ssh://USER@HOST"},
    };
    for (const auto& row : rows) {
        const auto list = parse_addresses(row.text);
        ASSERT_FALSE(list) << row.why;
        EXPECT_THAT(list.error().detail, HasSubstr(row.says)) << row.why;
    }
}

TEST(Addresses, OfASocketMayHaveAll107Bytes) {
    EXPECT_TRUE(parse_addresses("unix:///" + std::string(106, 'x')));
}

}  // namespace
}  // namespace shoal::cli
