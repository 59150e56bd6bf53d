// `shoal doctor`: what it makes of machines in all states, and that it needs no agent.
#include "cli/checks.h"
#include "tests/cli/cli_test.h"

#include <cerrno>

namespace shoal::cli {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using State = Check::State;

constexpr std::uint64_t kGiB = 1ULL << 30U;

MachineFacts fit_machine() {
    MachineFacts out;
    out.user = "ann";
    out.data = {.is_folder = true,
                .mode = 0700,
                .owner = "root",
                .bytes_free = 20 * kGiB,
                .bytes = 40 * kGiB};
    out.clock = {.known = true, .synchronised = true, .error_us = 3'000, .year = 2026};
    out.port_free = true;
    out.containerd_version = "1.6.20~ds1";
    out.mounts = "none /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n";
    out.controllers = "cpuset cpu io memory pids";
    out.filesystems = "nodev\tproc\nnodev\toverlay\n\text4\n";
    out.nft = "/usr/sbin/nft";
    out.ip_forward = true;
    return out;
}

Json good_status() {
    return {{"node", "a"},
            {"state", "member"},
            {"version", "0.1.0"},
            {"address", "10.0.0.1:7400"},
            {"data_dir", "/data"},
            {"runtime", "containerd"},
            {"nodes", {{"alive", 3}, {"unreachable", 0}}},
            {"seeds", Json::array()},
            {"warnings", Json::array()}};
}

class Doctor : public CliTest {
protected:
    Doctor() { facts_ = fit_machine(); }

    // The finding of one check on the machine as `change` makes it.
    template <class Change>
    static Check after(const std::string& name, Change change) {
        Patient patient{{.agent_socket = "/run/s",
                         .data_dir = "/data",
                         .containerd_socket = "/run/c",
                         .port = 7373},
                        fit_machine(),
                        good_status(),
                        {}};
        change(patient);
        for (auto& check : checks_of(patient)) {
            if (check.name == name) return check;
        }
        return {};
    }
};

TEST_F(Doctor, AFitMachineIsAllOk) {
    node_.answers("GET /v1/status", good_status().dump());
    const auto ran = run({"doctor"});
    EXPECT_EQ(ran.exit, Exit::Ok) << ran.err;
    EXPECT_EQ(ran.out,
              "CHECK        STATE   FINDING\n"
              "agent        ok      a answers, version 0.1.0\n"
              "data         ok      /data, mode 0700, of root\n"
              "clock        ok      kept right, to 3 ms\n"
              "port         ok      members reach each other by UDP and TCP\n"
              "containerd   ok      /run/containerd/containerd.sock, version 1.6.20~ds1\n"
              "cgroups      ok      v2\n"
              "network      ok      /usr/sbin/nft, and the kernel forwards\n"
              "disk         ok      20 GiB of 40 GiB free under /data\n"
              "overlay      ok      the kernel has overlay filesystems\n"
              "9 checks: 0 failed, 0 warnings\n");
    EXPECT_EQ(examined_.port, 7400) << "the agent knows better than the default";
    EXPECT_EQ(examined_.data_dir, "/data");
    EXPECT_EQ(run({"doctor", "-q"}).out, "") << "the exit status says it";
    EXPECT_THAT(run({"doctor", "-o", "name"}).out, HasSubstr("agent\ndata\nclock\n"));
}

TEST_F(Doctor, WorksWithoutAnAgentAndFailsForIt) {
    environment_["SHOAL_ADDR"] = "unix://" + node_.folder() + "/none";
    environment_["SHOAL_DATA_DIR"] = "/elsewhere";
    facts_.agent.error = ENOENT;
    const auto ran = run({"doctor"});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.out, HasSubstr("none: there is none, so no agent runs\n"));
    EXPECT_THAT(ran.out, HasSubstr("fix: sudo systemctl start shoal, or: sudo shoal agent\n"));
    EXPECT_THAT(ran.out, HasSubstr("7373 is free for UDP and TCP\n"));
    EXPECT_THAT(ran.out, HasSubstr("9 checks: 1 failed, 0 warnings\n"));
    EXPECT_EQ(ran.err, "");
    EXPECT_EQ(examined_.data_dir, "/elsewhere");
    EXPECT_EQ(examined_.agent_socket, node_.folder() + "/none");
    EXPECT_EQ(run({"doctor", "--data-dir", "/third"}).exit, Exit::Failed);
    EXPECT_EQ(examined_.data_dir, "/third");
    const auto checks = json::parse(run({"doctor", "-o", "json"}).out);
    EXPECT_EQ(checks[0]["state"], "failed");
    EXPECT_EQ(checks[1]["check"], "data");
    EXPECT_EQ(checks[1]["fix"], "");
}

TEST_F(Doctor, LooksAtNoOtherMachine) {
    EXPECT_EQ(run({"doctor", "--node", "b"}).exit, Exit::Usage);
    environment_["SHOAL_ADDR"] = "ssh://root@far";
    const auto ran = run({"doctor"});
    EXPECT_EQ(ran.exit, Exit::Failed);
    EXPECT_THAT(ran.out, HasSubstr("SHOAL_ADDR names no agent of this machine"));
}

TEST_F(Doctor, SaysHowToBeAllowedToAsk) {
    const auto check = after("agent", [](Patient& patient) {
        patient.status = nullptr;
        patient.facts.agent = {.error = EACCES, .group = "shoal"};
    });
    EXPECT_EQ(check.state, State::Failed);
    EXPECT_EQ(check.finding, "/run/s: ann may not use this socket");
    EXPECT_EQ(check.fix, "sudo usermod -aG shoal ann, then log in anew");
    const auto ended = after("agent", [](Patient& patient) {
        patient.status = nullptr;
        patient.facts.agent.error = ECONNREFUSED;
    });
    EXPECT_THAT(ended.finding, HasSubstr("nobody listens"));
    const auto idle = after("agent", [](Patient& patient) { patient.status["state"] = "idle"; });
    EXPECT_EQ(idle.state, State::Warning);
    EXPECT_EQ(idle.fix, "shoal init, or shoal join ADDR");
}

TEST_F(Doctor, WantsTheDataDirectoryForTheAgentAlone) {
    const auto open = after("data", [](Patient& patient) { patient.facts.data.mode = 0755; });
    EXPECT_EQ(open.state, State::Failed);
    EXPECT_EQ(open.fix, "sudo chmod 700 /data");
    EXPECT_EQ(after("data", [](Patient& patient) { patient.facts.data.read_only = true; }).state,
              State::Failed);
    const auto absent = [](Patient& patient) { patient.facts.data = {.error = ENOENT}; };
    EXPECT_EQ(after("data", absent).state, State::Failed) << "an agent runs and has none";
    EXPECT_EQ(after("data",
                    [&](Patient& patient) {
                        absent(patient);
                        patient.status = nullptr;
                    })
                  .state,
              State::Ok)
        << "the agent will make it";
}

TEST_F(Doctor, WantsAClockThatIsKeptRight) {
    const auto clock = [](const std::function<void(ClockFacts&)>& change) {
        return after("clock", [&](Patient& patient) { change(patient.facts.clock); });
    };
    EXPECT_EQ(clock([](ClockFacts& facts) { facts.synchronised = false; }).state, State::Warning);
    EXPECT_EQ(clock([](ClockFacts& facts) { facts.known = false; }).state, State::Warning);
    EXPECT_THAT(clock([](ClockFacts& facts) { facts.error_us = 5'000'000; }).finding,
                HasSubstr("5000 ms off"));
    EXPECT_EQ(clock([](ClockFacts& facts) { facts.year = 1970; }).state, State::Failed);
    EXPECT_EQ(clock([](ClockFacts& facts) { facts.monotonic = false; }).state, State::Failed);
}

TEST_F(Doctor, PassesOnWhatTheAgentSaysOfThePort) {
    const auto deaf = after("port", [](Patient& patient) {
        patient.status["warnings"] = {"UDP from b does not arrive here, TCP does",
                                      "2 nodes are named 'x'"};
        patient.status["nodes"]["unreachable"] = 1U;
    });
    EXPECT_EQ(deaf.state, State::Warning);
    EXPECT_EQ(deaf.finding,
              "UDP from b does not arrive here, TCP does\n1 node cannot be reached from here");
    EXPECT_THAT(deaf.fix, HasSubstr("UDP and TCP 7373"));
    const auto taken = after("port", [](Patient& patient) {
        patient.status = nullptr;
        patient.facts.port_free = false;
    });
    EXPECT_EQ(taken.state, State::Failed);
    EXPECT_THAT(taken.fix, HasSubstr("ss -lntup"));
}

TEST_F(Doctor, WantsContainerdWhereItIsTheRuntime) {
    const auto absent = [](Patient& patient) {
        patient.facts.containerd.error = ENOENT;
        patient.facts.containerd_version.clear();
    };
    const auto check = after("containerd", absent);
    EXPECT_EQ(check.state, State::Failed);
    EXPECT_EQ(check.fix, "sudo apt install containerd");
    EXPECT_EQ(after("containerd",
                    [&](Patient& patient) {
                        absent(patient);
                        patient.status["runtime"] = "none";
                    })
                  .state,
              State::Warning);
    const auto version = [](const std::string& text) {
        return after("containerd",
                     [&](Patient& patient) { patient.facts.containerd_version = text; })
            .state;
    };
    EXPECT_EQ(version("1.5.9"), State::Failed);
    EXPECT_EQ(version("1.7.24~ds1"), State::Warning);
    EXPECT_EQ(version("2.0.3"), State::Failed) << "the agent refuses it too";
    EXPECT_EQ(version(""), State::Ok);
}

TEST_F(Doctor, TellsTheKindsOfCgroupsApart) {
    const auto mounted = [](const std::string& mounts) {
        return after("cgroups", [&](Patient& patient) { patient.facts.mounts = mounts; });
    };
    const std::string one = "cgroup /sys/fs/cgroup/cpu cgroup rw,cpu 0 0\n";
    const std::string two = "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n";
    EXPECT_EQ(mounted("").state, State::Failed);
    EXPECT_EQ(mounted(one).state, State::Warning);
    EXPECT_THAT(mounted(one + two).finding, HasSubstr("hybrid"));
    const auto limited =
        after("cgroups", [](Patient& patient) { patient.facts.controllers = "cpu pids"; });
    EXPECT_THAT(limited.finding, AllOf(HasSubstr("without memory"), Not(HasSubstr("pids"))));
}

TEST_F(Doctor, WantsATablesProgramForwardingSpaceAndOverlays) {
    EXPECT_EQ(after("network", [](Patient& patient) { patient.facts.nft.clear(); }).fix,
              "sudo apt install nftables");
    EXPECT_THAT(after("network", [](Patient& patient) { patient.facts.ip_forward = false; }).fix,
                HasSubstr("net.ipv4.ip_forward=1"));
    const auto space = [](std::uint64_t bytes) {
        return after("disk", [&](Patient& patient) { patient.facts.data.bytes_free = bytes; })
            .state;
    };
    EXPECT_EQ(space(kGiB), State::Warning);
    EXPECT_EQ(space(1U << 20U), State::Failed);
    EXPECT_THAT(after("overlay", [](Patient& patient) { patient.facts.filesystems.clear(); }).fix,
                HasSubstr("modprobe overlay"));
}

TEST_F(Doctor, EveryTroubleHasAFixAndNothingElseHas) {
    Patient sick{};
    for (const auto& check : checks_of(sick)) {
        EXPECT_EQ(check.fix.empty(), check.state == State::Ok) << check.name << check.finding;
    }
}

TEST(Machine, IsExaminedWithoutAnyRights) {
    const auto facts = examine({.agent_socket = "/nowhere/s",
                                .data_dir = "/nowhere/at/all",
                                .containerd_socket = std::string(200, 'x'),
                                .port = 1});
    EXPECT_EQ(facts.agent.error, ENOENT);
    EXPECT_EQ(facts.data.error, ENOENT);
    EXPECT_GT(facts.data.bytes, 0U) << "of the nearest folder there is";
    EXPECT_NE(facts.containerd.error, 0);
    EXPECT_TRUE(facts.clock.monotonic);
    EXPECT_FALSE(facts.filesystems.empty());
    EXPECT_FALSE(facts.user.empty());
}

}  // namespace
}  // namespace shoal::cli
