// The 39 files of awesome-compose: what becomes of each of their keys, and the table of that.
#include "node/base/random.h"
#include "node/compose/keys.h"
#include "node/compose/render.h"
#include "node/compose/schema.h"
#include "node/compose/yaml.h"
#include "tests/compose/files.h"
#include "tests/support/seeds.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace shoal::compose {
namespace {

using ::testing::HasSubstr;

bool rewrites() {
    return std::getenv("SHOAL_REWRITE") != nullptr;
}

// Holds a text against a file of the tree, or writes it there.
void expect_file(const std::filesystem::path& path, const std::string& text) {
    if (rewrites()) {
        std::ofstream{path, std::ios::binary} << text;
        return;
    }
    EXPECT_EQ(read_whole(path), text) << path << " is stale; after a look at the difference: "
                                      << "SHOAL_REWRITE=1 compose_tests";
}

std::string verdict_on(const Fixture& fixture) {
    const auto project = load(source_of(fixture));
    if (!project) return lines_of(project.error());
    std::string out = "project " + project->name + "\n";
    for (const auto& finding : project->findings) {
        out += std::string{to_string(finding.treatment)} + ": " + to_string(finding.path) + ": " +
               std::string{finding.why} + "\n";
    }
    for (const auto& remark : project->remarks) {
        out += "remark: " + remark.what + "\n";
    }
    for (const auto& service : project->services) {
        for (const auto& problem : service.process.privileges) {
            out += "needs privilege: " + problem.what + "\n";
        }
        out += job_of(*project, service, "").dump(2) + "\n";
    }
    return out;
}

TEST(Fixtures, AreAllThere) {
    EXPECT_EQ(fixtures().size(), 39U);
}

TEST(Fixtures, BecomeWhatIsExpected) {
    for (const auto& fixture : fixtures()) {
        expect_file(fixtures_folder() / "expected" / (fixture.name + ".txt"), verdict_on(fixture));
    }
}

// Calls `see` with every path of a tree, items as "[]".
template <class See>
void walk(const Value& value, Path& path, const See& see) {
    see(path, value);
    for (const auto& member : value.members) {
        path.push_back(member.key);
        walk(member.value, path, see);
        path.pop_back();
    }
    for (const auto& item : value.items) {
        path.emplace_back(kItem);
        walk(item, path, see);
        path.pop_back();
    }
}

std::size_t rules_for(const Path& path) {
    const auto rules = key_rules();
    return static_cast<std::size_t>(
        std::count_if(rules.begin(), rules.end(),
                      [&](const KeyRule& rule) { return matches(rule.pattern, path); }));
}

TEST(Keys, EachPathOfEachFixtureHasExactlyOneRule) {
    for (const auto& fixture : fixtures()) {
        const auto root = parse_yaml(fixture.text);
        ASSERT_TRUE(root) << fixture.name;
        Path path;
        walk(*root, path, [&](const Path& at, const Value&) {
            EXPECT_EQ(rules_for(at), 1U) << fixture.name << ": " << to_string(at);
        });
    }
}

// "services.*.deploy.**" -> {"services", "any", "deploy"}
Path example_of(std::string_view pattern) {
    Path out;
    while (!pattern.empty()) {
        const auto dot = pattern.find('.');
        const auto part = pattern.substr(0, dot);
        if (part == "*") {
            out.emplace_back("any");
        } else if (part != "**") {
            out.emplace_back(part);
        }
        pattern = dot == std::string_view::npos ? std::string_view{} : pattern.substr(dot + 1);
    }
    return out;
}

TEST(Keys, NoTwoRulesClaimOnePlace) {
    for (const auto& rule : key_rules()) {
        EXPECT_EQ(rules_for(example_of(rule.pattern)), 1U) << rule.pattern;
        auto below = example_of(rule.pattern);
        below.emplace_back("below");
        EXPECT_LE(rules_for(below), 1U) << rule.pattern;
        EXPECT_NE(rule.why.empty(), rule.treatment != Treatment::Honoured) << rule.pattern;
    }
}

TEST(Keys, NoneOfTheSpecificationIsForgotten) {
    const auto schema = Json::parse(schema_text());
    const auto all_known = [](const Json& properties, Path path) {
        for (const auto& property : properties.items()) {
            path.push_back(property.key());
            EXPECT_NE(find_rule(path), nullptr) << to_string(path);
            path.pop_back();
        }
    };
    const auto& definitions = schema["definitions"];
    all_known(schema["properties"], {});
    all_known(definitions["service"]["properties"], {"services", "web"});
    all_known(definitions["network"]["properties"], {"networks", "any"});
    all_known(definitions["volume"]["properties"], {"volumes", "any"});
    all_known(definitions["config"]["properties"], {"configs", "any"});
    all_known(definitions["secret"]["properties"], {"secrets", "any"});
    const auto& deploy = definitions["deployment"]["properties"];
    all_known(deploy, {"services", "web", "deploy"});
    for (const auto* part : {"placement", "resources", "restart_policy"}) {
        all_known(deploy[part]["properties"], {"services", "web", "deploy", part});
    }
    for (const auto* part : {"limits", "reservations"}) {
        all_known(deploy["resources"]["properties"][part]["properties"],
                  {"services", "web", "deploy", "resources", part});
    }
    for (const auto& form : definitions["service"]["properties"]["ports"]["items"]["oneOf"]) {
        if (form.contains("properties")) {
            all_known(form["properties"], {"services", "web", "ports", "[]"});
        }
    }
    for (const auto& form : definitions["service"]["properties"]["volumes"]["items"]["oneOf"]) {
        if (!form.contains("properties")) continue;
        all_known(form["properties"], {"services", "web", "volumes", "[]"});
        for (const auto* part : {"bind", "volume", "tmpfs"}) {
            all_known(form["properties"][part]["properties"],
                      {"services", "web", "volumes", "[]", part});
        }
    }
}

// Maps whose keys are the author's to choose, with values of any kind.
bool takes_any_key(const Path& path) {
    return !path.empty() && (path.back() == "environment" || path.back() == "labels" ||
                             path.back() == "args" || path.back() == "driver_opts");
}

std::string with_line(const std::string& text, int before, const std::string& added) {
    std::istringstream in{text};
    std::string out;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (number == before) out += added + "\n";
        out += line + "\n";
    }
    return out;
}

