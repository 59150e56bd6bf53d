// What the registry says of images.
//
// The shared map has "image/NAME": what a name means. A node's log has "image/DIGEST": the node
// holds that image, with all its blobs.
#pragma once

#include "node/agent/agent.h"
#include "node/base/bytes.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/result.h"
#include "node/host/oci/image.h"

#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace shoal::host::images {

// Of a manifest or an index, and of everything it names together.
struct ImageRecord {
    std::string digest{};
    std::string media_type{};
    std::int64_t size = 0;   // of the document itself
    std::int64_t total = 0;  // bytes of all blobs; 0: unknown
    std::vector<placement::PlainPort> exposed{};
    friend bool operator==(const ImageRecord&, const ImageRecord&) = default;
};

auto fields(Is<ImageRecord> auto& v) {
    return std::tie(v.digest, v.media_type, v.size, v.total, v.exposed);
}

[[nodiscard]] Blob encode_record(const ImageRecord& record);
// Malformed: no digest, or sizes no image has.
[[nodiscard]] Result<ImageRecord> decode_record(ByteView bytes);

[[nodiscard]] std::string image_key(std::string_view name_or_digest);

// What this node knows now.
[[nodiscard]] std::optional<ImageRecord> named(const agent::Agent& agent, const std::string& name);

struct NamedImage {
    std::string name{};
    ImageRecord record{};
    WallTime at{};  // when the name came to mean this
};

[[nodiscard]] std::vector<NamedImage> all_named(const agent::Agent& agent);

struct Holder {
    NodeId node{};
    ImageRecord record{};
};

// Everybody whose log says so, present or not, ourselves included.
[[nodiscard]] std::vector<Holder> holders_of(const agent::Agent& agent, const std::string& digest);

// The ports an image says it listens on, as far as anybody has told.
[[nodiscard]] std::vector<placement::PlainPort> exposed_by(const agent::Agent& agent,
                                                           std::string_view digest);

// Every digest that somebody holds.
[[nodiscard]] std::vector<Holder> all_held(const agent::Agent& agent);

// The digests that jobs or this node's own replicas name, with what to call them.
[[nodiscard]] std::vector<std::string> jobs_using(const agent::Agent& agent,
                                                  std::string_view digest);
// Also: this node has promised to run it, whatever the job says by now.
[[nodiscard]] bool is_used(const agent::Agent& agent, std::string_view digest);

}  // namespace shoal::host::images
