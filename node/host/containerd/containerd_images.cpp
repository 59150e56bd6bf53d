#include "node/host/containerd/containerd_images.h"

#include "node/host/containerd/image_fetch.h"
#include "node/host/containerd/import.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace shoal::host::ctrd {
namespace {

using Whole = std::map<std::string, WholeImage>;
using SitePtr = std::shared_ptr<Site>;

// One per digest, with all names it goes by.
Awaitable<Result<std::vector<HeldImage>>> list_all(SitePtr site, std::shared_ptr<Whole> whole) {
    const auto names = co_await site->client.image_names();
    if (!names) co_return fail(names.error());
    std::map<std::string, HeldImage> held;
    for (const auto& one : *names) {
        auto& image = held[one.target.digest];
        image.names.push_back(one.name);
        image.target = one.target;
    }
    std::vector<HeldImage> out;
    for (auto& [digest, image] : held) {
        if (!whole->contains(digest)) {
            auto found = co_await whole_image(site->client, digest);
            if (!found && may_pass(found.error())) co_return fail(found.error());
            if (!found) continue;  // Half of one, or not for this kind of machine.
            (*whole)[digest] = std::move(*found);
        }
        image.total = (*whole)[digest].total;
        image.exposed = (*whole)[digest].exposed;
        out.push_back(std::move(image));
    }
    std::erase_if(*whole, [&](const auto& one) { return !held.contains(one.first); });
    co_return out;
}

Awaitable<Result<void>> forget(SitePtr site, std::string digest) {
    const auto names = co_await site->client.image_names();
    if (!names) co_return fail(names.error());
    site->whole_images.erase(digest);
    for (const auto& one : *names) {
        if (one.target.digest != digest) continue;
        const auto gone = co_await site->client.remove_image(one.name);
        if (!gone && gone.error().code != Errc::NotFound) co_return fail(gone.error());
    }
    co_return Result<void>{};
}

Awaitable<Result<Bytes>> piece(SitePtr site, std::string digest, std::uint64_t offset,
                               std::size_t size) {
    const auto text = co_await site->client.read_piece(std::move(digest), offset, size);
    if (!text) co_return fail(text.error());
    co_return to_bytes(*text);
}

// Runs `work` on the loop and hands on what came of it, while anybody listens.
template <class T>
void spawn(const SitePtr& site, Awaitable<Result<T>> work, Images::Done<T> done) {
    asio::co_spawn(site->executor, std::move(work),
                   [site, done = std::move(done)](const std::exception_ptr& error, Result<T> out) {
                       if (error) std::rethrow_exception(error);
                       if (!site->closed) done(std::move(out));
                   });
}

}  // namespace

ContainerdImages::ContainerdImages(std::shared_ptr<Site> site) : site_(std::move(site)) {}

ContainerdImages::~ContainerdImages() {
    loader_.join();
}

void ContainerdImages::list(Done<std::vector<HeldImage>> done) {
    spawn(site_, list_all(site_, whole_), std::move(done));
}

// Reading an archive blocks for as long as it is large.
void ContainerdImages::load(const std::string& archive, const std::string& name,
                            Done<std::vector<HeldImage>> done) {
    const ImportWish wish{site_->settings.socket, site_->settings.name_space, archive, name};
    asio::post(loader_, [site = site_, whole = whole_, wish, done = std::move(done)]() mutable {
        auto imported = import_images(wish);
        asio::post(site->executor,
                   [site, whole, imported = std::move(imported), done = std::move(done)]() mutable {
                       if (site->closed) return;
                       if (!imported) return done(fail(imported.error()));
                       std::set<std::string> wanted;
                       for (const auto& one : *imported) {
                           wanted.insert(one.digest);
                       }
                       spawn<std::vector<HeldImage>>(
                           site, list_all(site, whole),
                           [imported = std::move(*imported), wanted = std::move(wanted),
                            done = std::move(done)](Result<std::vector<HeldImage>> all) {
                               if (!all) return done(fail(all.error()));
                               std::erase_if(*all, [&](const HeldImage& image) {
                                   return !wanted.contains(image.target.digest);
                               });
                               for (auto& image : *all) {
                                   image.names.clear();
                                   for (const auto& one : imported) {
                                       if (one.digest == image.target.digest)
                                           image.names.push_back(one.name);
                                   }
                               }
                               done(std::move(all));
                           });
                   });
    });
}

void ContainerdImages::read_blob(const std::string& digest, std::uint64_t offset, std::size_t size,
                                 Done<Bytes> done) {
    spawn(site_, piece(site_, digest, offset, size), std::move(done));
}

void ContainerdImages::remove(const std::string& digest, Done<void> done) {
    whole_->erase(digest);
    spawn(site_, forget(site_, digest), std::move(done));
}

}  // namespace shoal::host::ctrd
