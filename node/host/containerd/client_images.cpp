// The part of Client that is about images: names, blobs, leases, snapshots, unpacking.
#include "node/host/containerd/stream.h"
#include "node/host/containerd/stubs.h"

#include <ctime>

namespace shoal::host::ctrd {
namespace {

namespace images = services::images::v1;
namespace content = services::content::v1;
namespace snapshots = services::snapshots::v1;
namespace leases = services::leases::v1;

std::string rfc3339(std::time_t at) {
    std::tm parts{};
    gmtime_r(&at, &parts);
    char text[32];
    const auto size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text, size};
}

void put(::containerd::types::Descriptor& to, const oci::Descriptor& from) {
    to.set_media_type(from.media_type);
    to.set_digest(from.digest);
    to.set_size(from.size);
}

Mounts mounts_of(const google::protobuf::RepeatedPtrField<::containerd::types::Mount>& from) {
    Mounts out;
    for (const auto& one : from) {
        out.push_back({.type = one.type(),
                       .source = one.source(),
                       .target = one.target(),
                       .options = {one.options().begin(), one.options().end()}});
    }
    return out;
}

}  // namespace

Awaitable<Result<oci::Descriptor>> Client::image(std::string name) const {
    images::GetImageRequest request;
    request.set_name(name);
    auto answer = co_await call<images::GetImageResponse>(
        "looking up an image", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->images->async()->Get(rest...); });
    if (!answer) co_return fail(answer.error());
    const auto& target = answer->image().target();
    co_return oci::Descriptor{target.media_type(), target.digest(), target.size()};
}

Awaitable<Result<std::vector<ImageName>>> Client::image_names() const {
    auto answer = co_await call<images::ListImagesResponse>(
        "listing images", scope(), kSoon, images::ListImagesRequest{},
        [&](auto... rest) { stubs_->images->async()->List(rest...); });
    if (!answer) co_return fail(answer.error());
    std::vector<ImageName> out;
    for (const auto& image : answer->images()) {
        const auto& target = image.target();
        out.push_back({image.name(), {target.media_type(), target.digest(), target.size()}});
    }
    co_return out;
}

Awaitable<Result<void>> Client::put_image(std::string name, oci::Descriptor target) const {
    images::CreateImageRequest create;
    create.mutable_image()->set_name(name);
    put(*create.mutable_image()->mutable_target(), target);
    images::UpdateImageRequest update;
    *update.mutable_image() = create.image();
    auto made = co_await call<images::CreateImageResponse>(
        "naming an image", scope(), kSoon, std::move(create),
        [&](auto... rest) { stubs_->images->async()->Create(rest...); });
    if (made) co_return Result<void>{};
    if (made.error().code != Errc::Conflict) co_return fail(made.error());
    auto moved = co_await call<images::UpdateImageResponse>(
        "renaming an image", scope(), kSoon, std::move(update),
        [&](auto... rest) { stubs_->images->async()->Update(rest...); });
    if (!moved) co_return fail(moved.error());
    co_return Result<void>{};
}

