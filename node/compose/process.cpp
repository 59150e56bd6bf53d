#include "node/compose/process.h"

#include "node/api/quantities.h"
#include "node/base/process_words.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::uint64_t kAllPids = 4'194'304;  // no container needs more than the kernel counts
constexpr std::uint64_t kSharesMin = 2;
constexpr std::uint64_t kSharesMax = 262'144;
constexpr std::int64_t kOomScoreMost = 1000;
constexpr std::string_view kNoLimit = "-1";

std::string comma_separated(auto words) {
    std::string out;
    for (const auto word : words) {
        out += (out.empty() ? "" : ", ") + std::string{word};
    }
    return out;
}

class Reader {
public:
    Reader(const Member& service, std::uint64_t memory, Problems& problems)
        : name_(service.key), from_(service.value), memory_(memory), problems_(problems) {}

    Process read() {
        read_identity();
        read_switches();
        read_capabilities();
        read_security_options();
        read_sysctls();
        read_ulimits();
        read_bounds();
        read_tmpfs();
        read_network();
        return std::move(out_);
    }

private:
    const Value& said(std::string_view key) const { return at(from_, key); }

    void set(const std::string& member, Json value) { out_.members[member] = std::move(value); }

    void needs_privilege(Mark mark, const std::string& what) {
        out_.privileges.push_back({mark, "services." + name_ + "." + what});
    }

    // A text that has to fit.
    void text(const char* key, bool (*fits)(std::string_view), const char* allowed) {
        const auto& value = said(key);
        if (!is_said(value)) return;
        const auto text = read_text(value, key, problems_);
        if (!text) return;
        if (fits(*text)) {
            set(key, *text);
        } else {
            problems_.unfit(value, key, allowed);
        }
    }

