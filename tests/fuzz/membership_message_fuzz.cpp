// What a member says of members, and the rows of the roster.
#include "membership/codec.h"
#include "tests/fuzz/feed.h"

using namespace shoal;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::fuzz_decoder<membership::Message>(
        data, size, [](const auto& m) { return membership::encode_message(m); },
        [](ByteView bytes) { return membership::decode_message(bytes); });
    fuzz::fuzz_decoder<membership::Claim>(
        data, size, [](const auto& c) { return membership::encode_claim(c); },
        [](ByteView bytes) { return membership::decode_claim(bytes); }, 1400);
    return 0;
}
