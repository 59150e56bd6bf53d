// `shoal stats`: what replicas use, from two answers of every node.
#include "tests/cli/cli_test.h"

namespace shoal::cli {
namespace {

using nlohmann::json;
using ::testing::Contains;
using ::testing::HasSubstr;

class StatsTest : public CliTest {
protected:
    StatsTest() {
        node_.answers("GET /v1/nodes",
                      R"([{"name": "a", "id": "id-a", "standing": "alive"},
                          {"name": "b", "id": "id-b", "standing": "unreachable"},
                          {"name": "c", "id": "id-c", "standing": "left"}])");
    }

    static json container(int index, std::uint64_t cpu_ns, std::uint64_t limit = 0) {
        return {{"job", "web"},
                {"index", index},
                {"epoch", 1},
                {"cpu_ns", cpu_ns},
                {"processes", 3},
                {"memory_bytes", 5U << 20U},
                {"memory_limit_bytes", limit}};
    }

    void then(std::uint64_t at_ns, const std::vector<json>& containers) {
        node_.answers("GET /v1/stats",
                      json{{"node", "a"}, {"at_ns", at_ns}, {"containers", containers}}.dump());
    }
};

TEST_F(StatsTest, AShareOfACoreIsWhatWasUsedBetweenTwoAnswers) {
    then(1'000'000'000, {container(0, 500), container(1, 7'000'000'000, 64U << 20U)});
    then(3'000'000'000, {container(0, 500), container(1, 8'000'000'000, 64U << 20U)});
    const auto ran = run({"stats"});
    EXPECT_EQ(ran.exit, Exit::Ok);
    EXPECT_EQ(ran.out,
              "NAME    NODE   CPU      MEMORY             PROCESSES\n"
              "web.0   a      0.0 %    5.0 MiB            3\n"
              "web.1   a      50.0 %   5.0 MiB / 64 MiB   3\n");
    EXPECT_THAT(ran.err, HasSubstr("b cannot be asked: it is unreachable"));
    EXPECT_EQ(now_.count(), 1'000);
}

TEST_F(StatsTest, WhatHasJustBegunHasNoShareYet) {
    then(1'000'000'000, {});
    then(2'000'000'000, {container(0, 500)});
    EXPECT_THAT(run({"stats"}).out, HasSubstr("web.0   a      -"));
}

TEST_F(StatsTest, OneJobAloneIsAskedForAndJsonHasTheNumbers) {
    then(1'000'000'000, {container(0, 0)});
    then(2'000'000'000, {container(0, 250'000'000)});
    const auto ran = run({"stats", "web", "-o", "json"});
    EXPECT_EQ(json::parse(ran.out)[0]["cores"], 0.25);
    EXPECT_THAT(node_.lines(), Contains("GET /v1/stats?job=web&node=id-a"));
}

}  // namespace
}  // namespace shoal::cli
