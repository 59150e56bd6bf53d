#include "node/host/containerd/stream.h"

#include <algorithm>

namespace shoal::host::ctrd {
namespace {

namespace content = ::containerd::services::content::v1;

constexpr std::int64_t kPiece = 1 << 20;

}  // namespace

BlobReader::BlobReader(const Scope& scope, std::size_t limit)
    : connection_(scope.connection.get()), limit_(limit) {
    prepare(context_, scope, std::chrono::seconds{30});
}

void BlobReader::start(std::unique_ptr<BlobReader> self, content::Content::Stub& stub,
                       content::ReadContentRequest request, Wake wake) {
    auto* reader = self.release();  // Deleted by OnDone.
    reader->request_ = std::move(request);
    reader->wake_.emplace(std::move(wake));
    stub.async()->Read(&reader->context_, &reader->request_, reader);
    reader->StartRead(&reader->piece_);
    reader->StartCall();
}

void BlobReader::OnReadDone(bool ok) {
    if (!ok) return;
    if (outcome_->bytes.size() + piece_.data().size() > limit_) {
        outcome_->too_large = true;
        context_.TryCancel();
        return;
    }
    outcome_->bytes += piece_.data();
    StartRead(&piece_);
}

void BlobReader::OnDone(const grpc::Status& status) {
    auto* connection = connection_;
    outcome_->status = status;
    connection->retire(context_);
    (*wake_)();
    delete this;
    connection->leave();
}

BlobWriter::BlobWriter(const Scope& scope, oci::Descriptor blob, Client::Source source,
                       Labels labels)
    : connection_(scope.connection.get()),
      blob_(std::move(blob)),
      source_(std::move(source)),
      labels_(std::move(labels)) {
    prepare(context_, scope, std::chrono::minutes{15});
}

void BlobWriter::start(std::unique_ptr<BlobWriter> self, content::Content::Stub& stub, Wake wake) {
    auto* writer = self.release();  // Deleted by OnDone.
    writer->wake_.emplace(std::move(wake));
    stub.async()->Write(&writer->context_, writer);
    if (writer->next_piece()) {
        writer->StartWrite(&writer->request_);
    } else {
        writer->context_.TryCancel();
    }
    writer->StartCall();
}

bool BlobWriter::next_piece() {
    const auto size = std::min(kPiece, blob_.size - offset_);
    std::string data(static_cast<std::size_t>(size), '\0');
    std::size_t filled = 0;
    while (filled < data.size()) {
        const auto got = source_(data.data() + filled, data.size() - filled);
        if (!got || *got == 0) {
            outcome_->source_error =
                got ? Error{Errc::Malformed, blob_.digest + ": shorter than announced"}
                    : got.error();
            return false;
        }
        filled += *got;
    }
    committed_ = offset_ + size == blob_.size;
    request_.set_action(committed_ ? content::COMMIT : content::WRITE);
    request_.set_ref("shoal-" + blob_.digest);
    request_.set_total(blob_.size);
    request_.set_expected(blob_.digest);
    request_.set_offset(offset_);
    request_.set_data(std::move(data));
    if (committed_) {
        for (const auto& [key, value] : labels_) {
            (*request_.mutable_labels())[key] = value;
        }
    }
    offset_ += size;
    return true;
}

void BlobWriter::OnWriteDone(bool ok) {
    if (ok) StartRead(&answer_);
}

// containerd answers the last piece twice: reading goes on until it has said all, or the stream
// would only end with its deadline.
void BlobWriter::OnReadDone(bool ok) {
    if (!ok) return;
    if (committed_) {
        if (!std::exchange(half_closed_, true)) StartWritesDone();
        StartRead(&answer_);
        return;
    }
    if (next_piece()) {
        StartWrite(&request_);
    } else {
        context_.TryCancel();
    }
}

void BlobWriter::OnDone(const grpc::Status& status) {
    auto* connection = connection_;
    outcome_->status = status;
    connection->retire(context_);
    (*wake_)();
    delete this;
    connection->leave();
}

}  // namespace shoal::host::ctrd
