#include "node/host/oci/seccomp.h"
#include "node/host/oci/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shoal::host::oci {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using Json = nlohmann::json;

SpecWish wish() {
    SpecWish out{.id = "web", .hostname = "web-1", .cgroups_path = "/shoal/test/web"};
    out.image.command = {"serve"};
    return out;
}

Json spec(const SpecWish& from) {
    const auto text = make_spec(from);
    return text ? Json::parse(*text) : Json{};
}

std::vector<std::string> namespaces(const Json& json) {
    std::vector<std::string> out;
    for (const auto& one : json["linux"]["namespaces"]) {
        out.push_back(one["type"]);
    }
    return out;
}

std::vector<std::string> environment(const SpecWish& from) {
    return spec(from)["process"]["env"];
}

TEST(Spec, IsRestrictedByDefault) {
    const auto json = spec(wish());
    const auto& process = json["process"];
    for (const char* set : {"bounding", "effective", "permitted"}) {
        const std::vector<std::string> capabilities = process["capabilities"][set];
        EXPECT_EQ(capabilities.size(), 14U);
        EXPECT_THAT(capabilities, Not(Contains("CAP_SYS_ADMIN")));
    }
    EXPECT_FALSE(process["capabilities"].contains("ambient"));
    EXPECT_FALSE(process["capabilities"].contains("inheritable"));
    EXPECT_EQ(process["noNewPrivileges"], true);
    EXPECT_EQ(json["linux"]["resources"]["devices"],
              Json::parse(R"([{"allow": false, "access": "rwm"}])"));
    EXPECT_EQ(json["linux"]["resources"]["pids"]["limit"], kPidsMax);
    EXPECT_THAT(json["linux"]["maskedPaths"].get<std::vector<std::string>>(),
                Contains("/proc/kcore"));
    EXPECT_EQ(json["linux"]["seccomp"]["defaultAction"], "SCMP_ACT_ERRNO");
    EXPECT_EQ(json["linux"]["cgroupsPath"], "/shoal/test/web");
}

TEST(Spec, NamesEachAllowedCallOnceAndNoneOfTheDangerousOnes) {
    std::vector<std::string> all;
    const auto profile = seccomp_for({});
    for (const auto& rule : profile["syscalls"]) {
        if (rule.contains("args") || rule["action"] != "SCMP_ACT_ALLOW") continue;
        for (const auto& name : rule["names"]) {
            all.push_back(name);
        }
    }
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end());
    for (const char* call : {"read", "openat", "futex", "execve", "accept4"}) {
        EXPECT_THAT(all, Contains(call));
    }
    for (const char* call : {"mount", "unshare", "setns", "bpf", "kexec_load", "init_module",
                             "io_uring_setup", "clone", "clone3", "open_by_handle_at", "reboot"}) {
        EXPECT_THAT(all, Not(Contains(call)));
    }
}

TEST(Spec, LimitsMemoryWithoutSwapAndTheProcessorByQuota) {
    auto limited = wish();
    limited.container.need = {1500, 256U << 20U};
    const auto resources = spec(limited)["linux"]["resources"];
    EXPECT_EQ(resources["memory"], Json::parse(R"({"limit": 268435456, "swap": 268435456})"));
    EXPECT_EQ(resources["cpu"],
              Json::parse(R"({"quota": 150000, "period": 100000, "shares": 1536})"));
}

TEST(Spec, LeavesUnlimitedWhatDeclaresNothing) {
    const auto resources = spec(wish())["linux"]["resources"];
    EXPECT_FALSE(resources.contains("memory"));
    EXPECT_FALSE(resources["cpu"].contains("quota"));
    EXPECT_EQ(resources["cpu"]["shares"], 51);
}

TEST(Spec, KeepsWithinWhatTheKernelTakes) {
    auto tiny = wish();
    tiny.container.need.cpu_milli = 1;
    const auto cpu = spec(tiny)["linux"]["resources"]["cpu"];
    EXPECT_EQ(cpu["quota"], 1000);
    EXPECT_EQ(cpu["shares"], 2);
}

