// What a job says of its process, as the runtime is told of it.
#include "node/host/daemon/process_json.h"
#include "node/host/oci/seccomp.h"
#include "node/host/oci/spec.h"
#include "tests/support/arbitrary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shoal::host::oci {
namespace {

using placement::ProcessWish;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using Json = nlohmann::json;

SpecWish wish(const ProcessWish& process) {
    SpecWish out{.id = "web", .hostname = "web-1", .network_namespace = "/run/netns/x"};
    out.image = {.command = {"serve"}, .working_directory = "/image"};
    out.container.process = process;
    return out;
}

Json spec(const ProcessWish& process) {
    const auto text = make_spec(wish(process));
    EXPECT_TRUE(text) << text.error().detail;
    return text ? Json::parse(*text) : Json{};
}

Json mount_at(const Json& spec, const std::string& path) {
    Json out;
    for (const auto& one : spec["mounts"]) {
        if (one["destination"] == path) out = one;  // later ones cover earlier ones
    }
    return out;
}

TEST(Process, HasThePlaceAndTheTerminalItAskedFor) {
    EXPECT_EQ(spec({})["process"]["cwd"], "/image");
    EXPECT_EQ(spec({.working_dir = "/srv"})["process"]["cwd"], "/srv");
    EXPECT_EQ(spec({})["process"]["terminal"], false);
    EXPECT_EQ(spec({.tty = true})["process"]["terminal"], true);
    EXPECT_EQ(spec({})["root"]["readonly"], false);
    EXPECT_EQ(spec({.read_only = true})["root"]["readonly"], true);
    EXPECT_EQ(spec({.domainname = "fish.example"})["linux"]["sysctl"]["kernel.domainname"],
              "fish.example");
}

TEST(Process, ListensAtEveryPortOfANetworkOfItsOwnWithoutBeingRoot) {
    const std::string dots = "net.ipv4.ip_unprivileged_port_start";
    const std::string slashes = "net/ipv4/ip_unprivileged_port_start";
    EXPECT_EQ(spec({})["linux"]["sysctl"], Json({{dots, "0"}}));
    // Who says otherwise is heard.
    EXPECT_EQ(spec({.sysctls = {{dots, "1024"}}})["linux"]["sysctl"], Json({{dots, "1024"}}));
    EXPECT_EQ(spec({.sysctls = {{slashes, "99"}}})["linux"]["sysctl"], Json({{slashes, "99"}}));
    // The host's is left alone.
    auto shared = wish({});
    shared.network_namespace.clear();
    EXPECT_FALSE(Json::parse(*make_spec(shared))["linux"].contains("sysctl"));
}

TEST(Process, HasItsLimits) {
    const auto json = spec({.ulimits = {{"memlock", {-1, -1}}, {"nproc", {100, 200}}},
                            .pids_limit = 50,
                            .cpu_shares = 2048,
                            .shm_size = 128U << 20U,
                            .oom_score_adj = 300});
    EXPECT_THAT(json["process"]["rlimits"].get<std::vector<Json>>(),
                IsSupersetOf({Json::parse(R"({"type": "RLIMIT_MEMLOCK",
                                 "soft": 18446744073709551615, "hard": 18446744073709551615})"),
                              Json::parse(R"({"type": "RLIMIT_NPROC", "soft": 100, "hard": 200})"),
                              Json::parse(R"({"type": "RLIMIT_NOFILE", "soft": 1024,
                                 "hard": 524288})")}));
    EXPECT_EQ(json["linux"]["resources"]["pids"]["limit"], 50);
    EXPECT_EQ(json["linux"]["resources"]["cpu"]["shares"], 2048);
    EXPECT_EQ(json["process"]["oomScoreAdj"], 300);
    EXPECT_THAT(mount_at(json, "/dev/shm")["options"].get<std::vector<std::string>>(),
                Contains("size=131072k"));
    const auto files = spec({.ulimits = {{"nofile", {10, 20}}}})["process"]["rlimits"];
    EXPECT_EQ(files, Json::parse(R"([{"type": "RLIMIT_NOFILE", "soft": 10, "hard": 20}])"))
        << "said once";
    EXPECT_FALSE(spec({})["process"].contains("oomScoreAdj"));
}

TEST(Process, MaySwapAsFarAsItSays) {
    const auto swap = [](std::int64_t limit) {
        auto from = wish({.memswap_limit = limit});
        from.container.need.memory_bytes = 64U << 20U;
        const auto text = make_spec(from);
        return text ? Json::parse(*text)["linux"]["resources"]["memory"]["swap"] : Json{};
    };
    EXPECT_EQ(swap(0), 64U << 20U);
    EXPECT_EQ(swap(128 << 20), 128U << 20U);
    EXPECT_EQ(swap(-1), -1);
}

TEST(Process, HasFoldersInMemory) {
    const auto json = spec({.tmpfs = {"/scratch", "/work:size=64m,exec,mode=700", "/run:ro"}});
    EXPECT_EQ(mount_at(json, "/scratch"),
              Json::parse(R"({"destination": "/scratch", "type": "tmpfs", "source": "tmpfs",
                              "options": ["nosuid", "nodev", "noexec", "mode=1777"]})"));
    EXPECT_EQ(mount_at(json, "/work")["options"],
              Json::parse(R"(["nosuid", "nodev", "size=64m", "exec", "mode=700"])"));
    EXPECT_THAT(mount_at(json, "/run")["options"].get<std::vector<std::string>>(), Contains("ro"))
        << "it covers the usual one";
}

std::vector<std::string> capabilities(const Json& json) {
    return json["process"]["capabilities"]["effective"];
}

std::vector<std::string> allowed_calls(const Json& json) {
    std::vector<std::string> out;
    for (const auto& rule : json["linux"]["seccomp"]["syscalls"]) {
        if (rule["action"] != "SCMP_ACT_ALLOW" || rule.contains("args")) continue;
        for (const auto& name : rule["names"]) {
            out.push_back(name);
        }
    }
    return out;
}

TEST(Process, HasTheCallsOfItsCapabilities) {
    EXPECT_THAT(capabilities(spec({.cap_add = {"NET_ADMIN"}, .cap_drop = {"ALL"}})),
                ElementsAre("CAP_NET_ADMIN"));
    EXPECT_THAT(allowed_calls(spec({})), Not(Contains("mount")));
    EXPECT_THAT(allowed_calls(spec({.cap_add = {"SYS_ADMIN"}})),
                IsSupersetOf({"mount", "setns", "clone", "clone3"}));
    EXPECT_THAT(allowed_calls(spec({.cap_add = {"SYS_TIME"}})), Contains("clock_settime"));
    EXPECT_THAT(allowed_calls(spec({.cap_add = {"SYS_TIME"}})), Not(Contains("mount")));
    EXPECT_EQ(spec({.no_new_privileges = false})["process"]["noNewPrivileges"], false);
}

TEST(Process, ThatIsPrivilegedIsHeldByNothing) {
    auto from = wish({.privileged = true});
    from.devices = {{.path = "/dev/fuse", .major = 10, .minor = 229, .mode = 0666}};
    const auto text = make_spec(from);
    ASSERT_TRUE(text);
    const auto json = Json::parse(*text);
    EXPECT_EQ(capabilities(json).size(), 41U);
    EXPECT_EQ(json["process"]["noNewPrivileges"], false);
    for (const auto* member : {"seccomp", "maskedPaths", "readonlyPaths"}) {
        EXPECT_FALSE(json["linux"].contains(member)) << member;
    }
    EXPECT_EQ(json["linux"]["resources"]["devices"],
              Json::parse(R"([{"allow": true, "access": "rwm"}])"));
    EXPECT_EQ(json["linux"]["devices"],
              Json::parse(R"([{"path": "/dev/fuse", "type": "c", "major": 10, "minor": 229,
                               "fileMode": 438, "uid": 0, "gid": 0}])"));
    EXPECT_THAT(mount_at(json, "/sys")["options"].get<std::vector<std::string>>(), Contains("rw"));
}

TEST(Process, HasOfAllCapabilitiesThoseThatTheHostCanGive) {
    auto from = wish({.cap_add = {"ALL", "SYS_TIME"}});
    from.host.capabilities = 0b101;
    EXPECT_THAT(capabilities(Json::parse(*make_spec(from))),
                ElementsAre("CAP_CHOWN", "CAP_DAC_READ_SEARCH", "CAP_SYS_TIME"))
        << "what is named is not left out in silence";
}

TEST(Process, HasAnInputThatStaysOpenFromAnInit) {
    EXPECT_TRUE(needs_init(wish({.stdin_open = true}).container));
    EXPECT_FALSE(needs_init(wish({.tty = true, .stdin_open = true}).container))
        << "a terminal does not end";
    auto from = wish({.stdin_open = true});
    from.init_path = "/init";
    EXPECT_EQ(Json::parse(*make_spec(from))["process"]["args"],
              Json::parse(R"(["/.shoal-init", "--open-input", "--", "serve"])"));
}

TEST(Process, ChangesNoSwitchOfANetworkThatIsTheHosts) {
    auto from = wish({.sysctls = {{"net.core.somaxconn", "99"}}});
    EXPECT_TRUE(make_spec(from));
    from.network_namespace.clear();
    const auto refused = make_spec(from);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().detail, HasSubstr("--network bridge"));
}

