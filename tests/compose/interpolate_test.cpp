#include "node/compose/interpolate.h"

#include "node/compose/env_file.h"
#include "node/compose/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace shoal::compose {
namespace {

using ::testing::HasSubstr;

const Variables kVariables = {{"NAME", "fish"}, {"EMPTY", ""}, {"DOLLAR", "$NAME"}};

std::string expanded(const std::string& text) {
    Interpolation interpolation{kVariables};
    const auto out = interpolation.expand(text);
    return out ? *out : "error: " + out.error().what;
}

TEST(Interpolation, KnowsTheFormsOfTheSpecification) {
    const std::pair<const char*, const char*> cases[] = {
        {"plain", "plain"},
        {"$NAME.", "fish."},
        {"${NAME}s", "fishs"},
        {"a$$b", "a$b"},
        {"$$NAME $${NAME}", "$NAME ${NAME}"},
        {"${NONE}|$NONE|", "||"},
        {"${NONE:-x}${NONE-y}", "xy"},
        {"${EMPTY:-x}${EMPTY-y}", "x"},
        {"${NAME:-x}", "fish"},
        {"${NONE:+x}${EMPTY:+y}${EMPTY+z}${NAME:+w}", "zw"},
        {"${NAME:?no}${EMPTY?no}", "fish"},
        {"${NONE:-${ALSO:-deep}}", "deep"},
        {"${NONE:-a}}", "a}"},
        {"${NONE:-$$}", "$"},
        {"${NONE:-}", ""},
        {"$DOLLAR", "$NAME"}};  // a value is not read again
    for (const auto& [text, expected] : cases) {
        EXPECT_EQ(expanded(text), expected) << text;
    }
}

TEST(Interpolation, RefusesWhatIsNone) {
    EXPECT_EQ(expanded("${NONE:?say who}"), "error: variable 'NONE' must be set: say who");
    EXPECT_EQ(expanded("${NONE?}"), "error: variable 'NONE' must be set");
    EXPECT_EQ(expanded("${EMPTY:?}"), "error: variable 'EMPTY' must be set");
    for (const auto* bad :
         {"$", "a $ b", "$1", "${}", "${1}", "${A B}", "${A", "${A:x}", "${A:}", "${NONE:-${}"}) {
        EXPECT_THAT(expanded(bad), HasSubstr("error: ")) << bad;
        EXPECT_THAT(expanded(bad), HasSubstr("allowed are $NAME")) << bad;
    }
    std::string nested = "x";
    for (int i = 0; i < 40; ++i) {
        nested = "${NONE:-" + nested + "}";
    }
    EXPECT_THAT(expanded(nested), HasSubstr("nested deeper"));
}

TEST(Interpolation, IsBounded) {
    const Variables variables = {{"A", std::string(100'000, 'a')}};
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "$A";
    }
    Interpolation interpolation{variables};
    EXPECT_FALSE(interpolation.expand(text));
}

TEST(Interpolation, OfATreeNamesThePlaceAndWhatIsUnset) {
    auto root = parse_yaml("a:\n  - ${NAME}\n  - x${GONE}y\n$NAME: b\n");
    ASSERT_TRUE(root);
    Interpolation interpolation{kVariables};
    ASSERT_TRUE(interpolation.apply(*root));
    EXPECT_EQ(root->find("a")->items[0].text, "fish");
    EXPECT_EQ(root->find("a")->items[1].text, "xy");
    EXPECT_NE(root->find("$NAME"), nullptr) << "keys stay as they are";
    ASSERT_EQ(interpolation.unset().size(), 1U);
    EXPECT_EQ(interpolation.unset().at("GONE"), (Mark{3, 5}));

    auto bad = parse_yaml("a: 1\nb: ${X:?needed}\n");
    Interpolation other{kVariables};
    const auto done = other.apply(*bad);
    ASSERT_FALSE(done);
    EXPECT_EQ(to_string("f", done.error()), "f:2:4: variable 'X' must be set: needed");
}

TEST(Interpolation, EscapedDollarsComeBack) {
    EXPECT_EQ(escaped_dollars("a$b$$"), "a$$b$$$$");
    EXPECT_EQ(expanded(escaped_dollars("${NAME} $x $$")), "${NAME} $x $$");
}

TEST(EnvFile, ReadsWhatPeopleWrite) {
    const auto read = parse_env_file(
        "\xEF\xBB\xBF# a remark\r\n"
        "A=1\r\n"
        "export B = two words  # and a remark\n"
        "\n"
        "C='$NAME as it is' # remark\n"
        "D=\"${NAME} \\\"x\\\"\\n\\$A\"\n"
        "E=a#b\n"
        "F=\n"
        "G=${A}${H:-h}\n"
        "NAME\n"
        "UNSET_HERE\n"
        "I=\"two\nlines\"\n"
        "A=2\n",
        EnvFormat::Quoted, kVariables);
    ASSERT_TRUE(read) << to_string("f", read.error());
    EXPECT_EQ(*read, (Variables{{"A", "2"},
                                {"B", "two words"},
                                {"C", "$NAME as it is"},
                                {"D", "fish \"x\"\n$A"},
                                {"E", "a#b"},
                                {"F", ""},
                                {"G", "1h"},
                                {"NAME", "fish"},
                                {"I", "two\nlines"}}));
}

TEST(EnvFile, RawTakesEverythingAsItStands) {
    const auto read = parse_env_file("A='x' # y\nB=$NAME\n", EnvFormat::Raw, kVariables);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, (Variables{{"A", "'x' # y"}, {"B", "$NAME"}}));
}

TEST(EnvFile, SaysWhichLineIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {"A=1\n=2\n", "f:2:1: '' is no name of a variable; expected NAME=VALUE"},
        {"A B=2\n", "f:1:1: 'A B' is no name"},
        {"A='x\n\n", "f:1:1: a quote ' that is never closed"},
        {"A='x'y\n", "f:1:1: text after the closing quote"},
        {"\nA=${\n", "f:2:1: '${' without its '}'"},
        {"A=\xFF\n", "f: not UTF-8 text"}};
    for (const auto& [text, expected] : cases) {
        const auto read = parse_env_file(text, EnvFormat::Quoted, {});
        ASSERT_FALSE(read) << text;
        EXPECT_THAT(to_string("f", read.error()), HasSubstr(expected));
    }
}

}  // namespace
}  // namespace shoal::compose
