#include "store/shared_map.h"

#include "node/base/hash.h"
#include "node/base/mutant.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace shoal::store {
namespace {

constexpr HashKey kVersionKey{0x7368'6f61'6c76'6572ULL, 0x7369'6f6e'0000'0001ULL};
constexpr HashKey kKeyKey{0x7368'6f61'6c6b'6579ULL, 1};

// What tells two states of one key apart: which versions are held, and which twin stands for each.
std::uint64_t version_hash(VersionId id, const Version& version) {
    const auto wall = static_cast<std::uint64_t>(version.wall.ms);
    const std::uint64_t gen = version.gen * 2 + (version.tombstone ? 1 : 0);
    return mix(id ^ mix(gen ^ mix(wall ^ mix(version.author.low ^ version.author.high))));
}

std::uint64_t share(const std::string& key, std::uint64_t hash) {
    return mix(key_hash(key) ^ mix(hash));
}

}  // namespace

std::uint64_t key_hash(const std::string& key) {
    return siphash(kKeyKey,
                   ByteView{reinterpret_cast<const std::uint8_t*>(key.data()), key.size()});
}

std::strong_ordering precedence(const Version& a, const Version& b) {
    const auto order = [](const Version& v) {
        return std::tie(v.gen, v.tombstone, v.wall, v.author, v.submission);
    };
    return order(a) <=> order(b);
}

bool fits(const std::string& key, const Version& version) {
    return !key.empty() && key.size() <= kKeyBytesMax && version.body.size() <= kValueBytesMax &&
           version.gen > 0 && version.gen < kGenMax;
}

VersionId version_id(const std::string& key, const Version& version) {
    Bytes bytes = to_bytes(key);
    const auto submission = to_bytes(version.submission);
    bytes.insert(bytes.end(), submission.begin(), submission.end());
    const auto id = siphash(kVersionKey, bytes);
    return id == 0 ? 1 : id;
}

SharedMap::Merged SharedMap::merge(const std::string& key, const Version& version) {
    Merged out;
    const VersionId id = version_id(key, version);
    Held& held = keys_[key];
    const auto known = held.versions.find(id);
    if (known != held.versions.end() && precedence(version, known->second) <= 0) return out;

    const VersionId winner_before = held.winner;
    const bool conflict_before = winner_before != 0 && !strangers(held).empty();
    const std::uint64_t share_before = winner_before == 0 ? 0 : share(key, held.hash);
    if (known != held.versions.end()) held.hash -= version_hash(id, known->second);
    held.versions.insert_or_assign(id, version);
    held.hash += version_hash(id, version);

    const auto lower = [&](const auto& a, const auto& b) {
        const auto order = precedence(a.second, b.second);
        return SHOAL_MUTANT(LowerVersionWins) ? order > 0 : order < 0;
    };
    if (held.versions.size() > kVersionsKeptMax + 1) {
        const auto lowest = std::min_element(held.versions.begin(), held.versions.end(), lower);
        out.dropped.push_back(lowest->first);
        held.hash -= version_hash(lowest->first, lowest->second);
        held.versions.erase(lowest);
    }
    const auto highest = std::max_element(held.versions.begin(), held.versions.end(), lower);
    held.winner = highest->first;
    fingerprint_ += share(key, held.hash) - share_before;

    out.stored = out.dropped.empty() || out.dropped.front() != id;
    // A retry accepted twice can raise the version that wins without changing which one it is.
    out.winner_changed = out.stored && (held.winner != winner_before || held.winner == id);
    out.conflict_changed = conflict_before != !strangers(held).empty();
    return out;
}

const SharedMap::Held* SharedMap::held(const std::string& key) const {
    const auto found = keys_.find(key);
    return found == keys_.end() ? nullptr : &found->second;
}

const Version* SharedMap::find(const std::string& key) const {
    const Held* known = held(key);
    return known == nullptr ? nullptr : &known->versions.at(known->winner);
}

std::vector<VersionId> SharedMap::strangers(const Held& held) {
    std::set<VersionId> ancestors;
    VersionId at = held.winner;
    const Version* oldest = nullptr;
    while (ancestors.size() <= kVersionsKeptMax) {
        const auto found = held.versions.find(at);
        if (found == held.versions.end() || !ancestors.insert(at).second) break;
        oldest = &found->second;
        at = found->second.parent;
    }
    std::vector<VersionId> out;
    const bool root = oldest != nullptr && oldest->parent == 0;
    for (const auto& [id, version] : held.versions) {
        if (ancestors.contains(id)) continue;
        if (!root && precedence(version, *oldest) < 0) continue;
        out.push_back(id);
    }
    return out;
}

bool SharedMap::conflict(const std::string& key) const {
    const Held* known = held(key);
    return known != nullptr && !strangers(*known).empty();
}

std::vector<Version> SharedMap::conflicting(const std::string& key) const {
    std::vector<Version> out;
    const Held* known = held(key);
    if (known == nullptr) return out;
    for (const VersionId id : strangers(*known)) {
        out.push_back(known->versions.at(id));
    }
    return out;
}

std::vector<MapPosition> SharedMap::positions() const {
    std::vector<MapPosition> out;
    out.reserve(keys_.size());
    for (const auto& [key, held] : keys_) {
        out.push_back({key_hash(key), held.hash});
    }
    return out;
}

}  // namespace shoal::store
