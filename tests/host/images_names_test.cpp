// Names of images, and what the registry says of them.
#include "node/host/images/records.h"
#include "node/host/images/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace shoal::host::images {
namespace {

using ::testing::HasSubstr;

const std::string kDigest = "sha256:" + std::string(64, 'a');

TEST(References, HaveOneSpelling) {
    const struct {
        std::string text;
        std::string name;
    } cases[] = {
        {"web", "web:latest"},
        {"web:1.0_x-y", "web:1.0_x-y"},
        {"library/web", "web:latest"},
        {"hub.example/library/web:1", "web:1"},
        {"team/web", "team/web:latest"},
        {"library/library/web", "library/library/web:latest"},
        {"localhost/web:1", "localhost/web:1"},
        {"localhost:5000/a/b-c:1", "localhost:5000/a/b-c:1"},
        {"hub.example:80/web", "hub.example:80/web:latest"},
    };

    for (const auto& one : cases) {
        const auto plain = parse_reference(one.text);
        ASSERT_TRUE(plain) << one.text << ": " << plain.error().detail;
        EXPECT_EQ(*plain, (Reference{one.name, ""})) << one.text;
        EXPECT_EQ(parse_reference(one.name)->name, one.name) << "what is kept is kept as it is";
        EXPECT_EQ(*parse_reference(one.text + "@" + kDigest), (Reference{one.name, kDigest}));
    }
}

TEST(References, ThatMeanNothingAreRefusedWithWhatIsRight) {
    const std::vector<std::string> bad = {"",
                                          ":1",
                                          "Web",
                                          "a//b",
                                          "/web",
                                          "web/",
                                          "web:",
                                          "web:-x",
                                          "a b",
                                          "-web",
                                          "web@sha256:12",
                                          "web@" + kDigest + "0",
                                          "we\nb",
                                          "../etc",
                                          "a/..",
                                          "x y/web",
                                          std::string(250, 'a'),
                                          std::string(300, 'a'),
                                          "web:" + std::string(129, 'a')};
    for (const auto& text : bad) {
        const auto parsed = parse_reference(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::Malformed);
        EXPECT_THAT(parsed.error().detail, HasSubstr("expected [REGISTRY/]NAME[:TAG]"));
    }
}

TEST(References, ShowTheDigestTheyArePinnedTo) {
    EXPECT_EQ(digest_in(pinned("web:1", kDigest)), kDigest);
    EXPECT_EQ(digest_in("web:1"), "");
    EXPECT_EQ(digest_in("web@sha256:short"), "");
}

TEST(ImageRecords, ComeBackAsTheyWent) {
    const ImageRecord record{kDigest, "application/x", 700, 1'000'000, {{80}, {53}}};
    EXPECT_EQ(*decode_record(encode_record(record).view()), record);
}

TEST(ImageRecords, ThatCannotBeAreRefused) {
    for (const ImageRecord& record :
         {ImageRecord{"sha256:1", "x", 7, 7}, ImageRecord{kDigest, "x", 0, 7},
          ImageRecord{kDigest, "x", 7, -1}, ImageRecord{kDigest, std::string(256, 'x'), 7, 7},
          ImageRecord{kDigest, "x", std::int64_t{5} << 20U, 7},
          ImageRecord{kDigest, "x", 7, 7, std::vector<placement::PlainPort>(257)}}) {
        EXPECT_FALSE(decode_record(encode_record(record).view()));
    }
    EXPECT_FALSE(decode_record(to_bytes("no record")));
}

}  // namespace
}  // namespace shoal::host::images