TEST(Devices, AreThoseOfTheHostWithoutItsTerminals) {
    for (const auto& device : host_devices()) {
        EXPECT_FALSE(device.path.starts_with("/dev/pts/")) << device.path;
        EXPECT_NE(device.path, "/dev/console");
    }
    const auto all = host_devices();
    const auto null = std::find_if(all.begin(), all.end(),
                                   [](const Device& one) { return one.path == "/dev/null"; });
    ASSERT_NE(null, all.end());
    EXPECT_EQ(null->major, 1U);
    EXPECT_EQ(null->minor, 3U);
    EXPECT_TRUE(host_devices("/nowhere").empty());
}

TEST(Groups, AreAddedByNameAndNumber) {
    User user{.uid = 1000, .gid = 1000, .groups = {5}};
    ASSERT_TRUE(add_groups(user, {"shoal", "7", "5"}, "shoal:x:2000:\n"));
    EXPECT_THAT(user.groups, ElementsAre(5, 2000, 7));
    const auto unknown = add_groups(user, {"nobody"}, "");
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().detail, HasSubstr("no group 'nobody'"));
    EXPECT_TRUE(needs_files(std::vector<std::string>{"7", "shoal"}));
    EXPECT_FALSE(needs_files(std::vector<std::string>{"7"}));
}