TEST(Keys, AnUnknownOneAnywhereIsAnErrorWithItsPlace) {
    for (const auto seed : tests::seeds(1)) {
        SCOPED_TRACE(tests::replay(seed));
        Random random{seed};
        std::size_t planted = 0;
        for (const auto& fixture : fixtures()) {
            const auto root = parse_yaml(fixture.text);
            ASSERT_TRUE(root);
            Path path;
            walk(*root, path, [&](const Path& at, const Value& map) {
                if (map.members.empty() || takes_any_key(at)) return;
                const auto mark = map.members.front().mark;
                // In a list it follows a dash, where another line does not fit so simply.
                if (!at.empty() && at.back() == kItem) return;
                const auto key = "k" + std::to_string(random.below(1'000'000'000));
                auto other = fixture;
                other.text = with_line(
                    fixture.text, mark.line,
                    std::string(static_cast<std::size_t>(mark.column - 1), ' ') + key + ": 1");
                const auto project = load(source_of(other));
                ASSERT_FALSE(project) << fixture.name << ": " << to_string(at) << " took " << key;
                const auto& problems = project.error();
                EXPECT_TRUE(std::any_of(problems.begin(), problems.end(),
                                        [&](const Problem& problem) {
                                            return problem.mark.line == mark.line &&
                                                   problem.mark.column >= mark.column;
                                        }))
                    << fixture.name << ": " << to_string(at) << "\n"
                    << lines_of(problems);
                ++planted;
            });
        }
        EXPECT_GT(planted, 200U);
    }
}

TEST(Fixtures, ResolvedAreReadAsThemselves) {
    for (const auto& fixture : fixtures()) {
        const auto project = loaded(source_of(fixture));
        const auto first = resolved(project);
        const auto again = loaded(source_of(Fixture{fixture.name, first.dump(1)}));
        EXPECT_EQ(resolved(again).dump(1), first.dump(1)) << fixture.name;
        ASSERT_EQ(again.services.size(), project.services.size());
        for (std::size_t i = 0; i < project.services.size(); ++i) {
            EXPECT_EQ(job_of(again, again.services[i], ""),
                      job_of(project, project.services[i], ""));
        }
    }
}

// The tables of docs/compose.md.

std::string cell(const std::set<std::string>& words) {
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : " ") + ("`" + word + "`");
    }
    return out.empty() ? "-" : out;
}

