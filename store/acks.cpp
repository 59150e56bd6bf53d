#include "store/acks.h"

#include <algorithm>
#include <utility>

namespace shoal::store {
namespace {

constexpr std::size_t kMissingNamedMax = 16;

bool counts(Standing standing) {
    return standing != Standing::Left && standing != Standing::Dead;
}

}  // namespace

void Acks::heard(const NodeId& from, const std::string& key, VersionId version) {
    for (Waiting& waiting : waiting_) {
        if (waiting.version == version && waiting.key == key) waiting.from.insert(from);
    }
}

std::vector<WriteDone> Acks::finished(Instant now, const Peers& peers) {
    std::vector<WriteDone> out;
    std::erase_if(waiting_, [&](const Waiting& waiting) {
        const auto acked = static_cast<std::uint32_t>(waiting.from.size()) + 1;
        const bool enough = acked >= waiting.wanted;
        const bool all_present = std::all_of(peers.begin(), peers.end(), [&](const auto& peer) {
            return !present(peer.second) || waiting.from.contains(peer.first);
        });
        // A demanded number waits for its time even when nobody else is here to give it.
        if (!enough && now < waiting.deadline && (waiting.demanded || !all_present)) return false;
        WriteDone done{
            .request = waiting.request,
            .outcome = enough || !waiting.demanded ? WriteOutcome::Done : WriteOutcome::NotEnough,
            .key = waiting.key,
            .version = waiting.version,
            .gen = waiting.gen,
            .acked = acked,
            .wanted = waiting.wanted};
        for (const auto& [peer, standing] : peers) {
            if (enough || done.missing.size() == kMissingNamedMax) break;
            if (counts(standing) && !waiting.from.contains(peer)) done.missing.push_back(peer);
        }
        out.push_back(std::move(done));
        return true;
    });
    return out;
}

Instant Acks::wakeup() const {
    Instant first = kNever;
    for (const Waiting& waiting : waiting_) {
        first = std::min(first, waiting.deadline);
    }
    return first;
}

}  // namespace shoal::store
