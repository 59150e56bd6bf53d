#include "node/host/images/fetcher.h"

#include "node/host/images/blob_file.h"

#include <asio/post.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>

namespace shoal::host::images {
namespace {

constexpr int kTriesOfEach = 3;

}  // namespace

// Kept alive by the answers it waits for.
class Fetcher::Transfer : public std::enable_shared_from_this<Transfer> {
public:
    Transfer(asio::io_context& loop, std::weak_ptr<World> world, oci::Descriptor blob,
             std::function<void(Result<void>)> done)
        : loop_(loop), world_(std::move(world)), blob_(std::move(blob)), done_(std::move(done)) {}

    void start(const std::string& image_digest, const std::string& path) {
        const auto world = world_.lock();
        if (!world) return;
        for (const auto& node : world->holders(image_digest)) {
            holders_.push_back(node);
        }
        auto opened = BlobFile::open(path);
        if (!opened) return end_later(fail(opened.error()));
        file_.emplace(std::move(*opened));
        if (file_->size() > limit()) {
            if (const auto cut = file_->restart(); !cut) return end_later(cut);
        }
        read_what_is_there();
    }

private:
    [[nodiscard]] std::uint64_t limit() const {
        return blob_.size > 0 ? static_cast<std::uint64_t>(blob_.size) : oci::kDocumentMax;
    }

    // What an earlier attempt left counts, but has to be hashed: in steps, as the loop has other
    // things to do.
    void read_what_is_there() {
        const auto more = file_->hash_some(kPieceMax);
        if (!more) return end_later(fail(more.error()));
        if (!*more) return next_piece();
        asio::post(loop_, [self = shared_from_this()] { self->read_what_is_there(); });
    }

    void next_piece() {
        if (file_->size() == limit()) return finish();
        const auto world = world_.lock();
        if (!world) return;
        if (holders_.empty()) return end_later(fail(Errc::NotFound, nobody()));
        const auto node = holders_.front();
        const auto wanted = std::min<std::uint64_t>(kPieceMax, limit() - file_->size());
        http::Request request{.method = "GET", .path = "/v1/blobs/" + blob_.digest};
        request.query["offset"] = std::to_string(file_->size());
        request.query["length"] = std::to_string(wanted);
        world->ask(node, request,
                   [self = shared_from_this(), node, wanted](Result<http::Response> answer) {
                       self->answered(node, wanted, std::move(answer));
                   });
    }

    void answered(const NodeId& node, std::uint64_t wanted, Result<http::Response> answer) {
        if (!answer) return failed(node, answer.error().detail);
        if (answer->status != 200) {
            return failed(node, "it answers " + std::to_string(answer->status));
        }
        if (answer->body.size() > wanted) return failed(node, "it sends more than was asked for");
        if (answer->body.empty()) {
            if (blob_.size > 0) return failed(node, "it has only a part of it");
            return finish();
        }
        const bool last = blob_.size == 0 && answer->body.size() < wanted;
        from_ = node;
        if (const auto kept = file_->append(answer->body); !kept) return end_later(kept);
        if (last) return finish();
        next_piece();
    }

    void finish() {
        if (file_->digest() == blob_.digest) return end_later({});
        const auto node = from_;
        if (const auto cut = file_->restart(); !cut) return end_later(cut);
        if (!node) return next_piece();  // An old file was wrong; nobody here is to blame.
        from_.reset();
        tries_[*node] = kTriesOfEach;
        failed(*node, "its bytes have another digest");
    }

    void failed(const NodeId& node, const std::string& why) {
        reasons_[node] = why;
        if (!holders_.empty() && holders_.front() == node) holders_.pop_front();
        if (++tries_[node] < kTriesOfEach) holders_.push_back(node);
        asio::post(loop_, [self = shared_from_this()] { self->next_piece(); });
    }

    [[nodiscard]] std::string nobody() const {
        if (reasons_.empty()) return "no node that can be reached holds it";
        std::string out;
        const auto world = world_.lock();
        for (const auto& [node, why] : reasons_) {
            out += (out.empty() ? "" : "; ") + (world ? world->name_of(node) : to_short(node)) +
                   ": " + why;
        }
        return out;
    }

    void end_later(Result<void> how) {
        asio::post(loop_, [self = shared_from_this(), how = std::move(how)] {
            if (self->world_.expired() || !self->done_) return;
            std::exchange(self->done_, {})(how);
        });
    }

    asio::io_context& loop_;
    std::weak_ptr<World> world_;
    oci::Descriptor blob_;
    std::function<void(Result<void>)> done_;
    std::optional<BlobFile> file_;
    std::deque<NodeId> holders_;
    std::map<NodeId, int> tries_;
    std::map<NodeId, std::string> reasons_;
    std::optional<NodeId> from_;  // who sent the last piece
};

Fetcher::Fetcher(asio::io_context& loop, World world)
    : loop_(loop), world_(std::make_shared<World>(std::move(world))) {}

Fetcher::~Fetcher() = default;

void Fetcher::fetch(const std::string& image_digest, const oci::Descriptor& blob,
                    const std::string& file, std::function<void(Result<void>)> done) {
    std::make_shared<Transfer>(loop_, world_, blob, std::move(done))->start(image_digest, file);
}

}  // namespace shoal::host::images
