#include "node/host/daemon/job_json.h"

#include "node/api/quantities.h"
#include "node/api/replicas.h"
#include "node/host/daemon/health_json.h"
#include "node/host/daemon/mounts_json.h"
#include "node/host/daemon/process_json.h"
#include "node/host/oci/image.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shoal::host {
namespace {

using nlohmann::json;
using placement::Constraint;
using placement::JobSpec;
using placement::PortWish;

Result<void> expected(const std::string& member, const std::string& what) {
    return fail(Errc::Malformed, member + ": expected " + what);
}

template <class Number>
Result<void> read_number(const json& value, const std::string& member, Number& out) {
    const std::string range =
        "a whole number from 0 to " + std::to_string(std::numeric_limits<Number>::max());
    if (!value.is_number_unsigned()) return expected(member, range);
    const auto number = value.get<std::uint64_t>();
    if (number > std::numeric_limits<Number>::max()) return expected(member, range);
    out = static_cast<Number>(number);
    return {};
}

Result<void> read_text(const json& value, const std::string& member, std::string& out) {
    if (!value.is_string()) return expected(member, "text");
    out = value.get<std::string>();
    return {};
}

Result<void> read_list(const json& value, const std::string& member,
                       std::vector<std::string>& out) {
    if (!value.is_array()) return expected(member, "a list of texts");
    for (const auto& item : value) {
        if (!item.is_string()) return expected(member, "a list of texts");
        out.push_back(item.get<std::string>());
    }
    return {};
}

Result<void> read_map(const json& value, const std::string& member,
                      std::map<std::string, std::string>& out) {
    if (!value.is_object()) return expected(member, "an object of texts");
    for (const auto& [key, item] : value.items()) {
        if (!item.is_string()) return expected(member + "." + key, "text");
        out[key] = item.get<std::string>();
    }
    return {};
}

template <class Enum>
Result<void> read_word(const json& value, const std::string& member, Enum& out,
                       const std::vector<std::pair<std::string, Enum>>& words) {
    std::string all;
    for (const auto& [word, meaning] : words) {
        if (value.is_string() && value.get<std::string>() == word) {
            out = meaning;
            return {};
        }
        all += (all.empty() ? "" : ", ") + word;
    }
    return expected(member, "one of " + all);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const auto port = api::parse_number<std::uint16_t>(text);
    return port == 0 ? std::nullopt : port;
}

// "80", "8080:80", "127.0.0.1:9000:90/udp", "[::1]:80:80"
std::optional<PortWish> parse_wish(std::string_view text) {
    PortWish out;
    const auto slash = text.rfind('/');
    if (slash != std::string_view::npos) {
        const auto protocol = text.substr(slash + 1);
        if (protocol != "tcp" && protocol != "udp") return std::nullopt;
        if (protocol == "udp") out.protocol = placement::Protocol::Udp;
        text = text.substr(0, slash);
    }
    const auto last = text.rfind(':');
    const auto container =
        parse_port(last == std::string_view::npos ? text : text.substr(last + 1));
    if (!container) return std::nullopt;
    out.container_port = *container;
    if (last == std::string_view::npos) return out;
    text = text.substr(0, last);
    const auto before = text.rfind(':');
    const auto host = parse_port(before == std::string_view::npos ? text : text.substr(before + 1));
    if (!host) return std::nullopt;
    out.host_port = *host;
    if (before == std::string_view::npos) return out;
    auto ip = text.substr(0, before);
    if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
    if (ip.empty()) return std::nullopt;
    out.host_ip = std::string{ip};
    return out;
}

std::string_view trimmed(std::string_view text) {
    while (text.starts_with(' '))
        text.remove_prefix(1);
    while (text.ends_with(' '))
        text.remove_suffix(1);
    return text;
}

// "node.labels.disk == ssd", "node.zone != west", "node.labels.gpu"
Constraint parse_constraint(std::string_view text) {
    for (const auto& [sign, op] :
         {std::pair{"==", Constraint::Op::Equals}, std::pair{"!=", Constraint::Op::NotEquals}}) {
        const auto at = text.find(sign);
        if (at == std::string_view::npos) continue;
        return {std::string{trimmed(text.substr(0, at))}, op,
                std::string{trimmed(text.substr(at + 2))}};
    }
    return {std::string{trimmed(text)}, Constraint::Op::Exists, ""};
}

Result<void> read_quantity(const json& value, const std::string& member,
                           placement::Resources& need) {
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (member == "cpus") {
        const auto cpus = api::parse_cpus(text);
        if (!cpus) return expected(member, "cores, as 2, 0.5 or \"500m\"");
        need.cpu_milli = *cpus;
    } else {
        const auto memory = api::parse_memory(text);
        if (!memory) return expected(member, "bytes or a size, as \"64MiB\"");
        need.memory_bytes = *memory;
    }
    return {};
}

Result<void> read_ports(const json& value, std::vector<PortWish>& out) {
    const std::string form = "a list of \"[ADDRESS:][PORT:]PORT[/tcp|udp]\"";
    if (!value.is_array()) return expected("ports", form);
    for (const auto& item : value) {
        const auto wish = item.is_string() ? parse_wish(item.get<std::string>()) : std::nullopt;
        if (!wish) return expected("ports", form + ", got " + item.dump());
        out.push_back(*wish);
    }
    return {};
}

Result<void> read_exposed(const json& value, std::vector<PortWish>& out) {
    const std::string form = "a list of \"PORT[/tcp|udp]\"";
    if (!value.is_array()) return expected("expose", form);
    for (const auto& item : value) {
        const auto port =
            item.is_string() ? oci::parse_exposed(item.get<std::string>()) : std::nullopt;
        if (!port) return expected("expose", form + ", got " + item.dump());
        out.push_back({.container_port = port->number,
                       .protocol = port->protocol,
                       .reach = placement::PortReach::Exposed});
    }
    return {};
}

Result<void> read_member(JobSpec& spec, const std::string& member, const json& value) {
    using placement::OnPartition;
    using placement::Reconcile;
    using placement::RestartPolicy;
    auto& container = spec.container;
    if (member == "name") return read_text(value, member, spec.name);
    if (member == "image") return read_text(value, member, container.image);
    if (member == "replicas") return read_number(value, member, spec.replicas);
    if (member == "mode") {
        return read_word(value, member, spec.global, {{"replicated", false}, {"global", true}});
    }
    if (member == "entrypoint") return read_list(value, member, container.entrypoint);
    if (member == "command") return read_list(value, member, container.command);
    if (member == "environment") return read_map(value, member, container.environment);
    if (member == "labels") return read_map(value, member, container.labels);
    if (member == "cpus" || member == "memory") return read_quantity(value, member, container.need);
    if (member == "ports") return read_ports(value, container.ports);
    if (member == "expose") return read_exposed(value, container.ports);
    if (member == "aliases") return read_list(value, member, spec.naming.aliases);
    if (member == "links") return read_map(value, member, spec.naming.links);
    if (member == "constraints") {
        std::vector<std::string> texts;
        if (auto done = read_list(value, member, texts); !done) return done;
        for (const auto& text : texts) {
            spec.constraints.push_back(parse_constraint(text));
        }
        return {};
    }
    if (member == "max_replicas_per_node") return read_number(value, member, spec.per_node_max);
    if (member == "stop_grace_ms") return read_number(value, member, container.stop_grace_ms);
    if (member == "init") {
        if (!value.is_boolean()) return expected(member, "true or false");
        container.init = value.get<bool>();
        return {};
    }
    if (member == "process") return read_process(value, container.process);
    if (member == "spread") return read_list(value, member, spec.spread);
    if (member == "mounts") return read_mounts(value, container.mounts);
    if (member == "files") return read_files(value, container.files);
    if (member == "on_volume_node_loss") {
        using placement::OnVolumeLoss;
        return read_word(value, member, spec.on_volume_loss,
                         {{"wait", OnVolumeLoss::Wait}, {"recreate", OnVolumeLoss::Recreate}});
    }
    if (member == "restart") {
        return read_word(value, member, spec.restart,
                         {{"always", RestartPolicy::Always},
                          {"on-failure", RestartPolicy::OnFailure},
                          {"never", RestartPolicy::Never}});
    }
    if (member == "health") return read_health(value, container.health);
    if (member == "after") return read_after(value, spec.after);
    if (member == "on_partition") {
        return read_word(value, member, spec.on_partition,
                         {{"replace", OnPartition::Replace}, {"keep", OnPartition::Keep}});
    }
    if (member == "reconcile") {
        return read_word(value, member, spec.reconcile,
                         {{"oldest", Reconcile::Oldest}, {"newest", Reconcile::Newest}});
    }
    return fail(Errc::Malformed, "'" + member + "' is no member of a job (docs/api.md lists them)");
}

std::string show(const PortWish& wish) {
    std::string out;
    if (!wish.host_ip.empty()) {
        const bool six = wish.host_ip.find(':') != std::string::npos;
        out = (six ? "[" + wish.host_ip + "]" : wish.host_ip) + ":";
    }
    if (wish.host_port != 0) out += std::to_string(wish.host_port) + ":";
    out += std::to_string(wish.container_port);
    return wish.protocol == placement::Protocol::Udp ? out + "/udp" : out;
}

std::string show(const Constraint& constraint) {
    switch (constraint.op) {
        case Constraint::Op::Equals:
            return constraint.attribute + " == " + constraint.value;
        case Constraint::Op::NotEquals:
            return constraint.attribute + " != " + constraint.value;
        case Constraint::Op::Exists:
            break;
    }
    return constraint.attribute;
}

static_assert(api::kReplicasMax == placement::kReplicasMax);

}  // namespace

