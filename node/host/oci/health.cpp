#include "node/host/oci/health.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace shoal::host::oci {
namespace {

using Json = nlohmann::json;
using placement::HealthCheck;
using Kind = HealthCheck::Kind;

constexpr std::uint64_t kNanoseconds = 1'000'000;  // in a millisecond

constexpr std::array<std::pair<const char*, std::uint32_t HealthCheck::*>, 4> kSpans{
    {{"Interval", &HealthCheck::interval_ms},
     {"Timeout", &HealthCheck::timeout_ms},
     {"StartPeriod", &HealthCheck::start_period_ms},
     {"StartInterval", &HealthCheck::start_interval_ms}}};

std::uint32_t number_of(const Json& json, const char* key, std::uint64_t unit) {
    const auto found = json.find(key);
    if (found == json.end() || !found->is_number_unsigned()) return 0;
    const auto value = found->get<std::uint64_t>();
    const auto rounded = value / unit + (value % unit == 0 ? 0 : 1);
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::min(rounded, kMost));
}

}  // namespace

Result<HealthCheck> parse_image_check(const Json& health) {
    HealthCheck out;
    if (!health.is_object()) return out;
    const auto test = health.find("Test");
    if (test == health.end() || !test->is_array() || test->empty()) return out;
    std::vector<std::string> words;
    for (const auto& item : *test) {
        if (!item.is_string()) {
            return fail(Errc::Malformed, "Healthcheck.Test: not a list of strings");
        }
        words.push_back(item.get<std::string>());
    }
    const std::string first = words.front();
    words.erase(words.begin());
    if (first == "NONE") return HealthCheck{.kind = Kind::Off};
    if (first != "CMD" && first != "CMD-SHELL") {
        return fail(Errc::Malformed, "Healthcheck.Test: begins with '" + first.substr(0, 64) +
                                         "', which is none of NONE, CMD and CMD-SHELL");
    }
    out.kind = first == "CMD" ? Kind::Program : Kind::Shell;
    out.test = std::move(words);
    for (const auto& [key, member] : kSpans) {
        out.*member = number_of(health, key, kNanoseconds);
    }
    out.retries = number_of(health, "Retries", 1);
    if (const auto good = placement::validate(HealthCheck{.kind = out.kind, .test = out.test});
        !good) {
        return fail(Errc::Malformed, "Healthcheck: " + good.error().detail);
    }
    return out;
}

std::string check_annotation(const HealthCheck& image_check) {
    if (image_check.kind == Kind::Image) return {};
    Json test = Json::array({image_check.kind == Kind::Off       ? "NONE"
                             : image_check.kind == Kind::Program ? "CMD"
                                                                 : "CMD-SHELL"});
    for (const auto& word : image_check.test) {
        test.push_back(word);
    }
    Json out = {{"Test", std::move(test)}, {"Retries", image_check.retries}};
    for (const auto& [key, member] : kSpans) {
        out[key] = image_check.*member * kNanoseconds;
    }
    return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

HealthCheck check_in_spec(std::string_view spec) {
    const auto json = Json::parse(spec, nullptr, false);
    if (!json.is_object()) return {};
    const auto annotations = json.find("annotations");
    if (annotations == json.end() || !annotations->is_object()) return {};
    const auto text = annotations->find(kCheckAnnotation);
    if (text == annotations->end() || !text->is_string()) return {};
    const auto check =
        parse_image_check(Json::parse(text->get_ref<const std::string&>(), nullptr, false));
    return check.value_or(HealthCheck{});
}

std::vector<std::string> check_words(const HealthCheck& check) {
    if (check.kind != Kind::Shell) return check.test;
    return {"/bin/sh", "-c", check.test.empty() ? std::string{} : check.test.front()};
}

Result<std::string> process_beside(std::string_view spec, std::vector<std::string> words) {
    auto json = Json::parse(spec, nullptr, false);
    const bool good = json.is_object() && json.contains("process") && json["process"].is_object();
    if (!good) return fail(Errc::Malformed, "the container's spec has no process");
    Json process = std::move(json["process"]);
    process["args"] = std::move(words);
    process["terminal"] = false;
    return process.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace shoal::host::oci
