#include "node/host/containerd/import.h"

#include "node/host/containerd/archive.h"
#include "node/host/containerd/client.h"
#include "node/host/containerd/image_archive.h"
#include "node/host/containerd/image_store.h"
#include "node/host/images/reference.h"

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

namespace shoal::host::ctrd {
namespace {

constexpr std::chrono::hours kLeaseLife{1};

Client::Source from_text(std::string text) {
    return [text = std::move(text), at = std::size_t{0}](
               char* into, std::size_t size) mutable -> Result<std::size_t> {
        const auto piece = std::min(size, text.size() - at);
        std::memcpy(into, text.data() + at, piece);
        at += piece;
        return piece;
    };
}

Awaitable<Result<void>> write_files(const Client& client, std::string path,
                                    const ImageArchive& survey) {
    auto archive = Archive::open(path);
    if (!archive) co_return fail(archive.error());
    std::set<std::string> written;
    for (;;) {
        auto entry = archive->next();
        if (!entry) co_return fail(entry.error());
        if (!*entry) co_return Result<void>{};
        const auto wanted = survey.files.find((*entry)->path);
        if (wanted == survey.files.end() || !(*entry)->links_to.empty()) continue;
        if (!written.insert(wanted->second.blob.digest).second) continue;
        Client::Source source = [&](char* into, std::size_t size) {
            return archive->read(into, size);
        };
        const auto done = co_await client.write_blob(wanted->second.blob, std::move(source),
                                                     wanted->second.labels);
        if (!done) co_return fail(done.error());
    }
}

Awaitable<Result<void>> write_made(const Client& client, const ImageArchive& survey) {
    for (const ArchivedBlob& one : survey.made) {
        auto source = from_text(survey.documents.at(one.blob.digest));
        const auto done = co_await client.write_blob(one.blob, std::move(source), one.labels);
        if (!done) co_return fail(done.error());
    }
    co_return Result<void>{};
}

Awaitable<Result<std::vector<Imported>>> name_all(const Client& client,
                                                  const ImageArchive& survey) {
    std::vector<Imported> out;
    for (const ArchivedImage& image : survey.images) {
        for (const auto& name : image.names) {
            const auto reference = images::parse_reference(name);
            if (!reference) co_return fail(reference.error());
            // By its digest too: the name may mean another image tomorrow, while jobs run this one.
            const auto exact = images::pinned(reference->name, image.target.digest);
            for (const auto& one : {name, exact}) {
                const auto named = co_await client.put_image(one, image.target);
                if (!named) co_return fail(named.error());
            }
            out.push_back({reference->name, image.target.digest});
        }
        const auto unpacked = co_await unpack_image(client, image.target.digest);
        if (!unpacked) co_return fail(unpacked.error());
    }
    co_return out;
}

Result<void> settle_names(ImageArchive& survey, const ImportWish& wish) {
    if (!wish.name.empty()) {
        if (survey.images.size() != 1) {
            return fail(Errc::Conflict, wish.archive + " holds " +
                                            std::to_string(survey.images.size()) +
                                            " images; a name can be given to one alone");
        }
        survey.images.front().names = {wish.name};
        return {};
    }
    for (const ArchivedImage& image : survey.images) {
        if (image.names.empty()) {
            return fail(Errc::Malformed, wish.archive + " does not name image " +
                                             image.target.digest + "; give it a name");
        }
    }
    return {};
}

Awaitable<Result<std::vector<Imported>>> import(Client client, ImportWish wish) {
    auto survey = survey_archive(wish.archive);
    if (!survey) co_return fail(survey.error());
    if (const auto settled = settle_names(*survey, wish); !settled) co_return fail(settled.error());
    const auto there = co_await client.ensure_namespace();
    if (!there) co_return fail(there.error());
    const auto id = "shoal-import-" + survey->images.front().target.digest;
    const auto lease = co_await client.make_lease(id, kLeaseLife);
    if (!lease && lease.error().code != Errc::Conflict) co_return fail(lease.error());
    const auto held = client.with_lease(id);
    const auto files = co_await write_files(held, wish.archive, *survey);
    if (!files) co_return fail(files.error());
    const auto made = co_await write_made(held, *survey);
    if (!made) co_return fail(made.error());
    auto named = co_await name_all(held, *survey);
    (void)co_await client.end_lease(id);  // It ends by itself otherwise.
    co_return named;
}

}  // namespace

Result<std::vector<Imported>> import_images(const ImportWish& wish) {
    if (sodium_init() < 0) return fail(Errc::Io, "libsodium does not start");
    asio::io_context loop{1};
    Client client{wish.socket, wish.name_space};
    std::optional<Result<std::vector<Imported>>> outcome;
    asio::co_spawn(loop, import(client, wish),
                   [&](const std::exception_ptr& error, Result<std::vector<Imported>> done) {
                       if (error) std::rethrow_exception(error);
                       outcome = std::move(done);
                   });
    loop.run();
    client.close();
    return std::move(*outcome);
}

}  // namespace shoal::host::ctrd
