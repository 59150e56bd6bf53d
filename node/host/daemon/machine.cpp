#include "node/host/daemon/machine.h"

#include <algorithm>
#include <utility>

namespace shoal::host {

Machine::Machine(asio::io_context& loop, const Clock& clock, Birth birth, const Signer& signer,
                 CarryOut carry_out, std::optional<Recorder> recorder)
    : clock_(clock),
      recording_signer_(signer),
      recorder_(std::move(recorder)),
      agent_(birth.identity, {}, Random{birth.seed},
             recorder_ ? static_cast<const Signer&>(recording_signer_) : signer, birth.rows),
      carry_out_(std::move(carry_out)),
      timer_(loop) {
    if (!recorder_) return;
    recorder_->header({.version = SHOAL_VERSION,
                       .self = birth.identity.self,
                       .boot = birth.identity.boot,
                       .seed = birth.seed,
                       .key = signer.public_key(),
                       .rows = std::move(birth.rows)});
}

void Machine::feed(agent::Input input) {
    if (stopped_) return;
    waiting_.push_back(std::move(input));
    if (stepping_) return;
    stepping_ = true;
    while (!waiting_.empty() && !stopped_) {
        const agent::Input next = std::move(waiting_.front());
        waiting_.pop_front();
        step(next);
    }
    stepping_ = false;
    if (!stopped_) arm();
}

void Machine::stop() {
    stopped_ = true;
    waiting_.clear();
    timer_.cancel();
}

void Machine::step(const agent::Input& input) {
    last_ = std::max(last_, clock_.now());
    const auto effects = agent_.step(last_, input);
    if (recorder_) {
        recorder_->step({.now = last_,
                         .input = input,
                         .answers = recording_signer_.take(),
                         .effects = agent::effects_hash(effects)});
    }
    for (const auto& effect : effects) {
        if (stopped_) return;
        carry_out_(effect);
    }
}

void Machine::arm() {
    const Instant due = agent_.wakeup();
    if (due == armed_for_) return;
    armed_for_ = due;
    timer_.cancel();
    if (due == kNever) return;
    timer_.expires_at(clock_.real(due));
    timer_.async_wait([this](const std::error_code& error) {
        if (error || stopped_) return;
        armed_for_ = kNever;
        feed(agent::Tick{clock_.wall()});
    });
}

}  // namespace shoal::host
