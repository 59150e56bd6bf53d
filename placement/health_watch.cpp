#include "placement/health_watch.h"

#include <algorithm>

namespace shoal::placement {
namespace {

// Questions wait for one another before they are put, and the machine may be busy.
constexpr Duration kAnswerSlack = std::chrono::minutes{2};

Duration span(std::uint32_t ms) {
    return std::chrono::milliseconds{ms};
}

}  // namespace

void HealthWatch::begin(Instant now, const HealthCheck& check, bool was_well) {
    check_ = check;
    health_ = was_well ? Health::Healthy : Health::Starting;
    since_ = now;
    asked_ = 0;
    failures_ = 0;
    output_.clear();
    due_ = was_well ? now : now + pause(now);
}

void HealthWatch::rest() {
    asked_ = 0;
    due_ = kNever;
}

void HealthWatch::end() {
    health_ = Health::None;
    rest();
}

bool HealthWatch::ask(Instant now, std::uint64_t number) {
    if (!active() || due_ > now) return false;
    asked_ = number;
    asked_at_ = now;
    due_ = now + span(check_.timeout_ms) + kAnswerSlack;
    return true;
}

bool HealthWatch::answer(Instant now, std::uint64_t number, CheckOutcome outcome,
                         const std::string& output) {
    if (!active() || asked_ == 0 || number != asked_) return false;
    asked_ = 0;
    if (outcome != CheckOutcome::Unknown) {
        output_ = output.size() <= kCheckOutputMax ? output : output.substr(0, kCheckOutputMax);
    }
    if (outcome == CheckOutcome::Passed) {
        failures_ = 0;
        health_ = Health::Healthy;
    } else if (outcome == CheckOutcome::Failed) {
        failed();
    }
    due_ = now + pause(now);
    return true;
}

void HealthWatch::failed() {
    const Duration grace = span(std::max(check_.start_period_ms, check_.interval_ms));
    if (health_ == Health::Starting && asked_at_ - since_ < grace) return;
    if (failures_ < kCheckRetriesMax) ++failures_;
    if (failures_ >= std::max(1U, check_.retries)) health_ = Health::Unhealthy;
}

Duration HealthWatch::pause(Instant now) const {
    const Duration grace = span(std::max(check_.start_period_ms, check_.interval_ms));
    const Duration usual = span(check_.interval_ms);
    if (health_ != Health::Starting || now - since_ >= grace) return usual;
    // The first question that counts is not put off by one that does not.
    return std::min({usual, span(check_.start_interval_ms), since_ + grace - now});
}

}  // namespace shoal::placement
