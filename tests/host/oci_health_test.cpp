// The check an image brings: read, kept in the container's spec, run beside its program.
#include "node/host/oci/health.h"
#include "node/host/oci/image.h"
#include "node/host/oci/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace shoal::host::oci {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;
using placement::HealthCheck;
using Kind = HealthCheck::Kind;

Result<ImageConfig> config(const std::string& health) {
    return parse_config(R"({"config": {"Healthcheck": )" + health + "}}");
}

TEST(ImageCheck, IsReadAsBuildersWriteIt) {
    const auto image = config(
        R"({"Test": ["CMD-SHELL", "curl -f localhost"], "Interval": 5000000000,
            "Timeout": 1500000, "StartPeriod": 1, "Retries": 4})");
    ASSERT_TRUE(image) << image.error().detail;
    const auto& check = image->check;
    EXPECT_EQ(check.kind, Kind::Shell);
    EXPECT_THAT(check.test, ElementsAre("curl -f localhost"));
    EXPECT_EQ(check.interval_ms, 5000U);
    EXPECT_EQ(check.timeout_ms, 2U) << "rounded up";
    EXPECT_EQ(check.start_period_ms, 1U);
    EXPECT_EQ(check.retries, 4U);
    EXPECT_EQ(config(R"({"Test": ["CMD", "true"]})")->check.kind, Kind::Program);
    EXPECT_EQ(config(R"({"Test": ["NONE"]})")->check.kind, Kind::Off);
}

TEST(ImageCheck, IsNoneWhereNothingIsAsked) {
    for (const char* none : {"null", "{}", R"({"Test": []})", R"({"Interval": 5})", "7", "[]"}) {
        const auto image = config(none);
        ASSERT_TRUE(image) << none;
        EXPECT_EQ(image->check, HealthCheck{}) << none;
    }
}

TEST(ImageCheck, OfNoSenseIsAnErrorThatSaysWhere) {
    for (const char* bad : {R"({"Test": ["curl"]})", R"({"Test": [1]})", R"({"Test": ["CMD"]})",
                            R"({"Test": ["CMD-SHELL", "a", "b"]})"}) {
        const auto image = config(bad);
        ASSERT_FALSE(image) << bad;
        EXPECT_THAT(image.error().detail, HasSubstr("Healthcheck")) << bad;
    }
    const auto huge =
        config(R"({"Test": ["CMD", "true"], "Interval": 18446744073709551615, "Retries": -1})");
    ASSERT_TRUE(huge);
    EXPECT_EQ(huge->check.interval_ms, 0xffffffffU);
    EXPECT_EQ(huge->check.retries, 0U);
}

SpecWish wish() {
    SpecWish out{.id = "web", .user = {77, 88, {}}, .cgroups_path = "/shoal/test/web"};
    out.image.command = {"serve"};
    out.image.environment = {"FROM=image"};
    out.image.working_directory = "/srv";
    return out;
}

TEST(ImageCheck, IsFoundAgainInTheSpec) {
    auto from = wish();
    EXPECT_EQ(check_in_spec(*make_spec(from)), HealthCheck{});
    from.image.check = {.kind = Kind::Program,
                        .test = {"check", "it's \"quoted\""},
                        .interval_ms = 2000,
                        .retries = 7,
                        .start_interval_ms = 300};
    EXPECT_EQ(check_in_spec(*make_spec(from)), from.image.check);
    from.image.check = {.kind = Kind::Off};
    EXPECT_EQ(check_in_spec(*make_spec(from)), from.image.check);
    for (const char* odd : {"", "[]", "{", R"({"annotations": 1})",
                            R"({"annotations": {"shoal.image-check": "{"}})"}) {
        EXPECT_EQ(check_in_spec(odd), HealthCheck{}) << odd;
    }
}

TEST(ACheck, RunsAsItsContainersProgramDoes) {
    const auto spec = *make_spec(wish());
    const auto process = process_beside(spec, check_words({.kind = Kind::Program, .test = {"x"}}));
    ASSERT_TRUE(process) << process.error().detail;
    const auto json = Json::parse(*process);
    const auto program = Json::parse(spec)["process"];
    EXPECT_EQ(json["args"], Json({"x"}));
    for (const char* same : {"user", "env", "cwd", "capabilities", "noNewPrivileges", "rlimits"}) {
        EXPECT_EQ(json[same], program[same]) << same;
    }
    EXPECT_FALSE(process_beside("{}", {"x"}));
    EXPECT_FALSE(process_beside("no json", {"x"}));
}

TEST(ACheck, OfOneLineGoesToTheShell) {
    EXPECT_THAT(check_words({.kind = Kind::Shell, .test = {"a || b"}}),
                ElementsAre("/bin/sh", "-c", "a || b"));
}

}  // namespace
}  // namespace shoal::host::oci
