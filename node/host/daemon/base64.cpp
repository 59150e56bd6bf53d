#include "node/host/daemon/base64.h"

#include <sodium.h>

namespace shoal::host {

std::string to_base64(ByteView bytes) {
    std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    (void)sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(),
                            sodium_base64_VARIANT_ORIGINAL);
    out.pop_back();  // the terminating zero
    return out;
}

std::optional<Bytes> from_base64(std::string_view text) {
    Bytes out(text.size());
    std::size_t size = 0;
    const char* end = nullptr;
    const int bad = sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr,
                                      &size, &end, sodium_base64_VARIANT_ORIGINAL);
    if (bad != 0 || end != text.data() + text.size()) return std::nullopt;
    out.resize(size);
    return out;
}

}  // namespace shoal::host