TEST(Spec, SaysNothingOfSwapWhereItIsNotCounted) {
    auto limited = wish();
    limited.container.need.memory_bytes = 64U << 20U;
    limited.host = {.unified = false, .swap_accounting = false};
    EXPECT_FALSE(spec(limited)["linux"]["resources"]["memory"].contains("swap"));
    limited.host.unified = true;  // runc leaves it out by itself where it must
    EXPECT_TRUE(spec(limited)["linux"]["resources"]["memory"].contains("swap"));
}

TEST(Spec, HidesOtherCgroupsWhereThereIsANamespaceForThem) {
    auto unified = wish();
    EXPECT_THAT(namespaces(spec(unified)), ElementsAre("pid", "ipc", "uts", "mount"));
    unified.host.unified = true;
    EXPECT_THAT(namespaces(spec(unified)), ElementsAre("pid", "ipc", "uts", "mount", "cgroup"));
}

// As /sys/fs/cgroup looks on each kind of host.
TEST(HostFacts, AreThoseOfTheCgroupsThatDoTheWork) {
    namespace fs = std::filesystem;
    std::string folder = "/tmp/shoal-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const auto with = [&](const std::string& path) {
        const auto file = fs::path{folder} / path;
        fs::create_directories(file.parent_path());
        std::ofstream{file} << "x";
        return detect_host(folder);
    };
    EXPECT_FALSE(detect_host(folder).unified) << "nothing is mounted";
    EXPECT_FALSE(with("memory/memory.limit_in_bytes").swap_accounting) << "1, no swap counted";
    EXPECT_TRUE(with("memory/memory.memsw.limit_in_bytes").swap_accounting) << "1";
    EXPECT_FALSE(with("unified/cgroup.controllers").unified) << "both: 1 has the limits";
    fs::remove_all(fs::path{folder} / "memory");
    fs::remove_all(fs::path{folder} / "unified");
    EXPECT_TRUE(with("cgroup.controllers").unified) << "2";
    fs::remove_all(folder);
}

TEST(Spec, EntersTheNetworkItIsGiven) {
    auto networked = wish();
    networked.network_namespace = "/run/netns/x";
    EXPECT_THAT(spec(networked)["linux"]["namespaces"],
                Contains(Json{{"type", "network"}, {"path", "/run/netns/x"}}));
}

TEST(Spec, PutsAnInitInFrontOnlyWhenThereIsOne) {
    auto with = wish();
    EXPECT_EQ(spec(with)["process"]["args"], Json::parse(R"(["serve"])"));
    with.init_path = "/usr/bin/some-init";
    const auto json = spec(with);
    EXPECT_EQ(json["process"]["args"].size(), 3U);
    EXPECT_EQ(json["mounts"].back()["source"], "/usr/bin/some-init");
}

TEST(Spec, TakesTheEnvironmentFromImageJobAndNodeTheLaterWinning) {
    auto from = wish();
    from.image.environment = {"PATH=/image", "A=image", "B=image", "malformed"};
    from.container.environment = {{"B", "job"}, {"C", "job"}};
    from.environment = {"C=node"};
    EXPECT_THAT(environment(from),
                ElementsAre("PATH=/image", "HOSTNAME=web-1", "A=image", "B=job", "C=node"));
}

TEST(Spec, RefusesToRunNothing) {
    EXPECT_FALSE(make_spec(SpecWish{}));
}

TEST(Spec, SurvivesBytesThatAreNoText) {
    auto odd = wish();
    odd.container.environment = {{"A", "\xff\xfe"}};
    EXPECT_TRUE(make_spec(odd));
}

TEST(Arguments, FollowEntrypointAndCommandAsComposeHasThem) {
    const ImageConfig image{.entrypoint = {"/entry"}, .command = {"default"}};

    struct Row {
        const char* rule;
        std::vector<std::string> entrypoint, command, runs;
    };

    for (const Row& row :
         std::vector<Row>{{"nothing named: the image's", {}, {}, {"/entry", "default"}},
                          {"a command replaces the command", {}, {"own"}, {"/entry", "own"}},
                          {"an entrypoint drops the image's command", {"/own"}, {}, {"/own"}},
                          {"both replace both", {"/own"}, {"x"}, {"/own", "x"}}}) {
        placement::Template job{.entrypoint = row.entrypoint, .command = row.command};
        EXPECT_EQ(arguments(job, image), row.runs) << row.rule;
    }
}

}  // namespace
}  // namespace shoal::host::oci
