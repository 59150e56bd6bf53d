// What the market's messages may be.
#include "placement/codec.h"
#include "tests/fuzz/feed.h"

using namespace shoal;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::fuzz_decoder<placement::Message>(
        data, size, [](const auto& m) { return placement::encode_message(m); },
        [](ByteView bytes) {
            auto message = placement::decode_message(bytes);
            if (message && std::holds_alternative<placement::Bid>(*message)) {
                const auto& prices = std::get<placement::Bid>(*message).prices;
                SHOAL_CHECK(std::is_sorted(prices.begin(), prices.end()));
            }
            return message;
        });
    return 0;
}
