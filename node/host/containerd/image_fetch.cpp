#include "node/host/containerd/image_fetch.h"

#include "node/host/containerd/image_documents.h"
#include "node/host/identity/files.h"
#include "node/host/images/reference.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>
#include <vector>

namespace shoal::host::ctrd {
namespace {

namespace fs = std::filesystem;

// Longer than any transfer; what a crash leaves behind is collected after it.
constexpr std::chrono::hours kLeaseLife{6};

class Fetch {
public:
    Fetch(Site& site, std::string digest, std::function<bool()> wanted)
        : site_(site), digest_(std::move(digest)), wanted_(std::move(wanted)) {}

    Awaitable<Result<void>> run(std::string name) {
        std::error_code error;
        fs::create_directories(site_.settings.spool, error);
        if (error) co_return fail(Errc::Io, site_.settings.spool + ": " + error.message());
        const auto lease = "shoal-fetch-" + digest_;
        const auto held = co_await site_.client.make_lease(lease, kLeaseLife);
        if (!held && held.error().code != Errc::Conflict) co_return fail(held.error());
        const auto client = site_.client.with_lease(lease);
        auto done = co_await take(client, std::move(name));
        (void)co_await site_.client.end_lease(lease);  // It ends by itself otherwise.
        co_return done;
    }

private:
    [[nodiscard]] std::string file_of(const std::string& digest) const {
        return site_.settings.spool + "/" + digest.substr(digest.find(':') + 1);
    }

    Awaitable<Result<void>> take(const Client& client, std::string name) {
        const oci::Descriptor self{.digest = digest_};
        const auto top = co_await document(client, self);
        if (!top) co_return fail(top.error());
        const auto chosen = manifest_in(*top, self);
        if (!chosen) co_return fail(chosen.error());
        auto text = *top;
        if (chosen->digest != digest_) {
            const auto below = co_await document(client, *chosen);
            if (!below) co_return fail(below.error());
            text = *below;
        }
        const auto manifest = oci::parse_manifest(text);
        if (!manifest) co_return fail(manifest.error());
        auto blobs = manifest->layers;
        blobs.push_back(manifest->config);
        for (const auto& one : blobs) {
            const auto done = co_await blob(client, one);
            if (!done) co_return fail(done.error());
        }
        oci::Descriptor target{media_type_of(*top), digest_,
                               static_cast<std::int64_t>(top->size())};
        const auto named = co_await client.put_image(std::move(name), std::move(target));
        co_return named;
    }

    // Through a file, so that one that is cut short goes on from there.
    Awaitable<Result<void>> fetch(const oci::Descriptor& blob) {
        if (!wanted_()) co_return fail(Errc::Unavailable, "not wanted any more");
        const auto answer = std::make_shared<Result<void>>();
        const auto file = file_of(blob.digest);
        co_await suspend([&](Wake wake) {
            const auto shared = std::make_shared<Wake>(std::move(wake));
            site_.settings.fetch_blob(digest_, blob, file, [answer, shared](Result<void> done) {
                *answer = std::move(done);
                (*shared)();
            });
        });
        co_return std::move(*answer);
    }

    Awaitable<Result<std::string>> document(const Client& client, oci::Descriptor blob) {
        auto here = co_await client.read_blob(blob.digest);
        if (here || here.error().code != Errc::NotFound) co_return here;
        const auto fetched = co_await fetch(blob);
        if (!fetched) co_return fail(fetched.error());
        auto read = read_small_file(file_of(blob.digest), oci::kDocumentMax);
        if (!read) co_return fail(read.error());
        blob.size = static_cast<std::int64_t>(read->text.size());
        const auto written = co_await write(client, blob, collector_labels(read->text));
        if (!written) co_return fail(written.error());
        co_return std::move(read->text);
    }

    Awaitable<Result<void>> blob(const Client& client, const oci::Descriptor& wanted) {
        const auto here = co_await client.blob_size(wanted.digest);
        if (here) co_return Result<void>{};
        if (here.error().code != Errc::NotFound) co_return fail(here.error());
        const auto fetched = co_await fetch(wanted);
        if (!fetched) co_return fail(fetched.error());
        const auto written = co_await write(client, wanted, {});
        co_return written;
    }

    Awaitable<Result<void>> write(const Client& client, const oci::Descriptor& blob,
                                  Labels labels) {
        const auto file = file_of(blob.digest);
        const auto in = std::make_shared<std::ifstream>(file, std::ios::binary);
        Client::Source source = [in, file](char* into, std::size_t size) -> Result<std::size_t> {
            in->read(into, static_cast<std::streamsize>(size));
            if (in->bad()) return fail(Errc::Io, "cannot read " + file);
            return static_cast<std::size_t>(in->gcount());
        };
        const auto done = co_await client.write_blob(blob, std::move(source), std::move(labels));
        std::error_code ignored;
        fs::remove(file, ignored);
        co_return done;
    }

    Site& site_;
    std::string digest_;
    std::function<bool()> wanted_;
};

Awaitable<Result<bool>> is_here(Site& site, const std::string& digest) {
    if (site.whole_images.contains(digest)) co_return true;
    const auto names = co_await site.client.image_names();
    if (!names) co_return fail(names.error());
    for (const auto& one : *names) {
        if (one.target.digest != digest) continue;
        const auto whole = co_await whole_image(site.client, digest);
        if (!whole && whole.error().code != Errc::NotFound) co_return fail(whole.error());
        if (!whole) break;
        site.whole_images.insert(digest);
        co_return true;
    }
    co_return false;
}

}  // namespace

Awaitable<Result<WholeImage>> whole_image(const Client& client, std::string digest) {
    const auto image = co_await read_documents(client, digest);
    if (!image) co_return fail(image.error());
    auto blobs = image->manifest.layers;
    blobs.push_back(image->manifest.config);
    blobs.push_back({.digest = image->manifest_digest});
    if (image->manifest_digest != digest) blobs.push_back({.digest = digest});
    WholeImage out{.exposed = image->config.exposed};
    for (const auto& blob : blobs) {
        const auto size = co_await client.blob_size(blob.digest);
        if (!size) co_return fail(size.error());
        out.total += *size;
    }
    co_return out;
}

// One image at a time: replicas that start together fetch what they share once.
Awaitable<Result<void>> ensure_image(Site& site, std::string name, FetchTalk talk) {
    const std::string digest{images::digest_in(name)};
    if (digest.empty() || !site.settings.fetch_blob) co_return Result<void>{};
    const auto before = co_await is_here(site, digest);
    if (!before) co_return fail(before.error());
    if (*before) co_return Result<void>{};
    talk.begins();
    const auto place = co_await site.fetches.enter();
    const auto here = co_await is_here(site, digest);
    if (!here) co_return fail(here.error());
    if (*here) co_return Result<void>{};
    Fetch fetch{site, digest, std::move(talk.wanted)};
    const auto done = co_await fetch.run(name);
    if (!done) {
        co_return fail(done.error().code, "image " + name + ": " + done.error().detail);
    }
    site.whole_images.insert(digest);
    co_return Result<void>{};
}

}  // namespace shoal::host::ctrd
