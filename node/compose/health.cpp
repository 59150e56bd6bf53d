#include "node/compose/health.h"

#include <array>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::uint64_t kSpanMax = 24ULL * 3'600'000;
constexpr std::uint64_t kEveryMin = 100;
constexpr std::uint64_t kRetriesMax = 1000;

struct Span {
    const char* key;
    const char* member;
    std::uint32_t Health::*value;
    std::uint64_t least;
    const char* allowed;
};

constexpr const char* kEvery = "a duration from 100ms to 24h, as 1m30s";
constexpr const char* kLong = "a duration as 1m30s, up to 24h";

constexpr std::array kSpans = {
    Span{"interval", "interval_ms", &Health::interval_ms, kEveryMin, kEvery},
    Span{"timeout", "timeout_ms", &Health::timeout_ms, 1, kLong},
    Span{"start_period", "start_period_ms", &Health::start_period_ms, 0, kLong},
    Span{"start_interval", "start_interval_ms", &Health::start_interval_ms, kEveryMin, kEvery}};

constexpr const char* kForms =
    "a line for the shell, [CMD, PROGRAM, WORD...], [CMD-SHELL, LINE] or [NONE]";

std::vector<std::string> read_test(const Value& value, Problems& problems) {
    const auto unfit = [&] {
        problems.unfit(value, "healthcheck.test", kForms);
        return std::vector<std::string>{};
    };
    if (value.kind == Value::Kind::Null) return {};
    if (value.is_scalar()) {
        if (value.text.empty()) return unfit();
        return {"CMD-SHELL", value.text};
    }
    if (value.kind != Value::Kind::List || value.items.empty()) return unfit();
    auto words = read_texts(value, "healthcheck.test", problems);
    if (words.size() != value.items.size()) return {};  // and that was said
    const auto& first = words.front();
    const bool fits = (first == "NONE" && words.size() == 1) ||
                      (first == "CMD" && words.size() > 1 && !words[1].empty()) ||
                      (first == "CMD-SHELL" && words.size() == 2 && !words[1].empty());
    return fits ? words : unfit();
}

}  // namespace

Health read_health(const Value& value, Problems& problems) {
    Health out;
    if (value.kind == Value::Kind::Null) return out;
    if (value.kind != Value::Kind::Map) {
        problems.unfit(value, "healthcheck", "a map with a 'test'");
        return out;
    }
    if (const auto* test = value.find("test")) out.test = read_test(*test, problems);
    for (const auto& span : kSpans) {
        const auto* said = value.find(span.key);
        if (said == nullptr || said->kind == Value::Kind::Null) continue;
        const auto ms = said->is_scalar() ? parse_span(said->text) : std::nullopt;
        // Nothing is no span of time, but how the default is written.
        if (ms && (*ms == 0 || (*ms >= span.least && *ms <= kSpanMax))) {
            out.*span.value = static_cast<std::uint32_t>(*ms);
        } else {
            problems.unfit(*said, std::string{"healthcheck."} + span.key, span.allowed);
        }
    }
    const auto* retries = value.find("retries");
    if (retries != nullptr && retries->kind != Value::Kind::Null) {
        const auto number = read_number(*retries, "healthcheck.retries", kRetriesMax, problems);
        out.retries = static_cast<std::uint32_t>(number.value_or(0));
    }
    const auto* disable = value.find("disable");
    if (disable != nullptr && read_truth(*disable, "healthcheck.disable", problems).value_or(false))
        out.test = {"NONE"};
    return out;
}

Json to_json(const Health& health) {
    Json out = Json::object();
    if (!health.test.empty()) out["test"] = health.test;
    for (const auto& span : kSpans) {
        if (health.*span.value != 0) out[span.member] = health.*span.value;
    }
    if (health.retries != 0) out["retries"] = health.retries;
    return out;
}

}  // namespace shoal::compose
