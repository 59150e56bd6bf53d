#include "node/host/daemon/process_json.h"

#include "node/base/process_words.h"

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace shoal::host {
namespace {

using nlohmann::json;
using placement::ProcessWish;
using placement::Ulimit;

Result<void> expected(const std::string& member, const std::string& what) {
    return fail(Errc::Malformed, "process." + member + ": expected " + what);
}

Result<void> read(const json& value, const std::string& member, std::string& out) {
    if (!value.is_string()) return expected(member, "text");
    out = value.get<std::string>();
    return {};
}

Result<void> read(const json& value, const std::string& member, bool& out) {
    if (!value.is_boolean()) return expected(member, "true or false");
    out = value.get<bool>();
    return {};
}

Result<void> read(const json& value, const std::string& member, std::uint64_t& out) {
    if (!value.is_number_unsigned()) return expected(member, "a whole number from 0");
    out = value.get<std::uint64_t>();
    return {};
}

template <class Signed>
Result<void> read_signed(const json& value, const std::string& member, Signed& out) {
    const auto most = static_cast<std::uint64_t>(std::numeric_limits<Signed>::max());
    const bool fits = value.is_number_unsigned()
                          ? value.get<std::uint64_t>() <= most
                          : value.is_number_integer() &&
                                value.get<std::int64_t>() >= std::numeric_limits<Signed>::min();
    if (!fits) return expected(member, "a whole number");
    out = static_cast<Signed>(value.get<std::int64_t>());
    return {};
}

Result<void> read(const json& value, const std::string& member, std::int64_t& out) {
    return read_signed(value, member, out);
}

Result<void> read(const json& value, const std::string& member, std::int32_t& out) {
    return read_signed(value, member, out);
}

Result<void> read(const json& value, const std::string& member, std::vector<std::string>& out) {
    if (!value.is_array()) return expected(member, "a list of texts");
    for (const auto& item : value) {
        if (auto done = read(item, member, out.emplace_back()); !done) return done;
    }
    return {};
}

Result<void> read(const json& value, const std::string& member, Ulimit& out) {
    if (!value.is_object() || value.size() != 2 || !value.contains("soft") ||
        !value.contains("hard")) {
        return expected(member, R"({"soft": N, "hard": N}, -1 for none)");
    }
    if (auto done = read(value["soft"], member, out.soft); !done) return done;
    return read(value["hard"], member, out.hard);
}

template <class Item>
Result<void> read(const json& value, const std::string& member, std::map<std::string, Item>& out) {
    if (!value.is_object()) return expected(member, "an object");
    for (const auto& [key, item] : value.items()) {
        if (auto done = read(item, member + "." + key, out[key]); !done) return done;
    }
    return {};
}

json shown(const auto& value) {
    return value;
}

json shown(const std::map<std::string, Ulimit>& limits) {
    json out = json::object();
    for (const auto& [name, limit] : limits) {
        out[name] = {{"soft", limit.soft}, {"hard", limit.hard}};
    }
    return out;
}

// Each member once, for reading and for writing.
void each(auto& wish, const auto& see) {
    see("user", wish.user);
    see("group_add", wish.groups);
    see("working_dir", wish.working_dir);
    see("hostname", wish.hostname);
    see("domainname", wish.domainname);
    see("stop_signal", wish.stop_signal);
    see("tty", wish.tty);
    see("stdin_open", wish.stdin_open);
    see("read_only", wish.read_only);
    see("privileged", wish.privileged);
    see("no_new_privileges", wish.no_new_privileges);
    see("cap_add", wish.cap_add);
    see("cap_drop", wish.cap_drop);
    see("sysctls", wish.sysctls);
    see("ulimits", wish.ulimits);
    see("pids_limit", wish.pids_limit);
    see("cpu_shares", wish.cpu_shares);
    see("memswap_limit", wish.memswap_limit);
    see("shm_size", wish.shm_size);
    see("oom_score_adj", wish.oom_score_adj);
    see("tmpfs", wish.tmpfs);
    see("extra_hosts", wish.extra_hosts);
    see("dns", wish.dns);
    see("dns_search", wish.dns_search);
    see("dns_opt", wish.dns_opt);
}

// "cap_net_admin" and "NET_ADMIN" are one.
void name_capabilities(std::vector<std::string>& list) {
    for (auto& one : list) {
        one = capability_name(one).value_or(one);
    }
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

}  // namespace

Result<void> read_process(const json& value, ProcessWish& out) {
    if (!value.is_object()) return fail(Errc::Malformed, "process: expected an object");
    std::size_t known = 0;
    Result<void> done{};
    each(out, [&](const char* member, auto& field) {
        const auto found = value.find(member);
        if (found == value.end()) return;
        ++known;
        if (done) done = read(*found, member, field);
    });
    if (!done) return done;
    if (known != value.size()) {
        return fail(Errc::Malformed, "process: has a member that is none (docs/api.md lists them)");
    }
    name_capabilities(out.cap_add);
    name_capabilities(out.cap_drop);
    return {};
}

json to_json(const ProcessWish& wish) {
    ProcessWish defaults;
    json out = json::object();
    std::vector<json> usual;
    each(defaults, [&](const char*, const auto& field) { usual.push_back(shown(field)); });
    std::size_t next = 0;
    each(wish, [&](const char* member, const auto& field) {
        auto value = shown(field);
        if (value != usual[next++]) out[member] = std::move(value);
    });
    return out;
}

}  // namespace shoal::host
