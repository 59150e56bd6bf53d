#include "node/host/daemon/health_json.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace shoal::host {
namespace {

using nlohmann::json;
using placement::After;
using placement::HealthCheck;
using Kind = placement::HealthCheck::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 3> kFirstWords{
    {{"NONE", Kind::Off}, {"CMD", Kind::Program}, {"CMD-SHELL", Kind::Shell}}};

constexpr std::array<std::pair<const char*, std::uint32_t HealthCheck::*>, 5> kNumbers{
    {{"interval_ms", &HealthCheck::interval_ms},
     {"timeout_ms", &HealthCheck::timeout_ms},
     {"retries", &HealthCheck::retries},
     {"start_period_ms", &HealthCheck::start_period_ms},
     {"start_interval_ms", &HealthCheck::start_interval_ms}}};

constexpr std::array<std::pair<const char*, After::Condition>, 3> kConditions{
    {{"started", After::Condition::Started},
     {"healthy", After::Condition::Healthy},
     {"complete", After::Condition::Complete}}};

Result<void> expected(const std::string& member, const std::string& what) {
    return fail(Errc::Malformed, member + ": expected " + what);
}

Result<void> read_test(const json& value, HealthCheck& out) {
    const std::string form = R"(["NONE"], ["CMD", PROGRAM, WORD...] or ["CMD-SHELL", LINE])";
    if (!value.is_array() || value.empty()) return expected("health.test", form);
    for (const auto& item : value) {
        if (!item.is_string()) return expected("health.test", form);
    }
    const auto first = value.front().get<std::string>();
    const auto* const known = std::find_if(kFirstWords.begin(), kFirstWords.end(),
                                           [&](const auto& word) { return word.first == first; });
    if (known == kFirstWords.end()) return expected("health.test", form);
    out.kind = known->second;
    for (std::size_t i = 1; i < value.size(); ++i) {
        out.test.push_back(value[i].get<std::string>());
    }
    return {};
}

Result<void> read_one(const json& value, After& out) {
    const std::string form =
        R"({"job": NAME, "condition": "started", "healthy" or "complete", "required": true or false})";
    if (!value.is_object() || !value.contains("job")) return expected("after", form);
    for (const auto& [member, item] : value.items()) {
        bool good = false;
        if (member == "job" && item.is_string()) {
            out.job = item.get<std::string>();
            good = true;
        } else if (member == "condition") {
            for (const auto& [word, condition] : kConditions) {
                if (item != word) continue;
                out.condition = condition;
                good = true;
            }
        } else if (member == "required" && item.is_boolean()) {
            out.required = item.get<bool>();
            good = true;
        }
        if (!good) return expected("after", form);
    }
    return {};
}

}  // namespace

Result<void> read_health(const json& value, HealthCheck& out) {
    if (!value.is_object()) return expected("health", "an object with a test");
    for (const auto& [member, item] : value.items()) {
        if (member == "test") {
            if (auto done = read_test(item, out); !done) return done;
            continue;
        }
        const auto* const number =
            std::find_if(kNumbers.begin(), kNumbers.end(),
                         [&name = member](const auto& one) { return one.first == name; });
        if (number == kNumbers.end()) {
            return expected("health",
                            "test, interval_ms, timeout_ms, retries, start_period_ms or "
                            "start_interval_ms, not '" +
                                member.substr(0, 64) + "'");
        }
        constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
        if (!item.is_number_unsigned() || item.get<std::uint64_t>() > kMost) {
            return expected("health." + member, "a whole number from 0");
        }
        out.*number->second = item.get<std::uint32_t>();
    }
    return {};
}

Result<void> read_after(const json& value, std::vector<After>& out) {
    if (!value.is_array()) return expected("after", "a list of jobs to wait for");
    for (const auto& item : value) {
        if (auto done = read_one(item, out.emplace_back()); !done) return done;
    }
    return {};
}

json to_json(const HealthCheck& check) {
    json out = json::object();
    for (const auto& [word, kind] : kFirstWords) {
        if (check.kind != kind) continue;
        out["test"] = json::array({std::string{word}});
        for (const auto& text : check.test) {
            out["test"].push_back(text);
        }
    }
    for (const auto& [name, member] : kNumbers) {
        if (check.*member != 0) out[name] = check.*member;
    }
    return out;
}

json to_json(const std::vector<After>& after) {
    json out = json::array();
    for (const auto& one : after) {
        const auto* const word =
            std::find_if(kConditions.begin(), kConditions.end(),
                         [&](const auto& known) { return known.second == one.condition; });
        out.push_back({{"job", one.job}, {"condition", word->first}, {"required", one.required}});
    }
    return out;
}

const char* to_word(placement::Health health) {
    switch (health) {
        case placement::Health::None:
            return "none";
        case placement::Health::Starting:
            return "starting";
        case placement::Health::Healthy:
            return "healthy";
        case placement::Health::Unhealthy:
            return "unhealthy";
    }
    return "none";
}

}  // namespace shoal::host
