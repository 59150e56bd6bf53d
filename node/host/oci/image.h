// What an image says of itself: its manifest names a configuration and layers, the configuration
// how to run it. Bytes of strangers: everything here returns a Result and believes no type.
#pragma once

#include "node/base/bytes.h"
#include "node/base/result.h"
#include "placement/health.h"
#include "placement/names.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::host::oci {

struct Descriptor {
    std::string media_type{};
    std::string digest{};
    std::int64_t size = 0;
    friend bool operator==(const Descriptor&, const Descriptor&) = default;
};

struct Manifest {
    Descriptor config{};
    std::vector<Descriptor> layers{};
    friend bool operator==(const Manifest&, const Manifest&) = default;
};

// An index offers one manifest per platform; a manifest is one image.
struct Offer {
    Descriptor manifest{};
    std::string name{};  // what its annotations call it; may be empty
};

// How the image wants to be run.
struct ImageConfig {
    std::vector<std::string> entrypoint{};
    std::vector<std::string> command{};
    std::vector<std::string> environment{};  // NAME=value
    std::string user{};                      // "", "user", "uid", "user:group" ...
    std::string working_directory{};
    std::vector<std::string> diff_ids{};          // digests of the unpacked layers
    int stop_signal = 0;                          // 0: none named
    std::vector<placement::PlainPort> exposed{};  // as many as a job may have ports
    placement::HealthCheck check{};               // Kind::Image: none named
    friend bool operator==(const ImageConfig&, const ImageConfig&) = default;
};

// Descriptors beyond this many, or documents beyond this size, belong to no honest image.
inline constexpr std::size_t kLayersMax = 1024;
inline constexpr std::size_t kDocumentMax = 4U << 20U;

[[nodiscard]] bool is_digest(std::string_view text);  // sha256:<64 hex digits>

[[nodiscard]] std::string sha256(std::string_view bytes);  // "sha256:..."

[[nodiscard]] bool is_index(std::string_view document);
[[nodiscard]] Result<Manifest> parse_manifest(std::string_view document);
[[nodiscard]] Result<ImageConfig> parse_config(std::string_view document);

// What an index offers for linux on amd64, in its order.
[[nodiscard]] Result<std::vector<Offer>> parse_index(std::string_view document);

// The name of each layer with all below it: chain[n] = sha256(chain[n-1] + " " + diff[n]).
[[nodiscard]] std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids);

// "80", "80/tcp" or "53/udp".
[[nodiscard]] std::optional<placement::PlainPort> parse_exposed(std::string_view text);

}  // namespace shoal::host::oci
