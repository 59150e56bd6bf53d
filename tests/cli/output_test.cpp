// Tables, documents and failures, to the byte: a changed column is a difference a reviewer sees.
#include "cli/output.h"

#include "cli/failure.h"
#include "cli/table.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>
#include <yaml-cpp/yaml.h>

namespace shoal::cli {
namespace {

std::string printed(const Table& table, Table::Colour colour = Table::Colour::Off) {
    std::ostringstream out;
    table.print(out, colour);
    return out.str();
}

std::string printed(const Failure& failure) {
    std::ostringstream out;
    print(failure, out);
    return out.str();
}

std::string printed(const View& view, Shape shape) {
    std::ostringstream out;
    print(view, shape, out);
    return out.str();
}

TEST(Tables, AlignTheirColumnsAndEndNoLineInBlanks) {
    Table table{{"NAME", "STATE"}};
    table.row({{"a"}, {"alive"}});
    table.row({{"long-name"}, {"x"}});
    EXPECT_EQ(printed(table),
              "NAME        STATE\n"
              "a           alive\n"
              "long-name   x\n");
}

TEST(Tables, ShowAnEmptyCellAsADash) {
    Table table{{"A", "B", "C"}};
    table.row({{""}, {"b"}, {""}});
    EXPECT_EQ(printed(table),
              "A   B   C\n"
              "-   b   -\n");
}

TEST(Tables, WrapALongCellBelowItselfAndNeverCutIt) {
    Table table{{"NODE", "REASONS", "AGE"}};
    table.row({{"b"}, {"memory: needs 64 GiB\nno label gpu"}, {"1s"}});
    table.row({{"c"}, {"x"}, {"2s"}});
    EXPECT_EQ(printed(table),
              "NODE   REASONS                AGE\n"
              "b      memory: needs 64 GiB   1s\n"
              "       no label gpu\n"
              "c      x                      2s\n");
}

TEST(Tables, CountCharactersAndNotBytes) {
    Table table;
    table.row({{"caf\xC3\xA9"}, {"1"}});
    table.row({{"cafe"}, {"2"}});
    EXPECT_EQ(printed(table),
              "caf\xC3\xA9   1\n"
              "cafe   2\n");
}

TEST(Tables, PaintOnlyWhenAskedAndAlignTheSame) {
    Table table;
    table.row({{"alive", Tone::Good}, {"x"}});
    EXPECT_EQ(printed(table), "alive   x\n");
    EXPECT_EQ(printed(table, Table::Colour::On), "\x1b[32malive\x1b[0m   x\n");
}

TEST(Tables, LetNoCellDriveTheTerminal) {
    Table table;
    table.row({{"\x1b[31mred"}});
    EXPECT_EQ(printed(table), "?[31mred\n");
}

const View kView{Json{{"b", 1}, {"a", nullptr}}, {"one", "two"}, "text\n", {}};

TEST(Output, HasOneShapeForEachFormat) {
    EXPECT_EQ(printed(kView, {Format::Columns, false}), "text\n");
    EXPECT_EQ(printed(kView, {Format::WideColumns, false}), "text\n");
    EXPECT_EQ(printed(kView, {Format::JsonText, false}), "{\n  \"b\": 1,\n  \"a\": null\n}\n")
        << "in the order the node gave";
    EXPECT_EQ(printed(kView, {Format::YamlText, false}), "b: 1\na: null\n");
    EXPECT_EQ(printed(kView, {Format::Names, false}), "one\ntwo\n");
    EXPECT_EQ(printed(kView, {Format::Columns, true}), "one\ntwo\n");
}

TEST(Output, QuietMayHaveWordsOfItsOwn) {
    auto view = kView;
    view.quiet = "member\n";
    EXPECT_EQ(printed(view, {Format::Columns, true}), "member\n");
}

TEST(Yaml, ReadsBackAsTheSameTexts) {
    for (const std::string text :
         {"plain", "",        "5",          "-5",          "1.5", "0x10",  "1e3",
          ".5",    ".inf",    "true",       "No",          "ON",  "null",  "~",
          "y",     "a: b",    "- a",        "#c",          "'q'", "\"q\"", "two\nlines",
          "tab\t", " space ", "2026-01-31", "caf\xC3\xA9", "{x}", "[x]",   "*a",
          "&a",    "!t",      "%d",         "@x",          "`x"}) {
        const auto yaml = to_yaml(Json{{"key", text}});
        const auto node = YAML::Load(yaml)["key"];
        ASSERT_TRUE(node.IsScalar()) << yaml;
        EXPECT_EQ(node.Scalar(), text) << yaml;
        const auto plain = yaml.substr(yaml.find(':') + 1).find('"') == std::string::npos;
        if (plain) {
            EXPECT_THROW((void)node.as<double>(), YAML::BadConversion) << yaml;
            EXPECT_THROW((void)node.as<bool>(), YAML::BadConversion) << yaml;
        }
    }
}

TEST(Yaml, NestsListsAndObjectsAndShowsEmptyOnes) {
    const Json json = {{"list", {1, 2.5, "x"}},
                       {"none", Json::array()},
                       {"empty", Json::object()},
                       {"deep", {{"truth", true}}}};
    EXPECT_EQ(to_yaml(json),
              "list:\n"
              "  - 1\n"
              "  - 2.5\n"
              "  - x\n"
              "none: []\n"
              "empty: {}\n"
              "deep:\n"
              "  truth: true");
}

TEST(Failures, SayWhatWasWantedWhatHappenedAndWhatToTry) {
    EXPECT_EQ(printed(Failure{Exit::Failed, "scale job 'web'", "there is no job 'web'",
                              "shoal job ls lists them"}),
              "shoal: cannot scale job 'web'\n"
              "       there is no job 'web'\n"
              "       try: shoal job ls lists them\n");
    EXPECT_EQ(printed(Failure{Exit::Usage, {}, "no such flag", {}}), "shoal: no such flag\n");
    EXPECT_EQ(printed(Failure{Exit::Failed, "x", "bad \x1b[2J", {}}),
              "shoal: cannot x\n       bad ?[2J\n");
}

TEST(ExitStatus, FollowsTheTableOfTheApi) {
    const std::pair<const char*, int> rows[] = {
        {"malformed", 1},  {"unauthorized", 1}, {"forbidden", 1}, {"not-found", 1},
        {"bad-method", 1}, {"conflict", 6},     {"too-large", 1}, {"unsupported", 1},
        {"not-member", 1}, {"overloaded", 1},   {"disk", 1},      {"unavailable", 7},
        {"timeout", 5},    {"of-the-future", 1}};
    for (const auto& [code, exit] : rows) {
        EXPECT_EQ(static_cast<int>(exit_of(code)), exit) << code;
    }
}

}  // namespace
}  // namespace shoal::cli