Result<JobSpec> parse_job(const json& job) {
    if (!job.is_object()) return fail(Errc::Malformed, "expected an object that describes a job");
    JobSpec spec;
    for (const auto& [member, value] : job.items()) {
        if (const auto done = read_member(spec, member, value); !done) return fail(done.error());
    }
    // What everybody reaches first, whatever the order of the members.
    std::stable_partition(
        spec.container.ports.begin(), spec.container.ports.end(),
        [](const PortWish& wish) { return wish.reach == placement::PortReach::Published; });
    for (const char* member : {"name", "image"}) {
        if (!job.contains(member)) return fail(Errc::Malformed, std::string{member} + ": missing");
    }
    if (const auto good = placement::validate(spec); !good) return fail(good.error());
    return spec;
}

json to_json(const placement::Resources& resources) {
    return {{"cpus", static_cast<double>(resources.cpu_milli) / 1000.0},
            {"memory", resources.memory_bytes}};
}

json to_json(const JobSpec& spec) {
    using placement::RestartPolicy;
    const auto& container = spec.container;
    json ports = json::array();
    json exposed = json::array();
    for (const auto& wish : container.ports) {
        if (wish.reach == placement::PortReach::Published) ports.push_back(show(wish));
        if (wish.reach == placement::PortReach::Exposed) exposed.push_back(show(wish));
    }
    json constraints = json::array();
    for (const auto& constraint : spec.constraints) {
        constraints.push_back(show(constraint));
    }
    const char* restart = spec.restart == RestartPolicy::Always      ? "always"
                          : spec.restart == RestartPolicy::OnFailure ? "on-failure"
                                                                     : "never";
    return {
        {"name", spec.name},
        {"image", container.image},
        {"mode", spec.global ? "global" : "replicated"},
        {"replicas", spec.replicas},
        {"entrypoint", container.entrypoint},
        {"command", container.command},
        {"environment", container.environment},
        {"labels", container.labels},
        {"cpus", static_cast<double>(container.need.cpu_milli) / 1000.0},
        {"memory", container.need.memory_bytes},
        {"ports", std::move(ports)},
        {"expose", std::move(exposed)},
        {"aliases", spec.naming.aliases},
        {"links", spec.naming.links},
        {"constraints", std::move(constraints)},
        {"max_replicas_per_node", spec.per_node_max},
        {"restart", restart},
        {"on_partition", spec.on_partition == placement::OnPartition::Keep ? "keep" : "replace"},
        {"reconcile", spec.reconcile == placement::Reconcile::Newest ? "newest" : "oldest"},
        {"stop_grace_ms", container.stop_grace_ms},
        {"init", container.init},
        {"process", to_json(container.process)},
        {"spread", spec.spread},
        {"mounts", to_json(container.mounts)},
        {"files", to_json(container.files)},
        {"on_volume_node_loss",
         spec.on_volume_loss == placement::OnVolumeLoss::Recreate ? "recreate" : "wait"},
        {"health", to_json(container.health)},
        {"after", to_json(spec.after)}};
}

}  // namespace shoal::host
