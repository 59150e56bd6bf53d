#include "placement/claim.h"

#include "node/base/hash.h"
#include "placement/messages.h"
#include "placement/types.h"

#include <charconv>

namespace shoal::placement {
namespace {

constexpr std::string_view kPrefix = "alloc/";

template <class Number>
std::optional<Number> number(std::string_view text) {
    Number out{};
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
    return out;
}

}  // namespace

std::string claim_key(const SlotId& slot, Epoch epoch) {
    return std::string{kPrefix} + slot.job + "/" + std::to_string(slot.index) + "/" +
           std::to_string(epoch);
}

std::optional<ClaimKey> parse_claim_key(std::string_view key) {
    if (!key.starts_with(kPrefix)) return std::nullopt;
    key.remove_prefix(kPrefix.size());
    const auto last = key.rfind('/');
    if (last == std::string_view::npos || last == 0) return std::nullopt;
    const auto middle = key.rfind('/', last - 1);
    if (middle == std::string_view::npos || middle == 0) return std::nullopt;
    const auto epoch = number<Epoch>(key.substr(last + 1));
    const auto index = number<std::uint32_t>(key.substr(middle + 1, last - middle - 1));
    if (!epoch || !index) return std::nullopt;
    ClaimKey out{{std::string{key.substr(0, middle)}, *index}, *epoch};
    // Written in one way only ("007" is not), or two keys would speak of one claim.
    if (claim_key(out.slot, out.epoch).substr(kPrefix.size()) != key) return std::nullopt;
    return out;
}

std::string to_string(const SlotId& slot) {
    return slot.job + "." + std::to_string(slot.index);
}

std::string_view to_string(ClaimState state) {
    switch (state) {
        case ClaimState::Awarded:
            return "awarded";
        case ClaimState::Pulling:
            return "pulling";
        case ClaimState::Starting:
            return "starting";
        case ClaimState::Healthy:
            return "healthy";
        case ClaimState::Unhealthy:
            return "unhealthy";
        case ClaimState::Backoff:
            return "backoff";
        case ClaimState::Draining:
            return "draining";
        case ClaimState::Stopped:
            return "stopped";
        case ClaimState::Failed:
            return "failed";
        case ClaimState::Complete:
            return "complete";
        case ClaimState::Lost:
            return "lost";
    }
    return "unknown";
}

std::string_view to_string(Filter filter) {
    switch (filter) {
        case Filter::Cpu:
            return "cpu";
        case Filter::Memory:
            return "memory";
        case Filter::Port:
            return "port";
        case Filter::Constraint:
            return "constraint";
        case Filter::PerNodeMax:
            return "per-node";
        case Filter::Draining:
            return "draining";
        case Filter::NoRuntime:
            return "no-runtime";
        case Filter::NotSettled:
            return "not-settled";
        case Filter::Unreachable:
            return "unreachable";
        case Filter::NoAnswer:
            return "no-answer";
        case Filter::Disk:
            return "disk";
        case Filter::Backoff:
            return "backoff";
        case Filter::Privilege:
            return "privilege";
        case Filter::Volume:
            return "volume";
        case Filter::Bind:
            return "bind";
        case Filter::Image:
            return "image";
    }
    return "unknown";
}

std::string_view to_string(Refusal refusal) {
    switch (refusal) {
        case Refusal::NoCapacity:
            return "no capacity";
        case Refusal::LowerEpoch:
            return "epoch used before";
        case Refusal::StaleSpec:
            return "newer spec known";
        case Refusal::Expired:
            return "ticket expired";
        case Refusal::Draining:
            return "draining";
        case Refusal::Taken:
            return "slot taken";
        case Refusal::Deleted:
            return "job deleted";
        case Refusal::Disk:
            return "ledger not written";
        case Refusal::Privilege:
            return "privileges not allowed here";
        case Refusal::Volume:
            return "volume held elsewhere";
        case Refusal::Bind:
            return "folder of the host not allowed";
    }
    return "unknown";
}

std::string_view to_string(StopReason reason) {
    switch (reason) {
        case StopReason::JobDeleted:
            return "job deleted";
        case StopReason::ScaledDown:
            return "scaled down";
        case StopReason::Superseded:
            return "superseded";
        case StopReason::LostToWinner:
            return "another replica holds the slot";
        case StopReason::Draining:
            return "node drains";
        case StopReason::ConstraintBroken:
            return "constraint no longer holds";
        case StopReason::NoLedgerEntry:
            return "not in the ledger";
        case StopReason::Replaced:
            return "gives way to its replacement";
        case StopReason::Unhealthy:
            return "its check fails";
    }
    return "unknown";
}

}  // namespace shoal::placement