TEST(ProcessJson, ComesBackAsItWent) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        Random random{seed};
        ProcessWish wish;
        tests::draw(random, wish);
        wish.cap_add = {"CHOWN", "NET_ADMIN"};
        wish.cap_drop.clear();
        wish.sysctls = {{"net.core.somaxconn", "1"}};
        wish.ulimits = {{"nofile", {-1, -1}}};
        // JSON has no bytes that are no text, so the first reading loses them.
        const auto text = to_json(wish).dump(-1, ' ', false, Json::error_handler_t::ignore);
        ProcessWish once;
        const auto read = read_process(Json::parse(text), once);
        ASSERT_TRUE(read) << read.error().detail << text;
        ProcessWish again;
        ASSERT_TRUE(read_process(to_json(once), again));
        EXPECT_EQ(again, once);
    }
    EXPECT_EQ(to_json(ProcessWish{}), Json::object());
}

TEST(ProcessJson, SaysWhatIsWrong) {
    const auto complaint = [](const char* text) {
        ProcessWish out;
        const auto read = read_process(Json::parse(text), out);
        return read ? std::string{} : read.error().detail;
    };
    EXPECT_THAT(complaint("[]"), HasSubstr("process: expected an object"));
    EXPECT_THAT(complaint(R"({"usr": "x"})"), HasSubstr("docs/api.md"));
    EXPECT_THAT(complaint(R"({"user": 1})"), HasSubstr("process.user: expected text"));
    EXPECT_THAT(complaint(R"({"tty": "yes"})"), HasSubstr("process.tty: expected true or false"));
    EXPECT_THAT(complaint(R"({"pids_limit": -1})"), HasSubstr("process.pids_limit"));
    EXPECT_THAT(complaint(R"({"oom_score_adj": 99999999999})"), HasSubstr("oom_score_adj"));
    EXPECT_THAT(complaint(R"({"memswap_limit": 18446744073709551615})"), HasSubstr("memswap"));
    EXPECT_THAT(complaint(R"({"cap_add": "ALL"})"), HasSubstr("process.cap_add: expected a list"));
    EXPECT_THAT(complaint(R"({"ulimits": {"nofile": 5}})"), HasSubstr("process.ulimits.nofile"));
    EXPECT_THAT(complaint(R"({"sysctls": {"a": 5}})"), HasSubstr("process.sysctls.a"));
    ProcessWish out;
    ASSERT_TRUE(
        read_process(Json::parse(R"({"cap_add": ["sys_time", "CAP_CHOWN", "CHOWN"]})"), out));
    EXPECT_THAT(out.cap_add, ElementsAre("CHOWN", "SYS_TIME"));
}

}  // namespace
}  // namespace shoal::host::oci
