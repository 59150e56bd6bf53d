#include "node/host/daemon/views.h"

#include "node/agent/facts.h"
#include "node/api/content.h"
#include "node/base/rendezvous.h"
#include "node/host/daemon/health_json.h"
#include "node/host/daemon/job_json.h"
#include "placement/slots.h"
#include "placement/waiting.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <tuple>
#include <utility>
#include <vector>

namespace shoal::host {
namespace {

using nlohmann::json;
using placement::ClaimState;
using placement::Held;

// The claim that says most about a slot: healthy before live before what went wrong, on nodes that
// are there before others.
const Held* speaking_claim(const agent::Agent& agent, const std::vector<Held>& claims) {
    const auto weight = [&](const Held& held) {
        const bool here = agent.placement().view().is_present(held.node);
        const bool healthy = held.claim.state == ClaimState::Healthy;
        return std::make_tuple(here && healthy, here && is_live(held.claim.state), here,
                               held.claim.epoch);
    };
    const Held* best = nullptr;
    for (const Held& held : claims) {
        if (best == nullptr || weight(held) > weight(*best)) best = &held;
    }
    return best;
}

// Why a slot cannot start anywhere else than on a node that is away; empty if it can.
std::string volume_away(const agent::Agent& agent, const std::string& job, std::uint32_t index) {
    const auto& view = agent.placement().view();
    const auto* spec = view.spec(job);
    if (spec == nullptr || spec->on_volume_loss == placement::OnVolumeLoss::Recreate) return {};
    for (const auto& id : placement::volumes_of(spec->container.mounts, index)) {
        const auto holder = view.holder(id);
        if (!holder || view.is_present(*holder)) continue;
        return "waiting for " + display_name(agent, *holder) + ", which holds volume " +
               to_string(id) + " and is " + std::string{to_string(standing_of(agent, *holder))};
    }
    return {};
}

json view_slot(const agent::Agent& agent, const std::string& job, std::uint32_t index) {
    json out{{"index", index},      {"state", "pending"},     {"node", ""},
             {"epoch", 0},          {"restarts", 0},          {"since", ""},
             {"detail", ""},        {"ports", json::array()}, {"health", "none"},
             {"check_failures", 0}, {"check_output", ""}};
    const auto& view = agent.placement().view();
    const auto claims = view.claims_of({job, index});
    const Held* held = speaking_claim(agent, claims);
    if (held == nullptr) {
        const auto* spec = view.spec(job);
        const auto reason = spec == nullptr ? std::nullopt : placement::waits_for(view, *spec);
        if (reason) {
            out["state"] = "waiting";
            out["detail"] = *reason;
        } else {
            out["detail"] = volume_away(agent, job, index);
        }
        return out;
    }
    const auto& claim = held->claim;
    out["epoch"] = claim.epoch;
    out["restarts"] = claim.restarts;
    out["detail"] = claim.detail;
    out["since"] = show_time(claim.since);
    if (!agent.placement().view().is_present(held->node)) {
        const auto waits = volume_away(agent, job, index);
        out["detail"] = !waits.empty()
                            ? waits
                            : "was on " + display_name(agent, held->node) + ", which is " +
                                  std::string{to_string(standing_of(agent, held->node))};
        return out;
    }
    out["state"] = std::string{to_string(claim.state)};
    out["node"] = display_name(agent, held->node);
    out["ports"] = claim.host_ports;
    const bool ended = claim.state == ClaimState::Complete || claim.state == ClaimState::Failed;
    if (ended) out["exit_code"] = claim.exit_code;
    out["health"] = to_word(claim.health);
    out["check_failures"] = claim.check_failures;
    out["check_output"] = claim.check_output;
    return out;
}

json slots_of(const agent::Agent& agent, const std::string& name, const placement::JobSpec& spec) {
    json out = json::array();
    for (const auto& [index, node] : placement::wanted_slots(agent.placement().view(), spec)) {
        auto slot = view_slot(agent, name, index);
        if (node) slot["of"] = display_name(agent, *node);
        out.push_back(std::move(slot));
    }
    return out;
}

bool is_unplaced(const json& slot) {
    return slot["state"] == "pending" || slot["state"] == "waiting";
}

std::uint32_t healthy_slots(const agent::Agent& agent, const std::string& name) {
    for (const auto& job : agent.placement().jobs()) {
        if (job.name == name) return job.healthy;
    }
    return 0;
}

bool in_conflict(const agent::Agent& agent, const std::string& key) {
    return agent.store().map().conflict(key);
}

bool is_text(ByteView bytes) {
    try {
        (void)json(to_text(bytes)).dump();  // Throws at what is not UTF-8.
        return true;
    } catch (const json::exception&) {
        return false;
    }
}

json describe(const agent::Agent& agent, const std::string& key, const store::Version& version) {
    return {{"key", key.substr(agent::kKvPrefix.size())},
            {"generation", version.gen},
            {"author", display_name(agent, version.author)},
            {"at", show_time(version.wall)},
            {"conflict", in_conflict(agent, key)}};
}

}  // namespace

std::string show_time(WallTime time) {
    if (time.ms <= 0) return "";
    const auto seconds = static_cast<std::time_t>(time.ms / 1000);
    std::tm parts{};
    if (gmtime_r(&seconds, &parts) == nullptr) return "";
    std::array<char, 32> text{};
    const auto length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    const auto ms = std::to_string(1000 + time.ms % 1000).substr(1);
    return std::string{text.data(), length} + "." + ms + "Z";
}

void add_totals(const agent::Agent& agent, json& status) {
    std::uint64_t wanted = 0;
    std::uint64_t healthy = 0;
    const auto jobs = agent.placement().jobs();
    for (const auto& job : jobs) {
        wanted += job.wanted;
        healthy += job.healthy;
    }
    status["jobs"] = jobs.size();
    status["replicas_wanted"] = wanted;
    status["replicas_healthy"] = healthy;
    const auto& ledger = agent.placement().ledger();
    status["capacity"] = to_json(ledger.capacity());
    status["committed"] = to_json(ledger.used());
}

json view_jobs(const agent::Agent& agent) {
    json out = json::array();
    for (const auto& job : agent.placement().jobs()) {
        std::uint32_t pending = 0;
        for (const auto& slot : slots_of(agent, job.name, job.spec)) {
            if (is_unplaced(slot)) ++pending;
        }
        out.push_back({{"name", job.name},
                       {"image", job.spec.container.image},
                       {"mode", to_json(job.spec)["mode"]},
                       {"replicas", job.wanted},
                       {"healthy", job.healthy},
                       {"pending", pending},
                       {"ports", to_json(job.spec)["ports"]},
                       {"generation", agent.placement().view().jobs.at(job.name).gen},
                       {"conflict", in_conflict(agent, placement::job_key(job.name))}});
    }
    return out;
}

json view_slots(const agent::Agent& agent) {
    json out = json::array();
    for (const auto& job : agent.placement().jobs()) {
        for (auto& slot : slots_of(agent, job.name, job.spec)) {
            slot["job"] = job.name;
            out.push_back(std::move(slot));
        }
    }
    return out;
}

std::optional<json> view_job(const agent::Agent& agent, const std::string& name) {
    const auto* spec = agent.placement().view().spec(name);
    if (spec == nullptr) return std::nullopt;
    json out = to_json(*spec);
    out["generation"] = agent.placement().view().jobs.at(name).gen;
    out["conflict"] = in_conflict(agent, placement::job_key(name));
    out["healthy"] = healthy_slots(agent, name);
    out["slots"] = slots_of(agent, name, *spec);
    out["replicas"] = out["slots"].size();
    return out;
}

std::optional<json> view_explain(const agent::Agent& agent, Instant now, const std::string& name) {
    const auto& view = agent.placement().view();
    const auto* spec = view.spec(name);
    if (spec == nullptr) return std::nullopt;
    NodeId coordinator = view.self;
    for (const auto& [node, peer] : view.peers) {
        if (!present(peer.standing)) continue;
        const auto score = [&](const NodeId& id) {
            return std::make_tuple(rendezvous_score(view.order_key(name), id), id);
        };
        if (score(node) > score(coordinator)) coordinator = node;
    }
    json pending = json::array();
    const auto sentence = agent.placement().sentence(name);
    const auto slots = slots_of(agent, name, *spec);
    for (const auto& slot : slots) {
        if (!is_unplaced(slot)) continue;
        const auto detail = slot["detail"].get<std::string>();
        json waits{{"index", slot["index"]}, {"sentence", detail.empty() ? sentence : detail}};
        if (slot.contains("of")) waits["of"] = slot["of"];
        pending.push_back(std::move(waits));
    }
    json nodes = json::array();
    for (const auto& verdict : agent.placement().verdicts(name)) {
        json reasons = json::array();
        for (const auto& reason : verdict.reasons) {
            reasons.push_back(std::string{to_string(reason.filter)} + ": " + reason.detail);
        }
        nodes.push_back({{"node", display_name(agent, verdict.node)},
                         {"bids", verdict.bids},
                         {"price", verdict.price},
                         {"reasons", std::move(reasons)},
                         {"age_s", static_cast<double>((now - verdict.at).count()) / 1e6}});
    }
    return json{{"name", name},
                {"coordinator", display_name(agent, coordinator)},
                {"wanted", slots.size()},
                {"healthy", healthy_slots(agent, name)},
                {"pending", std::move(pending)},
                {"nodes", std::move(nodes)}};
}

json view_values(const agent::Agent& agent, const std::string& prefix) {
    json out = json::array();
    const auto& map = agent.store().map();
    const std::string from = std::string{agent::kKvPrefix} + prefix;
    for (auto at = map.all().lower_bound(from);
         at != map.all().end() && at->first.starts_with(from); ++at) {
        const auto* version = map.find(at->first);
        if (version == nullptr || version->tombstone) continue;
        auto one = describe(agent, at->first, *version);
        one["size"] = version->body.size();
        out.push_back(std::move(one));
    }
    return out;
}

std::optional<json> view_value(const agent::Agent& agent, const std::string& key) {
    const std::string full = std::string{agent::kKvPrefix} + key;
    const auto* version = agent.store().find(full);
    if (version == nullptr || version->tombstone) return std::nullopt;
    auto out = describe(agent, full, *version);
    if (is_text(version->body.view())) {
        out["value"] = to_text(version->body.view());
    } else {
        out["value_base64"] = api::to_base64(to_text(version->body.view()));
    }
    return out;
}

}  // namespace shoal::host
