#include "node/host/images/keeper.h"

#include "node/host/images/records.h"
#include "node/host/images/reference.h"

#include <algorithm>
#include <set>
#include <utility>

namespace shoal::host::images {
namespace {

using std::chrono::steady_clock;

bool has_our_name(const HeldImage& image) {
    return std::any_of(image.names.begin(), image.names.end(), [&](const std::string& name) {
        return digest_in(name) == image.target.digest;
    });
}

// Somebody may have imported it by other means, under this name or one that means the same.
const HeldImage* called(const std::vector<HeldImage>& held, const std::string& image,
                        const std::string& name) {
    for (const auto& one : held) {
        for (const auto& other : one.names) {
            const auto reference = parse_reference(other);
            if (other == image || (reference && reference->name == name)) return &one;
        }
    }
    return nullptr;
}

}  // namespace

Result<std::string> pinned_by_name(const agent::Agent& agent, const std::string& image) {
    const auto reference = parse_reference(image);
    if (!reference) return fail(reference.error());
    if (!reference->digest.empty()) return pinned(reference->name, reference->digest);
    const auto meant = named(agent, reference->name);
    return meant ? pinned(reference->name, meant->digest) : std::string{};
}

Keeper::Keeper(asio::io_context& loop, const agent::Agent& agent, Images& images,
               const Settings& settings, World world)
    : agent_(agent),
      images_(images),
      settings_(settings),
      world_(std::move(world)),
      timer_(loop),
      alive_(std::make_shared<Keeper*>(this)) {}

Keeper::~Keeper() = default;

void Keeper::begin() {
    look([this] { collect(); });
    look_later();
}

void Keeper::look_later() {
    timer_.expires_after(settings_.look_every);
    timer_.async_wait([this](const std::error_code& error) {
        if (error) return;
        begin();
    });
}

void Keeper::look(std::function<void()> then) {
    images_.list([this, weak = std::weak_ptr{alive_},
                  then = std::move(then)](Result<std::vector<HeldImage>> all) {
        if (weak.expired()) return;
        // Without containerd nothing is known, and that is no reason to say nothing is held.
        blind_ = !all;
        if (all) {
            held_ = std::move(*all);
            tell_changes();
        }
        if (then) then();
    });
}

void Keeper::tell_changes() {
    std::map<std::string, ImageRecord> said;
    for (auto& holder : all_held(agent_)) {
        if (holder.node == agent_.self()) said[holder.record.digest] = std::move(holder.record);
    }
    agent::HostFacts news;
    for (const auto& image : held_) {
        const auto& target = image.target;
        const ImageRecord record{target.digest, target.media_type, target.size, image.total,
                                 image.exposed};
        const auto known = said.extract(target.digest);
        if (known && known.mapped() == record) continue;
        news.facts.push_back({image_key(target.digest), encode_record(record)});
    }
    for (const auto& [digest, record] : said) {
        news.facts.push_back({image_key(digest), std::nullopt});
    }
    if (!news.facts.empty()) world_.tell(std::move(news));
}

void Keeper::resolve(const std::string& image, Images::Done<std::string> done) {
    const auto by_name = pinned_by_name(agent_, image);
    if (!by_name || !by_name->empty()) return done(by_name);
    look([this, image, done = std::move(done)] {
        const auto reference = parse_reference(image);
        if (const auto* found = called(held_, image, reference->name)) {
            return done(pinned(reference->name, found->target.digest));
        }
        if (blind_) return done(image);
        done(fail(Errc::NotFound, "no node of this cluster has an image '" + reference->name +
                                      "'; load it: shoal image load FILE --name " +
                                      reference->name));
    });
}

bool Keeper::is_needed(const HeldImage& image) const {
    if (!has_our_name(image)) return true;
    const auto& digest = image.target.digest;
    if (is_used(agent_, digest)) return true;
    const auto names = all_named(agent_);
    return std::any_of(names.begin(), names.end(),
                       [&](const NamedImage& one) { return one.record.digest == digest; });
}

void Keeper::collect() {
    if (removing_ || !agent_.placement().settled()) return;
    const auto now = steady_clock::now();
    const auto patience =
        world_.is_short_of_space() ? settings_.keep_at_least : settings_.keep_unused;
    std::vector<HeldImage> doomed;
    std::map<std::string, Moment> unused;
    for (const auto& image : held_) {
        if (is_needed(image)) continue;
        const auto known = unused_since_.find(image.target.digest);
        const auto since = known == unused_since_.end() ? now : known->second;
        unused[image.target.digest] = since;
        if (now - since >= patience) doomed.push_back(image);
    }
    unused_since_ = std::move(unused);
    if (doomed.empty()) return;
    removing_ = true;
    remove(std::move(doomed), std::make_shared<Pruned>(), [this](Result<Pruned> gone) {
        removing_ = false;
        if (!gone) world_.log("an unused image cannot be removed: " + gone.error().detail);
    });
}

void Keeper::prune(Images::Done<Pruned> done) {
    if (!agent_.placement().settled()) {
        return done(fail(Errc::Unavailable,
                         "this node has just started and does not know yet what is needed"));
    }
    look([this, done = std::move(done)] {
        std::vector<HeldImage> doomed;
        for (const auto& image : held_) {
            if (!is_needed(image)) doomed.push_back(image);
        }
        remove(std::move(doomed), std::make_shared<Pruned>(), done);
    });
}

// One after the other; whether it is needed is asked again right before.
void Keeper::remove(std::vector<HeldImage> doomed, std::shared_ptr<Pruned> so_far,
                    Images::Done<Pruned> done) {
    while (!doomed.empty() && is_needed(doomed.back())) {
        doomed.pop_back();
    }
    if (doomed.empty()) {
        look([so_far, done = std::move(done)] { done(std::move(*so_far)); });
        return;
    }
    const auto next = std::move(doomed.back());
    doomed.pop_back();
    images_.remove(next.target.digest,
                   [this, weak = std::weak_ptr{alive_}, doomed = std::move(doomed), so_far, next,
                    done = std::move(done)](Result<void> gone) mutable {
                       if (weak.expired()) return;
                       if (!gone) return done(fail(gone.error()));
                       world_.log("image " + next.names.front() + " is used by nobody and removed");
                       so_far->digests.push_back(next.target.digest);
                       so_far->bytes += next.total;
                       remove(std::move(doomed), so_far, std::move(done));
                   });
}

}  // namespace shoal::host::images