    void texts(const char* key, bool (*fits)(std::string_view), const char* allowed) {
        const auto& value = said(key);
        const auto list = read_texts(value, key, problems_);
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (!fits(list[i])) problems_.unfit(item_of(value, i), key, allowed);
        }
        if (!list.empty()) set(key, list);
    }

    static const Value& item_of(const Value& value, std::size_t index) {
        return index < value.items.size() ? value.items[index] : value;
    }

    void read_identity() {
        text("user", is_user, "USER or USER:GROUP, names or numbers");
        texts("group_add", is_group_name, "the name or number of a group");
        text("working_dir", is_absolute_path, "a path from the root, as /srv");
        text("hostname", is_host_name, "up to 64 letters, digits, '-' and '.'");
        text("domainname", is_host_name, "up to 64 letters, digits, '-' and '.'");
        text(
            "stop_signal", [](std::string_view signal) { return signal_number(signal) != 0; },
            "a signal, as SIGINT or 2");
    }

    // Only what differs from the usual is said of a job.
    bool is_on(const char* key) {
        const auto& value = said(key);
        return is_said(value) && read_truth(value, key, problems_).value_or(false);
    }

    void read_switches() {
        for (const auto* key : {"tty", "stdin_open", "read_only", "privileged"}) {
            if (is_on(key)) set(key, true);
        }
        if (out_.members.contains("privileged")) {
            needs_privilege(said("privileged").mark, "privileged: reaches beyond its container");
        }
    }

    std::vector<std::string> capabilities(const char* key) {
        const auto& value = said(key);
        std::vector<std::string> out;
        const auto list = read_texts(value, key, problems_);
        for (std::size_t i = 0; i < list.size(); ++i) {
            const auto& place = item_of(value, i);
            const auto name = capability_name(list[i]);
            if (!name) {
                problems_.unfit(place, key, "ALL or a capability of Linux, as NET_ADMIN");
                continue;
            }
            out.push_back(*name);
            if (std::string_view{key} == "cap_add" && !stays_inside(*name)) {
                needs_privilege(place.mark,
                                std::string{key} + ": " + *name + " reaches beyond its container");
            }
        }
        std::sort(out.begin(), out.end());
        out.erase(std::unique(out.begin(), out.end()), out.end());
        return out;
    }

    void read_capabilities() {
        for (const auto* key : {"cap_add", "cap_drop"}) {
            const auto list = capabilities(key);
            if (!list.empty()) set(key, list);
        }
    }

    // Others are refused by the table of keys, or ask for what is so anyway.
    void read_security_options() {
        const auto& value = said("security_opt");
        const auto list = read_texts(value, "security_opt", problems_);
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (list[i] != "no-new-privileges:false" && list[i] != "no-new-privileges=false") {
                continue;
            }
            set("no_new_privileges", false);
            needs_privilege(item_of(value, i).mark, "security_opt: lets programs gain privileges");
        }
    }

    void read_sysctls() {
        const auto& value = said("sysctls");
        Json out = Json::object();
        for (auto& [name, setting] : read_settings(value, "sysctls", problems_)) {
            if (!is_own_sysctl(name)) {
                problems_.add(setting.mark,
                              "sysctls: " + shown(name) +
                                  " is the whole node's; a container has net.*, fs.mqueue.*, "
                                  "kernel.shm*, kernel.msg* and kernel.sem for itself");
            } else if (!setting.value) {
                problems_.add(setting.mark, "sysctls: " + shown(name) + " has no value");
            } else {
                out[name] = *setting.value;
            }
        }
        if (!out.empty()) set("sysctls", std::move(out));
    }

    std::optional<std::int64_t> limit(const Value& value, std::string_view key) {
        if (value.is_scalar() && value.text == kNoLimit) return -1;
        const auto number = read_number(value, key, INT64_MAX, problems_);
        return number ? std::optional{static_cast<std::int64_t>(*number)} : std::nullopt;
    }

    void read_ulimit(const Member& member, Json& out) {
        const auto names = ulimit_names();
        if (std::find(names.begin(), names.end(), member.key) == names.end()) {
            problems_.add(member.mark, "ulimits: " + shown(member.key) +
                                           " is no limit; there are " + comma_separated(names));
            return;
        }
        const bool both = member.value.kind == Value::Kind::Map;
        const auto soft = limit(both ? at(member.value, "soft") : member.value, "soft");
        const auto hard = limit(both ? at(member.value, "hard") : member.value, "hard");
        if (!soft || !hard) return;
        // -1, none, is the greatest.
        if (static_cast<std::uint64_t>(*soft) > static_cast<std::uint64_t>(*hard)) {
            problems_.add(member.value.mark, "ulimits: " + member.key + ": soft is more than hard");
        }
        if (jumps_queues(member.key) && *hard != 0) {
            needs_privilege(member.mark, "ulimits: " + member.key + " takes time from others");
        }
        out[member.key] = Json{{"hard", *hard}, {"soft", *soft}};
    }

    void read_ulimits() {
        const auto& value = said("ulimits");
        if (is_said(value) && value.kind != Value::Kind::Map) {
            problems_.unfit(value, "ulimits", "a map, as {nofile: 4096}");
        }
        auto members = value.members;
        std::sort(members.begin(), members.end(),
                  [](const Member& a, const Member& b) { return a.key < b.key; });
        Json out = Json::object();
        for (const auto& member : members) {
            read_ulimit(member, out);
        }
        if (!out.empty()) set("ulimits", std::move(out));
    }

    // Nothing, 0 and -1 are different: the node's bound, none and none.
    std::optional<std::uint64_t> pids(const Value& value, const char* key) {
        if (!is_said(value)) return std::nullopt;
        const bool unlimited = value.is_scalar() && (value.text == kNoLimit || value.text == "0");
        return unlimited ? kAllPids : read_number(value, key, kAllPids, problems_);
    }

    void read_pids() {
        const auto& limits = at(at(said("deploy"), "resources"), "limits");
        const auto newer = pids(at(limits, "pids"), "limits.pids");
        const auto older = pids(said("pids_limit"), "pids_limit");
        if (newer && older && *newer != *older) {
            problems_.add(said("pids_limit").mark,
                          "pids_limit: 'deploy.resources' says another; one of them has to go");
        }
        if (newer || older) set("pids_limit", newer ? *newer : *older);
    }

    std::optional<std::uint64_t> size(const char* key) {
        const auto& value = said(key);
        if (!is_said(value)) return std::nullopt;
        auto bytes = value.is_scalar() ? api::parse_memory(value.text) : std::nullopt;
        if (!bytes) problems_.unfit(value, key, "a size, as 512m or 1.5g");
        return bytes;
    }

    void read_swap() {
        const auto& value = said("memswap_limit");
        if (!is_said(value) || (value.is_scalar() && value.text == "0")) return;
        const bool unlimited = value.is_scalar() && value.text == kNoLimit;
        const auto bytes = unlimited ? std::nullopt : size("memswap_limit");
        if (!unlimited && !bytes) return;
        if (memory_ == 0 || (bytes && (*bytes < memory_ || *bytes > INT64_MAX))) {
            problems_.unfit(value, "memswap_limit",
                            "-1, or memory and swap together, beside a limit of memory");
            return;
        }
        set("memswap_limit", bytes ? static_cast<std::int64_t>(*bytes) : std::int64_t{-1});
    }

    void read_bounds() {
        read_pids();
        read_swap();
        if (const auto bytes = size("shm_size"); bytes && *bytes != 0) set("shm_size", *bytes);
        if (const auto& value = said("cpu_shares"); is_said(value) && value.text != "0") {
            const auto shares = read_number(value, "cpu_shares", kSharesMax, problems_);
            if (shares && *shares < kSharesMin) {
                problems_.unfit(value, "cpu_shares", "0, or 2 to 262144");
            }
            if (shares) set("cpu_shares", *shares);
        }
        read_oom_score();
    }

    void read_oom_score() {
        const auto& value = said("oom_score_adj");
        if (!is_said(value)) return;
        const auto score =
            value.is_scalar() ? api::parse_number<std::int64_t>(value.text) : std::nullopt;
        if (!score || *score < -kOomScoreMost || *score > kOomScoreMost) {
            problems_.unfit(value, "oom_score_adj", "-1000 to 1000");
            return;
        }
        if (*score != 0) set("oom_score_adj", *score);
        if (*score < 0) needs_privilege(value.mark, "oom_score_adj: has others killed first");
    }

    void read_tmpfs() {
        texts(
            "tmpfs", [](std::string_view one) { return parse_memory_folder(one).has_value(); },
            "PATH or PATH:OPTIONS, as /scratch:size=64m,mode=1777; options are rw, ro, exec, "
            "noexec, nosuid, nodev, noatime, size, nr_inodes, mode, uid and gid; /, /dev, /proc "
            "and /sys are the runtime's");
    }

    void add_host(const std::string& name, std::string address, Mark mark,
                  std::vector<std::string>& out) {
        if (address.starts_with('[') && address.ends_with(']')) {
            address = address.substr(1, address.size() - 2);
        }
        if (is_host_name(name) && (address == "host-gateway" || is_ip_address(address))) {
            out.push_back(name + "=" + address);
            return;
        }
        problems_.add(mark, "extra_hosts: " + shown(name + "=" + address) +
                                " does not fit; allowed is NAME=ADDRESS, NAME:ADDRESS, or "
                                "host-gateway for the address");
    }

    void read_extra_hosts() {
        const auto& value = said("extra_hosts");
        std::vector<std::string> out;
        for (const auto& member : value.members) {
            for (const auto& one : read_texts(member.value, "extra_hosts", problems_)) {
                add_host(member.key, one, member.value.mark, out);
            }
        }
        for (const auto& item : value.items) {
            const auto text = read_text(item, "extra_hosts", problems_);
            if (!text) continue;
            auto sign = text->find('=');
            if (sign == std::string::npos) sign = text->find(':');
            const bool split = sign != std::string::npos;
            add_host(text->substr(0, sign), split ? text->substr(sign + 1) : std::string{},
                     item.mark, out);
        }
        if (value.is_scalar() && is_said(value)) {
            problems_.unfit(value, "extra_hosts", "a map NAME: ADDRESS or a list of NAME=ADDRESS");
        }
        if (!out.empty()) set("extra_hosts", out);
    }

    void read_network() {
        read_extra_hosts();
        texts("dns", is_ip_address, "an address of a name server");
        texts("dns_search", is_word, "a domain, or '.' for none");
        texts("dns_opt", is_word, "an option of resolv.conf, as ndots:2");
    }

    const std::string& name_;
    const Value& from_;
    std::uint64_t memory_;
    Problems& problems_;
    Process out_{};
};

}  // namespace

Process read_process(const Member& service, std::uint64_t memory, Problems& problems) {
    return Reader{service, memory, problems}.read();
}

}  // namespace shoal::compose
