// Text to tree: what YAML 1.2 makes of words, where things stand, and what is refused.
#include "node/compose/yaml.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace shoal::compose {
namespace {

using Kind = Value::Kind;
using ::testing::HasSubstr;

Value tree(const std::string& text) {
    auto parsed = parse_yaml(text);
    EXPECT_TRUE(parsed) << to_string("file", parsed ? Problem{} : parsed.error());
    return parsed ? std::move(*parsed) : Value{};
}

std::string complaint(const std::string& text) {
    const auto parsed = parse_yaml(text);
    return parsed ? "none" : to_string("f", parsed.error());
}

TEST(Yaml, WordsMeanWhatTheCoreSchemaOfYaml12Says) {
    const std::pair<const char*, Kind> cases[] = {
        {"on", Kind::Text},       {"no", Kind::Text},         {"yes", Kind::Text},
        {"off", Kind::Text},      {"y", Kind::Text},          {"22:22", Kind::Text},
        {"8080:80", Kind::Text},  {"1_000", Kind::Text},      {"2026-01-31", Kind::Text},
        {"true", Kind::Truth},    {"False", Kind::Truth},     {"0755", Kind::Integer},
        {"0o755", Kind::Integer}, {"0xfF", Kind::Integer},    {"-3", Kind::Integer},
        {"1.10", Kind::Decimal},  {"1e3", Kind::Decimal},     {"-.5", Kind::Decimal},
        {".inf", Kind::Decimal},  {".NaN", Kind::Decimal},    {"~", Kind::Null},
        {"null", Kind::Null},     {"'5'", Kind::Text},        {"\"true\"", Kind::Text},
        {"!!str 5", Kind::Text},  {"!!int 5", Kind::Integer}, {"1.2.3", Kind::Text},
        {"1.5G", Kind::Text},     {"0b101", Kind::Text},      {"+", Kind::Text},
        {".", Kind::Text},        {"1e", Kind::Text},         {"0o8", Kind::Text}};
    for (const auto& [text, kind] : cases) {
        const auto root = tree(std::string{"a: "} + text + "\n");
        ASSERT_EQ(root.members.size(), 1U);
        EXPECT_EQ(root.members[0].value.kind, kind) << text;
    }
    // As written: 0755 stays 0755 for whoever hands it on as text.
    EXPECT_EQ(tree("a: 0755").find("a")->text, "0755");
    EXPECT_EQ(tree("a: 1.10").find("a")->text, "1.10");
}

TEST(Yaml, EveryPartKnowsItsPlace) {
    const auto root = tree("services:\n  web:\n    ports: [80, '81']\n");
    const auto* web = root.find("services")->find("web");
    EXPECT_EQ(root.find("services")->members[0].mark, (Mark{2, 3}));
    EXPECT_EQ(web->members[0].mark, (Mark{3, 5}));
    EXPECT_EQ(web->find("ports")->items[1].mark, (Mark{3, 17}));
}

TEST(Yaml, LineEndsAndByteOrderMarksDoNotMatter) {
    const auto root = tree(
        "\xEF\xBB\xBF"
        "a: x\r\nb:\r\n  - y\r\n  - z\r\n");
    EXPECT_EQ(root.find("a")->text, "x");
    ASSERT_EQ(root.find("b")->items.size(), 2U);
    EXPECT_EQ(root.find("b")->items[1].text, "z");
    EXPECT_EQ(root.find("b")->items[1].mark.line, 4);
}

TEST(Yaml, MergesYieldToWhatStandsThere) {
    const auto root = tree(
        "base: &base {a: 1, b: 2}\n"
        "more: &more {b: 3, c: 4}\n"
        "one:\n  a: own\n  <<: *base\n"
        "both:\n  <<: [*more, *base]\n"
        "text: {'<<': 1}\n");
    EXPECT_EQ(root.find("one")->find("a")->text, "own");
    EXPECT_EQ(root.find("one")->find("b")->text, "2");
    EXPECT_EQ(root.find("one")->find("<<"), nullptr);
    EXPECT_EQ(root.find("both")->find("b")->text, "3");
    EXPECT_EQ(root.find("both")->find("a")->text, "1");
    EXPECT_EQ(root.find("text")->find("<<")->text, "1");
}

TEST(Yaml, SaysWhereAndWhatIsWrong) {
    const std::pair<std::string, const char*> cases[] = {
        {"a: 1\nb: 2\na: 3\n", "f:3:1: key 'a' stands twice; the first is in line 1"},
        {"a: &x [*x]\n", "f:1:8: an alias inside of what it stands for"},
        {"a: *nothing\n", "f:1:4: "},
        {"a:\n\t- b\n", "f:2:2: a tab before this; YAML is indented with blanks"},
        {"a: [1, 2\n", "f:2:1: "},
        {"? [a]\n: b\n", "f:1:3: a key that is a list; a key is a text"},
        {": b\n", "f:1:1: a key is missing before ':'"},
        {"a: 1\n---\nb: 2\n", "f:3:1: a second document; a Compose file is one"},
        {"a: !reset null\n", "f:1:4: tag '!reset' does not fit"},
        {"a: !!int x\n", "f:1:4: tag 'tag:yaml.org,2002:int' does not fit 'x'"},
        {"a: !mine {}\n", "f:1:4: tag '!mine'; such tags mean nothing here"},
        {"<<: 5\n", "f:1:1: '<<' merges a map or a list of maps"},
        {"a: \xFF\n", "f: not UTF-8 text"},
        {std::string{"a: \0", 4}, "f: holds a NUL byte"},
        {std::string(kFileMax + 1, ' '), "f: larger than 1 MiB"},
        {"a: " + std::string(100, '[') + std::string(100, ']'), "f:1:67: nested deeper than 64"}};
    for (const auto& [text, expected] : cases) {
        EXPECT_THAT(complaint(text), HasSubstr(expected)) << text.substr(0, 40);
    }
}

// The classical bomb: nine anchors of nine aliases each stand for 9^9 texts.
TEST(Yaml, ABombOfAliasesIsCountedNotUnpacked) {
    std::string bomb = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n";
    for (int i = 1; i < 10; ++i) {
        const auto last = "*a" + std::to_string(i - 1);
        bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
        for (int k = 0; k < 8; ++k) {
            bomb += ", " + last;
        }
        bomb += "]\n";
    }
    EXPECT_THAT(complaint(bomb), HasSubstr("grows beyond 16 MiB here"));
}

TEST(Yaml, AnEmptyFileIsNothing) {
    EXPECT_EQ(tree("").kind, Kind::Null);
    EXPECT_EQ(tree("# only a remark\n").kind, Kind::Null);
}

}  // namespace
}  // namespace shoal::compose
