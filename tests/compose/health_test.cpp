// healthcheck and depends_on: each form, what is said of what fits none, and the order that
// follows.
#include "node/compose/render.h"
#include "tests/compose/files.h"

#include <gmock/gmock.h>

namespace shoal::compose {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Health health(const std::string& keys) {
    return service("    healthcheck: {" + keys + "}\n").health;
}

std::string complaint(const std::string& keys) {
    return complaints("services:\n  web:\n    image: web\n    healthcheck: {" + keys + "}\n");
}

TEST(Healthchecks, HaveManyForms) {
    EXPECT_THAT(health("test: curl -f localhost").test,
                ElementsAre("CMD-SHELL", "curl -f localhost"));
    EXPECT_THAT(health("test: [CMD, curl, -f, localhost]").test,
                ElementsAre("CMD", "curl", "-f", "localhost"));
    EXPECT_THAT(health("test: [CMD-SHELL, 'curl || exit 1']").test,
                ElementsAre("CMD-SHELL", "curl || exit 1"));
    EXPECT_THAT(health("test: [NONE]").test, ElementsAre("NONE"));
    EXPECT_THAT(health("disable: true").test, ElementsAre("NONE"));
    EXPECT_THAT(health("disable: true, test: 'true'").test, ElementsAre("NONE"));
    EXPECT_THAT(health("interval: 5s").test, IsEmpty()) << "the image's, asked more often";
    const auto all = health(
        "test: 'true', interval: 1m30s, timeout: 10s, retries: 5, start_period: 40s, "
        "start_interval: 500ms");
    EXPECT_EQ(all.interval_ms, 90'000U);
    EXPECT_EQ(all.timeout_ms, 10'000U);
    EXPECT_EQ(all.retries, 5U);
    EXPECT_EQ(all.start_period_ms, 40'000U);
    EXPECT_EQ(all.start_interval_ms, 500U);
}

TEST(Healthchecks, SayWhatIsWrongWithOne) {
    for (const auto* bad : {"test: []", "test: ''", "test: [CMD]", "test: [CMD-SHELL]",
                            "test: [CMD-SHELL, a, b]", "test: [NONE, a]", "test: [curl, -f]"}) {
        EXPECT_THAT(complaint(bad), HasSubstr("f:4:25: healthcheck.test: ")) << bad;
        EXPECT_THAT(complaint(bad), HasSubstr("[CMD, PROGRAM, WORD...]")) << bad;
    }
    EXPECT_THAT(complaint("interval: 5"), HasSubstr("f:4:29: healthcheck.interval: '5'"));
    EXPECT_THAT(complaint("interval: 10ms"), HasSubstr("from 100ms to 24h"));
    EXPECT_THAT(complaint("timeout: 25h"), HasSubstr("up to 24h"));
    EXPECT_THAT(complaint("retries: -1"), HasSubstr("healthcheck.retries: '-1'"));
    EXPECT_THAT(complaint("disable: maybe"), HasSubstr("true or false"));
    EXPECT_THAT(complaints("services:\n  web:\n    image: web\n    healthcheck: curl\n"),
                HasSubstr("f:4:18: healthcheck: 'curl' does not fit"));
}

TEST(Healthchecks, ReachTheJobAsTheApiHasThem) {
    const auto project = loaded(
        "services:\n  web:\n    image: web\n    healthcheck: {test: 'true', interval: 5s}\n");
    EXPECT_EQ(job_of(project, project.services.at(0), "")["health"],
              Json::parse(R"({"test": ["CMD-SHELL", "true"], "interval_ms": 5000})"));
    const auto plain = loaded("services:\n  web:\n    image: web\n");
    EXPECT_EQ(job_of(plain, plain.services.at(0), "")["health"], Json::object());
}

// Services of these names, each with its depends_on.
std::string file(const std::vector<std::pair<std::string, std::string>>& services) {
    std::string out = "services:\n";
    for (const auto& [name, keys] : services) {
        out += "  " + name + ":\n    image: " + name + "\n";
        if (!keys.empty()) out += "    " + keys + "\n";
    }
    return out;
}

TEST(Orders, HaveAShortAndALongForm) {
    const auto project =
        loaded(file({{"web", "depends_on: [db]"},
                     {"job", "depends_on: {db: {condition: service_healthy, required: false}}"},
                     {"app",
                      "depends_on: {job: {condition: service_completed_successfully}, db: "
                      "{condition: service_started}}"},
                     {"db", ""}}));
    const auto after = [&](std::size_t i) {
        return job_of(project, project.services.at(i), "")["after"];
    };
    EXPECT_EQ(after(0),
              Json::parse(R"([{"job": "shop/db", "condition": "started", "required": true}])"));
    EXPECT_EQ(after(1),
              Json::parse(R"([{"job": "shop/db", "condition": "healthy", "required": false}])"));
    EXPECT_EQ(after(2),
              Json::parse(R"([{"job": "shop/job", "condition": "complete", "required": true},
                              {"job": "shop/db", "condition": "started", "required": true}])"));
    EXPECT_EQ(after(3), Json::array());
}

TEST(Orders, SayWhatIsWrongWithOne) {
    EXPECT_THAT(complaints(file({{"web", "depends_on: [no]"}})),
                HasSubstr("f:4:18: 'no' is not among the services"));
    EXPECT_THAT(complaints(file({{"web", "depends_on: {db: {condition: ready}}"}, {"db", ""}})),
                HasSubstr("f:4:34: condition: 'ready' does not fit; allowed is one of "
                          "service_started, service_healthy, service_completed_successfully"));
    EXPECT_THAT(complaints(file({{"web", "depends_on: db"}, {"db", ""}})),
                HasSubstr("f:4:17: depends_on: 'db' does not fit; allowed is a list"));
    EXPECT_THAT(
        complaints(file({{"web", "depends_on: {db: {condition: service_completed_successfully}}"},
                         {"db", "restart: always"}})),
        HasSubstr("f:4:18: depends_on: 'db' never completes"));
}

TEST(Orders, RefuseCirclesWithTheWayRound) {
    EXPECT_THAT(complaints(file({{"web", "depends_on: [web]"}})),
                HasSubstr("f:4:18: depends_on: these services would wait for each other: "
                          "'web' -> 'web'"));
    const auto said = complaints(file({{"out", "depends_on: [web]"},
                                       {"web", "depends_on: [api, db]"},
                                       {"api", "depends_on: [web]"},
                                       {"db", ""}}));
    EXPECT_THAT(said, HasSubstr("'web' -> 'api' -> 'web'"));
    EXPECT_THAT(said, HasSubstr("f:10:18: "));
    EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 1) << said;
}

TEST(Orders, PutEachAfterWhatItDependsOn) {
    const auto project = loaded(file({{"web", "depends_on: [api, cache]"},
                                      {"cache", ""},
                                      {"api", "depends_on: [db]"},
                                      {"db", ""}}));
    std::vector<std::string> names;
    for (const auto* one : in_order(project.services)) {
        names.push_back(one->name);
    }
    EXPECT_THAT(names, ElementsAre("cache", "db", "api", "web"));
}

TEST(Orders, AreDeepWithoutHarm) {
    std::vector<std::pair<std::string, std::string>> chain;
    for (int i = 0; i < 1000; ++i) {
        chain.emplace_back("s" + std::to_string(i),
                           "depends_on: [s" + std::to_string((i + 1) % 1000) + "]");
    }
    EXPECT_THAT(complaints(file(chain)), HasSubstr("would wait for each other"));
    chain.back().second.clear();
    EXPECT_EQ(in_order(loaded(file(chain)).services).front()->name, "s999");
}

TEST(Orders, NameOnlyWhatRuns) {
    const std::string tools = "profiles: [tools]";
    EXPECT_THAT(complaints(file({{"web", "depends_on: [db]"}, {"db", tools}})),
                HasSubstr("f:4:18: depends_on: 'db' does not run"));
    const auto project =
        loaded(file({{"web", "depends_on: {db: {condition: service_started, required: false}}"},
                     {"db", tools}}));
    EXPECT_THAT(project.services.at(0).after, IsEmpty());
    const auto again = loaded(resolved(project).dump(1));
    EXPECT_EQ(resolved(again).dump(1), resolved(project).dump(1));
}

TEST(Orders, RefuseARestartWithAnother) {
    const auto finding = [](const std::string& restart) {
        const auto project = loaded(file(
            {{"web", "depends_on: {db: {condition: service_started, restart: " + restart + "}}"},
             {"db", ""}}));
        if (project.findings.empty()) return std::string{};
        return std::string{to_string(project.findings[0].treatment)};
    };
    EXPECT_EQ(finding("true"), "not yet");
    EXPECT_EQ(finding("false"), "") << "that is how it is anyway";
}

}  // namespace
}  // namespace shoal::compose