Awaitable<Result<void>> Client::remove_image(std::string name) const {
    images::DeleteImageRequest request;
    request.set_name(name);
    auto done =
        co_await call<Empty>("removing an image", scope(), kSoon, std::move(request),
                             [&](auto... rest) { stubs_->images->async()->Delete(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<std::string>> Client::read_blob(std::string digest) const {
    auto out = co_await read_range(std::move(digest), 0, 0, oci::kDocumentMax);
    co_return out;
}

Awaitable<Result<std::string>> Client::read_piece(std::string digest, std::uint64_t offset,
                                                  std::size_t size) const {
    const auto whole = co_await blob_size(digest);
    if (!whole) co_return fail(whole.error());
    if (size == 0 || offset >= static_cast<std::uint64_t>(*whole)) co_return std::string{};
    auto out = co_await read_range(std::move(digest), offset, size, size);
    co_return out;
}

Awaitable<Result<std::int64_t>> Client::blob_size(std::string digest) const {
    content::InfoRequest request;
    request.set_digest(digest);
    auto answer = co_await call<content::InfoResponse>(
        "looking for a blob", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->content->async()->Info(rest...); });
    if (!answer) co_return fail(answer.error());
    co_return answer->info().size();
}

// `size` 0: to the end.
Awaitable<Result<std::string>> Client::read_range(std::string digest, std::uint64_t offset,
                                                  std::size_t size, std::size_t limit) const {
    content::ReadContentRequest request;
    request.set_digest(digest);
    request.set_offset(static_cast<std::int64_t>(offset));
    request.set_size(static_cast<std::int64_t>(size));
    const auto connection = connection_;
    const auto stubs = stubs_;
    auto reader = std::make_unique<BlobReader>(scope(), limit);
    auto outcome = reader->outcome();
    if (!connection->enter(reader->context())) co_return fail(closed_error());
    co_await suspend([&](Wake wake) {
        BlobReader::start(std::move(reader), *stubs->content, std::move(request), std::move(wake));
    });
    if (outcome->too_large) co_return fail(Errc::TooLarge, digest + ": larger than expected");
    if (!outcome->status.ok()) co_return fail(to_error("reading a blob", outcome->status));
    co_return std::move(outcome->bytes);
}

Awaitable<Result<void>> Client::write_blob(oci::Descriptor blob, Source source,
                                           Labels labels) const {
    const auto connection = connection_;
    const auto stubs = stubs_;
    auto writer = std::make_unique<BlobWriter>(scope(), blob, std::move(source), labels);
    auto outcome = writer->outcome();
    if (!connection->enter(writer->context())) co_return fail(closed_error());
    co_await suspend(
        [&](Wake wake) { BlobWriter::start(std::move(writer), *stubs->content, std::move(wake)); });
    if (outcome->source_error) co_return fail(*outcome->source_error);
    if (outcome->status.ok()) co_return Result<void>{};
    auto error = to_error("writing a blob", outcome->status);
    if (error.code != Errc::Conflict) co_return fail(std::move(error));
    if (labels.empty()) co_return Result<void>{};
    auto labelled = co_await label_blob(blob.digest, std::move(labels));
    co_return labelled;
}

Awaitable<Result<void>> Client::label_blob(std::string digest, Labels labels) const {
    content::UpdateRequest request;
    request.mutable_info()->set_digest(digest);
    for (const auto& [key, value] : labels) {
        (*request.mutable_info()->mutable_labels())[key] = value;
        request.mutable_update_mask()->add_paths("labels." + key);
    }
    auto done = co_await call<content::UpdateResponse>(
        "labelling a blob", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->content->async()->Update(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<std::string>> Client::make_lease(std::string id, std::chrono::seconds life) const {
    leases::CreateRequest request;
    request.set_id(id);
    (*request.mutable_labels())["containerd.io/gc.expire"] =
        rfc3339(std::time(nullptr) + life.count());
    auto made = co_await call<leases::CreateResponse>(
        "taking a lease", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->leases->async()->Create(rest...); });
    if (!made) co_return fail(made.error());
    co_return made->lease().id();
}

Awaitable<Result<void>> Client::end_lease(std::string id) const {
    leases::DeleteRequest request;
    request.set_id(id);
    request.set_sync(true);
    auto done =
        co_await call<Empty>("ending a lease", scope(), kSoon, std::move(request),
                             [&](auto... rest) { stubs_->leases->async()->Delete(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<bool>> Client::has_snapshot(std::string key) const {
    snapshots::StatSnapshotRequest request;
    request.set_snapshotter(kSnapshotter);
    request.set_key(key);
    auto found = co_await call<snapshots::StatSnapshotResponse>(
        "looking for a snapshot", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->snapshots->async()->Stat(rest...); });
    if (found) co_return true;
    if (found.error().code == Errc::NotFound) co_return false;
    co_return fail(found.error());
}

Awaitable<Result<Mounts>> Client::prepare_snapshot(std::string key, std::string parent) const {
    snapshots::PrepareSnapshotRequest request;
    request.set_snapshotter(kSnapshotter);
    request.set_key(key);
    request.set_parent(parent);
    auto made = co_await call<snapshots::PrepareSnapshotResponse>(
        "preparing a snapshot", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->snapshots->async()->Prepare(rest...); });
    if (!made) co_return fail(made.error());
    co_return mounts_of(made->mounts());
}

Awaitable<Result<void>> Client::commit_snapshot(std::string key, std::string name) const {
    snapshots::CommitSnapshotRequest request;
    request.set_snapshotter(kSnapshotter);
    request.set_key(key);
    request.set_name(name);
    auto done =
        co_await call<Empty>("committing a snapshot", scope(), kSoon, std::move(request),
                             [&](auto... rest) { stubs_->snapshots->async()->Commit(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<void>> Client::remove_snapshot(std::string key) const {
    snapshots::RemoveSnapshotRequest request;
    request.set_snapshotter(kSnapshotter);
    request.set_key(key);
    auto done =
        co_await call<Empty>("removing a snapshot", scope(), kProcess, std::move(request),
                             [&](auto... rest) { stubs_->snapshots->async()->Remove(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<std::string>> Client::apply(oci::Descriptor layer, Mounts mounts) const {
    services::diff::v1::ApplyRequest request;
    put(*request.mutable_diff(), layer);
    put_mounts(*request.mutable_mounts(), mounts);
    auto done = co_await call<services::diff::v1::ApplyResponse>(
        "unpacking a layer", scope(), kBulk, std::move(request),
        [&](auto... rest) { stubs_->diff->async()->Apply(rest...); });
    if (!done) co_return fail(done.error());
    co_return done->applied().digest();
}

}  // namespace shoal::host::ctrd
