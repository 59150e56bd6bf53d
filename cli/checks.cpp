#include "cli/checks.h"

#include "cli/human.h"
#include "cli/text.h"
#include "node/api/containerd_version.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

namespace shoal::cli {
namespace {

using State = Check::State;

constexpr std::uint64_t kMiB = 1U << 20U;
constexpr std::uint64_t kFreeMin = 256 * kMiB;      // less, and the journal itself is at risk
constexpr std::uint64_t kFreeEnough = 2048 * kMiB;  // less, and a few images fill it
constexpr std::int64_t kClockErrorMax = 1'000'000;  // us; ages shown would be wrong by more
constexpr std::int64_t kYearMin = 2024;             // before this was written
constexpr std::string_view kStart = "sudo systemctl start shoal, or: sudo shoal agent";

Check ok(std::string name, std::string finding) {
    return {std::move(name), State::Ok, std::move(finding), {}};
}

Check warning(std::string name, std::string finding, std::string fix) {
    return {std::move(name), State::Warning, std::move(finding), std::move(fix)};
}

Check bad(std::string name, std::string finding, std::string fix) {
    return {std::move(name), State::Failed, std::move(finding), std::move(fix)};
}

bool has_line(std::string_view text, std::string_view word) {
    const auto lines = split(text, '\n');
    return std::any_of(lines.begin(), lines.end(),
                       [&](std::string_view line) { return trimmed(line).ends_with(word); });
}

Check silent_agent(const Patient& patient) {
    const auto& path = patient.question.agent_socket;
    const auto& facts = patient.facts;
    if (path.empty() || facts.agent.error == 0) {
        const auto& silence = patient.silence;
        return bad("agent", silence ? silence->happened : "it does not answer",
                   silence && !silence->hint.empty() ? silence->hint : std::string{kStart});
    }
    switch (facts.agent.error) {
        case EACCES:
        case EPERM: {
            const auto& group = facts.agent.group;
            const bool shared = !group.empty() && group != "root";
            return bad(
                "agent", path + ": " + facts.user + " may not use this socket",
                shared ? fmt::format("sudo usermod -aG {} {}, then log in anew", group, facts.user)
                       : "sudo shoal doctor; or make a group 'shoal' (sudo groupadd shoal) "
                         "and start the agent anew");
        }
        case ENOENT:
            return bad("agent", path + ": there is none, so no agent runs", std::string{kStart});
        case ECONNREFUSED:
            return bad("agent", path + ": nobody listens, the agent has ended",
                       std::string{kStart});
        default:
            return bad("agent", path + ": cannot be connected to", std::string{kStart});
    }
}

Check agent(const Patient& patient) {
    const auto& status = patient.status;
    if (status.is_null()) return silent_agent(patient);
    const auto state = text_at(status, "state");
    const auto says =
        fmt::format("{} answers, version {}", text_at(status, "node"), text_at(status, "version"));
    if (state == "member") return ok("agent", says);
    if (state == "idle") {
        return warning("agent", says + ", in no cluster", "shoal init, or shoal join ADDR");
    }
    return warning("agent", says + ", " + state, "shoal status");
}

Check data_dir(const Patient& patient) {
    const auto& path = patient.question.data_dir;
    const auto& folder = patient.facts.data;
    if (folder.error == ENOENT && patient.status.is_null()) {
        return ok("data", path + " is not there yet; the agent makes it");
    }
    if (folder.error != 0 || !folder.is_folder) {
        return folder.error == EACCES
                   ? warning("data", path + ": " + patient.facts.user + " may not look at it",
                             "sudo shoal doctor")
                   : bad("data", path + " is not a folder", "--data-dir names another");
    }
    if (folder.read_only) {
        return bad("data", path + " is on a filesystem that takes no writes",
                   "sudo mount -o remount,rw, once its disk is well");
    }
    if ((folder.mode & 077U) != 0) {
        return bad(
            "data",
            fmt::format("{} is open to others (mode {:04o}); secrets are in it", path, folder.mode),
            "sudo chmod 700 " + path);
    }
    return ok("data", fmt::format("{}, mode {:04o}, of {}", path, folder.mode, folder.owner));
}

Check clock(const Patient& patient) {
    const auto& facts = patient.facts.clock;
    const std::string fix = "sudo timedatectl set-ntp true, or: sudo apt install chrony";
    if (!facts.monotonic) {
        return bad("clock", "the monotonic clock was seen to run backwards",
                   "another clock source: /sys/devices/system/clocksource/clocksource0");
    }
    if (facts.year < kYearMin) {
        return bad("clock", fmt::format("it says the year is {}", facts.year), fix);
    }
    if (!facts.known) return warning("clock", "the kernel does not say whether it is right", fix);
    if (!facts.synchronised) {
        return warning("clock", "nobody keeps it right; ages and times may be wrong", fix);
    }
    if (facts.error_us > kClockErrorMax) {
        return warning("clock", fmt::format("it may be {} ms off", facts.error_us / 1000), fix);
    }
    return ok("clock", fmt::format("kept right, to {} ms", facts.error_us / 1000));
}

// Sentences of the agent that speak of what does not arrive.
std::vector<std::string> complaints_of_net(const Json& status) {
    std::vector<std::string> out;
    for (const auto& text : texts_at(status, "warnings")) {
        if (text.find("UDP") != std::string::npos || text.find("TCP") != std::string::npos) {
            out.push_back(text);
        }
    }
    for (const auto& seed : items_at(status, "seeds")) {
        const auto error = text_at(seed, "error");
        if (!error.empty()) out.push_back(text_at(seed, "address") + ": " + error);
    }
    const auto silent = count_at(member(status, "nodes"), "unreachable");
    if (silent > 0) out.push_back(counted(silent, "node") + " cannot be reached from here");
    return out;
}

Check port(const Patient& patient) {
    const auto number = patient.question.port;
    if (patient.status.is_null()) {
        if (patient.facts.port_free) {
            return ok("port", fmt::format("{} is free for UDP and TCP", number));
        }
        return bad(
            "port", fmt::format("{} is in use, and not by an agent that answers", number),
            fmt::format("sudo ss -lntup 'sport = :{0}' names who has it; --port takes another",
                        number));
    }
    const auto complaints = complaints_of_net(patient.status);
    if (complaints.empty()) {
        const bool alone = count_at(member(patient.status, "nodes"), "alive") <= 1;
        return ok("port", alone ? "no other member to reach yet"
                                : "members reach each other by UDP and TCP");
    }
    return warning("port", join(complaints, "\n"),
                   fmt::format("let UDP and TCP {} in on every node, from every other", number));
}

Check containerd(const Patient& patient) {
    const auto& path = patient.question.containerd_socket;
    const auto& facts = patient.facts;
    const auto runtime = text_at(patient.status, "runtime");
    const bool needed = runtime == "containerd";
    const auto complain = [&](std::string finding, std::string fix) {
        return needed ? bad("containerd", std::move(finding), std::move(fix))
                      : warning("containerd", std::move(finding), std::move(fix));
    };
    if (facts.containerd.error == EACCES) {
        return warning("containerd", path + ": " + facts.user + " may not try it",
                       "sudo shoal doctor");
    }
    if (facts.containerd.error != 0) {
        const bool installed = !facts.containerd_version.empty();
        return complain(
            installed ? path + ": nobody listens" : "it is not installed",
            installed ? "sudo systemctl enable --now containerd" : "sudo apt install containerd");
    }
    const auto& version = facts.containerd_version;
    if (version.empty()) return ok("containerd", path + " answers; its version is not known");
    const auto verdict = api::judge_containerd(version);
    const std::string debian = "sudo apt install containerd (of Debian 12)";
    if (!verdict.usable) return complain(verdict.remark, debian);
    if (!verdict.remark.empty()) return warning("containerd", verdict.remark, debian);
    return ok("containerd", path + ", version " + version);
}

Check cgroups(const Patient& patient) {
    bool one = false;
    bool two = false;
    for (const auto line : split(patient.facts.mounts, '\n')) {
        const auto words = split(line, ' ');
        if (words.size() < 3) continue;
        one = one || words[2] == "cgroup";
        two = two || words[2] == "cgroup2";
    }
    const std::string kernel = "add systemd.unified_cgroup_hierarchy=1 to the kernel's words";
    if (!one && !two)
        return bad("cgroups", "none are mounted", "sudo mount -t cgroup2 none /sys/fs/cgroup");
    if (one && two) return ok("cgroups", "hybrid: v1 does the work, v2 is there too");
    if (one) return warning("cgroups", "v1 alone, which kernels are about to drop", kernel);
    std::vector<std::string> missing;
    const auto have = split(patient.facts.controllers, ' ');
    for (const auto* wanted : {"cpu", "memory", "pids"}) {
        if (std::find(have.begin(), have.end(), wanted) == have.end()) missing.emplace_back(wanted);
    }
    if (!missing.empty()) {
        return warning("cgroups", "v2, without " + join(missing, ", ") + ": limits are not kept",
                       "add cgroup_enable=" + missing.front() + " to the kernel's words");
    }
    return ok("cgroups", "v2");
}

Check network(const Patient& patient) {
    const auto& facts = patient.facts;
    if (facts.nft.empty()) {
        return warning("network", "there is no nft, which published ports need",
                       "sudo apt install nftables");
    }
    if (!facts.ip_forward.value_or(false)) {
        return warning("network", "the kernel forwards no packets (net.ipv4.ip_forward is 0)",
                       "sudo sysctl -w net.ipv4.ip_forward=1, and a line in /etc/sysctl.d to stay");
    }
    return ok("network", facts.nft + ", and the kernel forwards");
}

Check disk(const Patient& patient) {
    const auto& data = patient.facts.data;
    const auto finding = fmt::format("{} of {} free under {}", human_size(data.bytes_free),
                                     human_size(data.bytes), patient.question.data_dir);
    const std::string fix = "free space there, or give --data-dir a larger disk";
    if (data.bytes_free < kFreeMin) return bad("disk", finding, fix);
    if (data.bytes_free < kFreeEnough) return warning("disk", finding, fix);
    return ok("disk", finding);
}

Check overlay(const Patient& patient) {
    if (has_line(patient.facts.filesystems, "overlay")) {
        return ok("overlay", "the kernel has overlay filesystems");
    }
    return warning("overlay", "the kernel has no overlay filesystem loaded",
                   "sudo modprobe overlay, and 'overlay' in /etc/modules to stay");
}

}  // namespace

std::string_view to_string(State state) {
    switch (state) {
        case State::Ok:
            return "ok";
        case State::Warning:
            return "warning";
        case State::Failed:
            break;
    }
    return "failed";
}

std::vector<Check> checks_of(const Patient& patient) {
    return {agent(patient),   data_dir(patient),   clock(patient),
            port(patient),    containerd(patient), cgroups(patient),
            network(patient), disk(patient),       overlay(patient)};
}

}  // namespace shoal::cli
