// A few stores and the streams between them: what one sends, the other hears, in order, unless the
// test loses it. Journals answer at once; what was only lazily written is written too.
#pragma once

#include "node/base/random.h"
#include "store/store.h"
#include "tests/support/disk.h"
#include "tests/support/effects.h"
#include "tests/support/signer.h"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace shoal::store {

class Cluster {
public:
    explicit Cluster(std::size_t size, std::uint64_t seed = 1) : random_(seed) {
        for (std::size_t i = 0; i < size; ++i) {
            auto node = std::make_unique<Node>(i + 1);
            node->id = node->signer.id();
            nodes_.push_back(std::move(node));
        }
        for (std::size_t i = 0; i < size; ++i) {
            boots(i);
        }
    }

    // A new process on what the disk holds; the old one, if any, is gone with what it had not sent.
    void boots(std::size_t i) {
        Node& node = *nodes_[i];
        std::erase_if(wire_, [&](const Parcel& p) { return p.from == i || p.to == i; });
        node.store = std::make_unique<Store>(node.id, Config{}, random_.fork(), node.signer,
                                             node.disk.rows());
        step(i, Start{1, ++boots_});
        for (std::size_t j = 0; j < nodes_.size(); ++j) {
            if (j == i) continue;
            step(i, PeerChanged{nodes_[j]->id, Standing::Alive});
            if (nodes_[j]->store) step(j, PeerReset{node.id});
        }
    }

    void says(std::size_t i, const std::string& key, std::optional<std::string> value) {
        Fact fact{key, {}};
        if (value) fact.value = to_blob(*value);
        step(i, Publish{{std::move(fact)}});
    }

    void writes(std::size_t i, const std::string& key, const std::string& body) {
        ++submissions_;
        step(i, Write{.request = submissions_,
                      .key = key,
                      .body = to_blob(body),
                      .submission = {0, submissions_},
                      .wall = {static_cast<std::int64_t>(submissions_)}});
    }

    // From now on this share of what is sent is lost, each loss a broken stream.
    void loses(std::uint64_t per_million) { loss_ = per_million; }

    void cuts(std::size_t a, std::size_t b) { cut_.insert({std::min(a, b), std::max(a, b)}); }

    void heals() {
        cut_.clear();
        loss_ = 0;
    }

    // Lets everything that is due happen until nothing moves, then the clock, for `duration`.
    void runs(Duration duration) {
        const Instant end = now_ + duration;
        while (true) {
            deliver();
            Instant next = kNever;
            for (const auto& node : nodes_) {
                next = std::min(next, node->store->wakeup());
            }
            if (next > end) break;
            now_ = std::max(now_, next);
            for (std::size_t i = 0; i < nodes_.size(); ++i) {
                if (nodes_[i]->store->wakeup() <= now_) step(i, Tick{});
            }
        }
        now_ = end;
    }

    Store& operator[](std::size_t i) { return *nodes_[i]->store; }

    [[nodiscard]] NodeId id(std::size_t i) const { return nodes_[i]->id; }

    tests::Disk& disk(std::size_t i) { return nodes_[i]->disk; }

    // All that store `i` told its driver, sends and rows left out.
    std::vector<Effect>& told(std::size_t i) { return nodes_[i]->told; }

    // Logs and map of all are the same, down to the last version and signature.
    [[nodiscard]] bool agree() {
        for (std::size_t i = 1; i < nodes_.size(); ++i) {
            const Store& a = *nodes_[0]->store;
            const Store& b = *nodes_[i]->store;
            if (a.logs_fingerprint() != b.logs_fingerprint()) return false;
            if (a.map_fingerprint() != b.map_fingerprint()) return false;
            for (const auto& node : nodes_) {
                if (!same(a.log(node->id), b.log(node->id))) return false;
            }
            for (const auto& [key, held] : a.map().all()) {
                const auto* other = b.map().held(key);
                if (other == nullptr || held.versions != other->versions) return false;
            }
        }
        return true;
    }

    [[nodiscard]] std::size_t size() const { return nodes_.size(); }

    Random& random() { return random_; }

private:
    struct Node {
        explicit Node(std::uint64_t number) : signer(number) {}

        tests::TestSigner signer;
        NodeId id{};
        tests::Disk disk;
        std::unique_ptr<Store> store;
        std::vector<Effect> told;
    };

    struct Parcel {
        std::size_t from = 0;
        std::size_t to = 0;
        Message message{};
    };

    static bool same(const OriginLog* a, const OriginLog* b) {
        if (a == nullptr || b == nullptr) return a == b;
        return a->head() == b->head() &&
               std::equal(a->records().begin(), a->records().end(), b->records().begin(),
                          b->records().end(), [](const auto& x, const auto& y) {
                              return x.second.record == y.second.record;
                          });
    }

    void step(std::size_t i, const Input& input) {
        Node& node = *nodes_[i];
        for (auto& effect : node.store->step(now_, input)) {
            if (auto* send = std::get_if<Send>(&effect)) {
                wire_.push_back({i, index_of(send->to), std::move(send->message)});
            } else if (auto* persist = std::get_if<Persist>(&effect)) {
                node.disk.write(persist->batch);
                if (persist->sync) step(i, Persisted{persist->token});
            } else {
                node.told.push_back(std::move(effect));
            }
        }
    }

    std::size_t index_of(const NodeId& id) const {
        const auto at = std::find_if(nodes_.begin(), nodes_.end(),
                                     [&](const auto& node) { return node->id == id; });
        return static_cast<std::size_t>(at - nodes_.begin());
    }

    void deliver() {
        while (!wire_.empty()) {
            const Parcel parcel = std::move(wire_.front());
            wire_.pop_front();
            const auto link =
                std::make_pair(std::min(parcel.from, parcel.to), std::max(parcel.from, parcel.to));
            if (cut_.contains(link)) continue;
            if (random_.chance(loss_)) {
                step(parcel.from, PeerReset{nodes_[parcel.to]->id});
                continue;
            }
            step(parcel.to, Receive{nodes_[parcel.from]->id, parcel.message});
        }
    }

    Random random_;
    Instant now_{std::chrono::hours{1}};
    std::vector<std::unique_ptr<Node>> nodes_;
    std::deque<Parcel> wire_;
    std::set<std::pair<std::size_t, std::size_t>> cut_;
    std::uint64_t loss_ = 0;
    std::uint64_t boots_ = 0;
    std::uint64_t submissions_ = 0;
};

}  // namespace shoal::store
