// The cursor of a reader of logs: text that comes back from a stranger.
#include "node/base/check.h"
#include "node/host/logs/cursor.h"

#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace shoal::host::logs;  // NOLINT(google-build-using-namespace)
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const auto cursor = decode_cursor(text);
    if (!cursor) return 0;
    SHOAL_CHECK(cursor->size() <= kContainersMax);
    const auto again = decode_cursor(encode_cursor(*cursor));
    SHOAL_CHECK(again.has_value() && *again == *cursor);
    return 0;
}
