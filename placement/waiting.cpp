#include "placement/waiting.h"

#include "placement/slots.h"

#include <algorithm>
#include <map>
#include <utility>

namespace shoal::placement {
namespace {

// As much of a web of jobs as is looked at; nobody draws one so large.
constexpr std::size_t kJobsLookedAt = 10'000;

// Also of what runs no more: that it exited with something says that it ran.
bool has_started(const Claim& claim) {
    switch (claim.state) {
        case ClaimState::Healthy:
        case ClaimState::Unhealthy:
        case ClaimState::Complete:
            return true;
        case ClaimState::Starting:
            return claim.health != Health::None;
        case ClaimState::Backoff:
        case ClaimState::Failed:
            return claim.exit_code != 0;
        default:
            return false;
    }
}

bool is_met(const View& view, const Held& held, After::Condition condition) {
    switch (condition) {
        case After::Condition::Started:
            return has_started(held.claim);
        case After::Condition::Healthy:
            return held.claim.state == ClaimState::Healthy && view.is_present(held.node);
        case After::Condition::Complete:
            return held.claim.state == ClaimState::Complete;
    }
    return false;
}

struct Progress {
    std::uint32_t wanted = 0;
    std::uint32_t met = 0;
    std::uint32_t given_up = 0;  // of those not met: nobody tries at this moment
};

Progress progress_of(const View& view, const JobSpec& spec, After::Condition condition) {
    Progress out;
    for (const WantedSlot& slot : wanted_slots(view, spec)) {
        ++out.wanted;
        bool met = false;
        bool failed = false;
        bool live = false;
        for (const Held& held : view.claims_of({spec.name, slot.index})) {
            if (held.claim.template_gen < spec.template_gen) continue;
            met = met || is_met(view, held, condition);
            failed = failed || held.claim.state == ClaimState::Failed;
            live = live || is_live(held.claim.state);
        }
        if (met) ++out.met;
        if (!met && failed && !live) ++out.given_up;
    }
    return out;
}

std::string_view aim_of(After::Condition condition) {
    switch (condition) {
        case After::Condition::Started:
            return " to start";
        case After::Condition::Healthy:
            return " to be healthy";
        case After::Condition::Complete:
            return " to complete";
    }
    return "";
}

std::string_view state_of(After::Condition condition) {
    switch (condition) {
        case After::Condition::Started:
            return "started";
        case After::Condition::Healthy:
            return "healthy";
        case After::Condition::Complete:
            return "complete";
    }
    return "";
}

std::optional<std::string> waits_for(const View& view, const After& after) {
    const JobSpec* spec = view.spec(after.job);
    if (spec == nullptr) {
        if (!after.required) return std::nullopt;
        return "waiting for " + after.job + std::string{aim_of(after.condition)} +
               ": there is no such job";
    }
    const auto [wanted, met, given_up] = progress_of(view, *spec, after.condition);
    if (met == wanted) return std::nullopt;
    if (!after.required && given_up > 0) return std::nullopt;
    auto text = "waiting for " + after.job + std::string{aim_of(after.condition)};
    if (after.condition == After::Condition::Complete && spec->restart == RestartPolicy::Always) {
        return text + ": it never does, its restart is always";
    }
    if (wanted > 1) {
        text += ": " + std::to_string(met) + " of " + std::to_string(wanted) + " " +
                std::string{state_of(after.condition)};
    }
    if (given_up > 0) text += wanted > 1 ? ", some have failed" : ": it has failed";
    return text;
}

}  // namespace

std::optional<std::string> waits_for(const View& view, const JobSpec& spec) {
    if (spec.after.empty() || view.has_begun(spec)) return std::nullopt;
    std::string text;
    for (const After& after : spec.after) {
        const auto one = waits_for(view, after);
        if (one) text += (text.empty() ? "" : "; ") + *one;
    }
    if (text.empty()) return std::nullopt;
    const auto circle = circle_through(view, spec);
    if (!circle.empty()) text += "; they wait for each other";
    return text;
}

std::vector<std::string> circle_through(const View& view, const JobSpec& spec) {
    std::map<std::string, std::string> reached;  // -> from where
    std::vector<std::string> next;
    const auto follow = [&](const JobSpec& from) {
        for (const After& after : from.after) {
            if (reached.try_emplace(after.job, from.name).second) next.push_back(after.job);
        }
    };
    follow(spec);
    while (!next.empty() && !reached.contains(spec.name) && reached.size() < kJobsLookedAt) {
        const std::string name = std::exchange(next.back(), {});
        next.pop_back();
        const JobSpec* known = view.spec(name);
        if (known != nullptr) follow(*known);
    }
    if (!reached.contains(spec.name)) return {};
    std::vector<std::string> out{spec.name};
    do {
        out.push_back(reached.at(out.back()));
    } while (out.back() != spec.name);
    std::reverse(out.begin(), out.end());
    return out;
}

Result<void> check_order(const View& view, const JobSpec& spec) {
    const auto circle = circle_through(view, spec);
    if (circle.empty()) return {};
    std::string way;
    for (const auto& name : circle) {
        way += (way.empty() ? "" : " -> ") + name;
    }
    return fail(Errc::Conflict, "after: these jobs would wait for each other: " + way);
}

}  // namespace shoal::placement
