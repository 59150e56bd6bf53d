#include "node/host/containerd/image_store.h"

#include "node/host/containerd/image_documents.h"
#include "node/host/images/reference.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace shoal::host::ctrd {
namespace {

// Longer than any unpacking; what a crash leaves behind is collected after it.
constexpr std::chrono::hours kLeaseLife{1};

// A pinned one needs no name. Of the others, as it is written first: what was imported by other
// means than ours is called whatever its archive calls it.
Awaitable<Result<oci::Descriptor>> lookup(const Client& client, std::string name) {
    if (const auto digest = images::digest_in(name); !digest.empty()) {
        co_return oci::Descriptor{.digest = std::string{digest}};
    }
    auto found = co_await client.image(name);
    if (found || found.error().code != Errc::NotFound) co_return found;
    const auto reference = images::parse_reference(name);
    if (!reference) co_return found;
    auto again = co_await client.image(reference->name);
    co_return again;
}

// Two that unpack the same layer at once both succeed: the second finds it committed.
Awaitable<Result<void>> unpack_layer(const Client& client, oci::Descriptor layer,
                                     std::string diff_id, std::string chain, std::string parent) {
    const auto present = co_await client.has_snapshot(chain);
    if (!present) co_return fail(present.error());
    if (*present) co_return Result<void>{};
    // The remains of an attempt that was cut short.
    const auto key = "shoal-unpack " + chain;
    const auto cleared = co_await client.remove_snapshot(key);
    if (!cleared && cleared.error().code != Errc::NotFound) co_return fail(cleared.error());
    auto mounts = co_await client.prepare_snapshot(key, parent);
    if (!mounts) co_return fail(mounts.error());
    const auto applied = co_await client.apply(layer, std::move(*mounts));
    if (!applied) co_return fail(applied.error());
    if (*applied != diff_id) {
        co_return fail(Errc::Malformed,
                       "layer " + layer.digest + " unpacks to " + *applied + ", not to " + diff_id);
    }
    const auto committed = co_await client.commit_snapshot(key, chain);
    if (!committed && committed.error().code != Errc::Conflict) co_return fail(committed.error());
    co_return Result<void>{};
}

Awaitable<Result<void>> unpack_layers(const Client& client, const ImageDocuments& image) {
    const auto chain = oci::chain_ids(image.config.diff_ids);
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const auto parent = i == 0 ? std::string{} : chain[i - 1];
        const auto done = co_await unpack_layer(client, image.manifest.layers[i],
                                                image.config.diff_ids[i], chain[i], parent);
        if (!done) co_return fail(done.error());
    }
    if (chain.empty()) co_return Result<void>{};
    // From here on the image keeps its snapshots.
    Labels labels{{"containerd.io/gc.ref.snapshot.overlayfs", chain.back()}};
    const auto labelled =
        co_await client.label_blob(image.manifest.config.digest, std::move(labels));
    co_return labelled;
}

Awaitable<Result<void>> unpack(const Client& client, const ImageDocuments& image) {
    const auto id = "shoal-unpack-" + image.manifest_digest;
    const auto lease = co_await client.make_lease(id, kLeaseLife);
    if (!lease && lease.error().code != Errc::Conflict) co_return fail(lease.error());
    const auto held = client.with_lease(id);
    const auto done = co_await unpack_layers(held, image);
    (void)co_await client.end_lease(id);  // It ends by itself otherwise.
    co_return done;
}

}  // namespace

Awaitable<Result<Image>> find_image(Client client, std::string name) {
    const auto target = co_await lookup(client, name);
    if (!target) {
        if (target.error().code != Errc::NotFound) co_return fail(target.error());
        co_return fail(
            Errc::NotFound,
            "image " + name + " is not in namespace '" + client.name_space() +
                "' of containerd on this node; load it there: shoal image load FILE --name " +
                name);
    }
    auto found = co_await read_documents(client, target->digest);
    if (!found) co_return fail(found.error().code, "image " + name + ": " + found.error().detail);
    const auto chain = oci::chain_ids(found->config.diff_ids);
    co_return Image{.name = std::move(name),
                    .manifest = std::move(found->manifest_digest),
                    .config = std::move(found->config),
                    .top = chain.empty() ? std::string{} : chain.back()};
}

Awaitable<Result<void>> unpack_image(Client client, std::string manifest_digest) {
    const auto found = co_await read_documents(client, std::move(manifest_digest));
    if (!found) co_return fail(found.error());
    const auto chain = oci::chain_ids(found->config.diff_ids);
    if (!chain.empty()) {
        const auto present = co_await client.has_snapshot(chain.back());
        if (!present) co_return fail(present.error());
        if (*present) co_return Result<void>{};
    }
    const auto done = co_await unpack(client, *found);
    co_return done;
}

}  // namespace shoal::host::ctrd
