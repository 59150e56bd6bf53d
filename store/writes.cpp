// Client writes: planned together, written together, told to all, answered when enough have them.
#include "node/base/mutant.h"
#include "store/codec.h"
#include "store/store.h"

#include <algorithm>
#include <utility>

namespace shoal::store {

// What is accepted and not on disk yet has its place already: else all that is accepted during one
// sync would find the last one free.
bool Store::has_room(const std::string& key) const {
    if (map_.held(key) != nullptr) return true;
    const auto accepted = write_queue_.size() + (writes_ ? writes_->writes.size() : 0);
    if (map_.all().size() + accepted < config_.keys_max) return true;
    const auto is_new = [&](const Write& write) { return map_.held(write.key) == nullptr; };
    auto taken = map_.all().size();
    taken +=
        static_cast<std::size_t>(std::count_if(write_queue_.begin(), write_queue_.end(), is_new));
    if (writes_) {
        for (const auto& [write, version] : writes_->writes) {
            if (is_new(write)) ++taken;
        }
    }
    return taken < config_.keys_max;
}

void Store::on(Instant /*now*/, const Write& write, Effects& out) {
    const bool fits = !write.key.empty() && write.key.size() <= kKeyBytesMax &&
                      (!write.body || write.body->size() <= kValueBytesMax);
    if (!fits || !has_room(write.key)) {
        out.push_back(WriteDone{.request = write.request,
                                .outcome = WriteOutcome::TooLarge,
                                .key = write.key,
                                .why = fits ? "the registry holds its limit of " +
                                                  std::to_string(config_.keys_max) + " keys"
                                            : "a key holds 1 to " + std::to_string(kKeyBytesMax) +
                                                  " bytes, a value up to " +
                                                  std::to_string(kValueBytesMax)});
        return;
    }
    write_queue_.push_back(write);
}

// The version this write makes, or nothing if it is answered without making one.
std::optional<Version> Store::plan(const Write& write, Planned& planned, Effects& out) {
    auto& earlier = planned[write.key];
    const Version* winner = earlier.empty() ? find(write.key) : &earlier.back();
    const Version mine{.gen = winner == nullptr ? 1 : winner->gen + 1,
                       .tombstone = !write.body,
                       .wall = write.wall,
                       .author = self_,
                       .submission = write.submission,
                       .parent = winner == nullptr ? 0 : version_id(write.key, *winner),
                       .body = write.body.value_or(Blob{})};
    const VersionId id = version_id(write.key, mine);
    // A retry, perhaps of a write that others have since replaced: it was done, once.
    for (const Version& made : earlier) {
        if (version_id(write.key, made) == id) return made;
    }
    if (const auto* held = map_.held(write.key)) {
        const auto known = held->versions.find(id);
        if (known != held->versions.end()) return known->second;
    }
    if (write.only_if_absent && winner != nullptr && !winner->tombstone) {
        out.push_back(WriteDone{.request = write.request,
                                .outcome = WriteOutcome::Exists,
                                .key = write.key,
                                .version = version_id(write.key, *winner),
                                .gen = winner->gen,
                                .why = "exists already, from another submission"});
        return std::nullopt;
    }
    if (!fits(write.key, mine)) {
        // Somebody has used up all generations; no other node would take this one.
        out.push_back(WriteDone{.request = write.request,
                                .outcome = WriteOutcome::Failed,
                                .key = write.key,
                                .why = "no version can follow the one that is known"});
        return std::nullopt;
    }
    earlier.push_back(mine);
    return mine;
}

void Store::stage_writes(Instant now, Effects& out) {
    WritesInFlight batch{.token = ++last_token_};
    Planned planned;
    Batch rows;
    for (Write& write : std::exchange(write_queue_, {})) {
        const auto version = plan(write, planned, out);
        if (!version) continue;
        rows.push_back(version_row(write.key, version_id(write.key, *version), *version));
        batch.writes.emplace_back(std::move(write), *version);
    }
    if (batch.writes.empty()) return;
    writes_ = std::move(batch);
    out.push_back(Persist{writes_->token, true, std::move(rows)});
    if (SHOAL_MUTANT(AckBeforeSync)) commit_writes(now, out);
}

void Store::commit_writes(Instant now, Effects& out) {
    const auto done = std::move(writes_->writes);
    writes_.reset();
    Batch dropped;
    for (const auto& [write, version] : done) {
        merge(write.key, version, dropped, out);
        broadcast(Entry{write.key, version, true}, out);
        await_acks(now, write, version, out);
    }
    // The versions themselves are on disk; only those pushed out of history are news to it.
    std::erase_if(dropped, [](const Row& row) { return row.value.has_value(); });
    persist_lazily(std::move(dropped), out);
}

std::uint32_t Store::members() const {
    std::uint32_t count = 1;
    for (const auto& [peer, standing] : peers_) {
        if (standing != Standing::Left && standing != Standing::Dead) ++count;
    }
    return count;
}

void Store::await_acks(Instant now, const Write& write, const Version& version, Effects& /*out*/) {
    acks_.wait({.request = write.request,
                .key = write.key,
                .version = version_id(write.key, version),
                .gen = version.gen,
                .wanted = write.acks != 0 ? write.acks : std::min(config_.ack_copies, members()),
                .demanded = write.acks != 0,
                .deadline = now + config_.ack_deadline});
}

void Store::answer_finished(Instant now, Effects& out) {
    for (auto& done : acks_.finished(now, peers_)) {
        out.push_back(std::move(done));
    }
}

}  // namespace shoal::store
