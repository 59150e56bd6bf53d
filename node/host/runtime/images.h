// The images a runtime holds. Calls never block; answers come later, on the thread of the loop.
#pragma once

#include "node/base/bytes.h"
#include "node/base/result.h"
#include "node/host/oci/image.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace shoal::host {

struct HeldImage {
    std::vector<std::string> names{};  // what it is called here; those with a digest are ours
    oci::Descriptor target{};          // a manifest or an index
    std::int64_t total = 0;            // bytes of all its blobs
    std::vector<placement::PlainPort> exposed{};
};

// Gets one blob of an image from wherever it is, into a file: goes on where the file ends, so that
// nothing is fetched twice. Done: the file holds exactly the blob.
using FetchBlob =
    std::function<void(const std::string& image_digest, const oci::Descriptor& blob,
                       const std::string& file, std::function<void(Result<void>)> done)>;

class Images {
public:
    template <class T>
    using Done = std::function<void(Result<T>)>;

    virtual ~Images() = default;

    // Whole ones only: every blob is here.
    virtual void list(Done<std::vector<HeldImage>> done) = 0;
    // Takes the images of an archive (an OCI layout, or of `docker save`). `name`: what to call the
    // one in it; empty: what the archive calls them.
    virtual void load(const std::string& archive, const std::string& name,
                      Done<std::vector<HeldImage>> done) = 0;
    // A piece of a blob; less than `size` bytes at its end, none behind it.
    virtual void read_blob(const std::string& digest, std::uint64_t offset, std::size_t size,
                           Done<Bytes> done) = 0;
    // Forgets all its names; containerd collects what nothing else names. Not there: fine.
    virtual void remove(const std::string& digest, Done<void> done) = 0;
    // The folder that fills up with images and containers; empty: not known yet.
    [[nodiscard]] virtual std::string storage() const = 0;
};

}  // namespace shoal::host
