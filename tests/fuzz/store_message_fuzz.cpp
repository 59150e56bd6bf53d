// What stores say to one another.
#include "store/codec.h"
#include "tests/fuzz/feed.h"

using namespace shoal;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::fuzz_decoder<store::Message>(
        data, size, [](const auto& m) { return store::encode_message(m); },
        [](ByteView bytes) { return store::decode_message(bytes); });
    return 0;
}
