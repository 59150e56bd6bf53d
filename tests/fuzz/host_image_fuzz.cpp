// What strangers may put where the registry speaks of images, and what people may call one.
#include "node/base/check.h"
#include "node/host/images/records.h"
#include "node/host/images/reference.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace {

using namespace shoal::host::images;  // NOLINT(google-build-using-namespace)

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (const auto record = decode_record({data, size})) {
        SHOAL_CHECK(*decode_record(encode_record(*record).view()) == *record);
    }
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto reference = parse_reference(text);
    if (!reference) return 0;
    // What is kept means what was written, and is kept as it is.
    SHOAL_CHECK(reference->name.size() <= kNameMax);
    const auto again = parse_reference(reference->name);
    SHOAL_CHECK(again && again->name == reference->name && again->digest.empty());
    if (reference->digest.empty()) return 0;
    SHOAL_CHECK(digest_in(pinned(reference->name, reference->digest)) == reference->digest);
    return 0;
}
