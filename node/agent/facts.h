// The names of the facts a node publishes in its origin log.
#pragma once

#include <string>
#include <string_view>

namespace shoal::agent {

inline const std::string kSelfFact = "node/self";  // placement::NodeFacts
inline constexpr std::string_view kClaimPrefix = "alloc/";
inline constexpr std::string_view kVolumePrefix = "volume/";  // placement::VolumeRecord
inline constexpr std::string_view kJobPrefix = "job/";
inline constexpr std::string_view kKvPrefix = "kv/";
// In the shared map: what a name of an image means. In a log: that this node holds the image.
inline constexpr std::string_view kImagePrefix = "image/";

}  // namespace shoal::agent