// "services.web.deploy.resources" -> "deploy.resources", so that several services are one word.
std::string short_name(const Finding& finding) {
    Path path = finding.path;
    if (path.size() > 2 && path[0] == "services") path.erase(path.begin(), path.begin() + 2);
    return to_string(path);
}

std::string table_of_files() {
    std::string out = "| file | `up` | refused | ignored |\n| --- | --- | --- | --- |\n";
    for (const auto& fixture : fixtures()) {
        const auto project = load(source_of(fixture));
        std::set<std::string> refused;
        std::set<std::string> ignored;
        bool privileged = false;
        bool needs_build_alone = true;
        if (project) {
            for (const auto& service : project->services) {
                privileged = privileged || !service.process.privileges.empty();
            }
            for (const auto& finding : project->findings) {
                const auto name = short_name(finding);
                (is_refused(finding) ? refused : ignored).insert(name);
                if (is_refused(finding) && name != "build") needs_build_alone = false;
            }
        }
        out += "| " + fixture.name + " | " +
               (!project                                ? "error"
                : !refused.empty() && needs_build_alone ? "needs a build"
                : !refused.empty()                      ? "refuses"
                : privileged                            ? "runs with privileges"
                                                        : "runs") +
               " | " + cell(refused) + " | " + cell(ignored) + " |\n";
    }
    return out;
}

std::string table_of_keys() {
    std::string out = "| key | | why |\n| --- | --- | --- |\n";
    for (const auto& rule : key_rules()) {
        if (rule.pattern.empty()) continue;
        std::string why{rule.why};
        if (!rule.as_is.empty()) {
            std::string values{rule.as_is};
            std::replace(values.begin(), values.end(), '|', ' ');
            why += "; fine as `" + values.substr(0, values.find(' ')) + "`";
        }
        if (!rule.beside.empty()) why += "; ignored beside `" + std::string{rule.beside} + "`";
        std::string key{rule.pattern};
        if (key.ends_with(".**")) key.resize(key.size() - 3);
        out += "| `" + key + "` | " + std::string{to_string(rule.treatment)} + " | " + why + " |\n";
    }
    return out;
}

void replace_between(std::string& text, const std::string& name, const std::string& table) {
    const auto begin = "<!-- begin " + name + " -->\n";
    const auto end = "<!-- end " + name + " -->";
    const auto first = text.find(begin);
    const auto last = text.find(end);
    ASSERT_NE(first, std::string::npos) << begin;
    ASSERT_NE(last, std::string::npos) << end;
    text.replace(first + begin.size(), last - first - begin.size(), table);
}

TEST(Document, HasTheTablesOfThisCode) {
    const auto path = std::filesystem::path{SHOAL_SOURCE_DIR} / "docs/compose.md";
    auto text = read_whole(path);
    replace_between(text, "files", table_of_files());
    replace_between(text, "keys", table_of_keys());
    expect_file(path, text);
}

}  // namespace
}  // namespace shoal::compose
