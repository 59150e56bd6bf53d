#include "placement/health.h"

#include <algorithm>
#include <utility>

namespace shoal::placement {
namespace {

constexpr std::uint32_t kInterval = 30'000;
constexpr std::uint32_t kTimeout = 30'000;
constexpr std::uint32_t kRetries = 3;
constexpr std::uint32_t kStartInterval = 5'000;
constexpr std::size_t kWordsMax = 1024;

std::uint32_t first_said(std::uint32_t wanted, std::uint32_t image, std::uint32_t usual) {
    return wanted != 0 ? wanted : image != 0 ? image : usual;
}

// Whoever made the image, or a peer that validates nothing, may say anything.
std::uint32_t kept_within(std::uint32_t value, std::uint32_t least) {
    return std::clamp(value, least, kCheckSpanMax);
}

Result<void> validate_span(const char* name, std::uint32_t value, std::uint32_t least) {
    if (value == 0 || (value >= least && value <= kCheckSpanMax)) return {};
    return fail(Errc::Malformed, std::string{"health."} + name + ": from " + std::to_string(least) +
                                     " ms to 24 h, or 0 for the image's or the default");
}

}  // namespace

Result<void> validate(const HealthCheck& check) {
    using Kind = HealthCheck::Kind;
    if (check.test.size() > kWordsMax) {
        return fail(Errc::TooLarge, "health.test: more than 1024 words");
    }
    if (check.kind == Kind::Program && (check.test.empty() || check.test.front().empty())) {
        return fail(Errc::Malformed, "health.test: CMD is followed by a program");
    }
    if (check.kind == Kind::Shell && (check.test.size() != 1 || check.test.front().empty())) {
        return fail(Errc::Malformed, "health.test: CMD-SHELL is followed by one line");
    }
    if (!asks(check) && !check.test.empty()) {
        return fail(Errc::Malformed, "health.test: words, and nothing to do with them");
    }
    if (check.retries > kCheckRetriesMax) {
        return fail(Errc::Malformed, "health.retries: at most 1000");
    }
    for (const auto& [name, value, least] :
         {std::tuple{"interval_ms", check.interval_ms, kCheckEveryMin},
          std::tuple{"timeout_ms", check.timeout_ms, 1U},
          std::tuple{"start_period_ms", check.start_period_ms, 1U},
          std::tuple{"start_interval_ms", check.start_interval_ms, kCheckEveryMin}}) {
        if (auto good = validate_span(name, value, least); !good) return good;
    }
    return {};
}

HealthCheck resolve(const HealthCheck& wanted, const HealthCheck& image) {
    HealthCheck out{.kind = wanted.kind, .test = wanted.test};
    if (wanted.kind == HealthCheck::Kind::Image) {
        out.kind = image.kind;
        out.test = image.test;
    }
    if (!asks(out) || out.test.empty()) return {.kind = HealthCheck::Kind::Off};
    out.interval_ms =
        kept_within(first_said(wanted.interval_ms, image.interval_ms, kInterval), kCheckEveryMin);
    out.timeout_ms = kept_within(first_said(wanted.timeout_ms, image.timeout_ms, kTimeout), 1);
    out.retries = std::min(first_said(wanted.retries, image.retries, kRetries), kCheckRetriesMax);
    out.start_period_ms =
        kept_within(first_said(wanted.start_period_ms, image.start_period_ms, 0), 0);
    out.start_interval_ms =
        kept_within(first_said(wanted.start_interval_ms, image.start_interval_ms, kStartInterval),
                    kCheckEveryMin);
    return out;
}

}  // namespace shoal::placement
