// Blobs from other nodes, piece by piece.
//
// Any holder will do, and each is believed only as far as the digest proves: a holder that dies in
// mid-transfer is replaced by the next, from the byte where it stopped; bytes that turn out wrong
// are thrown away, and who sent the last of them is not asked again. At most one piece of a blob is
// in memory.
#pragma once

#include "node/base/id.h"
#include "node/base/result.h"
#include "node/host/http/message.h"
#include "node/host/oci/image.h"

#include <asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace shoal::host::images {

inline constexpr std::size_t kPieceMax = 4U << 20U;

class Fetcher {
public:
    struct World {
        // Nodes that are there and hold the image, best first.
        std::function<std::vector<NodeId>(const std::string& image_digest)> holders{};
        std::function<std::string(const NodeId&)> name_of{};
        // Asks the API of another node.
        std::function<void(const NodeId&, const http::Request&,
                           std::function<void(Result<http::Response>)>)>
            ask{};
    };

    Fetcher(asio::io_context& loop, World world);
    // What is under way is not answered any more.
    ~Fetcher();
    Fetcher(const Fetcher&) = delete;
    Fetcher& operator=(const Fetcher&) = delete;

    // `done` is called later, once. NotFound: no holder could give it, with what each said; Full
    // and Io: the file. A size of 0 is unknown, and as large as a document at most.
    void fetch(const std::string& image_digest, const oci::Descriptor& blob,
               const std::string& file, std::function<void(Result<void>)> done);

private:
    class Transfer;

    asio::io_context& loop_;
    std::shared_ptr<World> world_;
};

}  // namespace shoal::host::images
