// What arrives sealed and intact, and is still only what some member chose to send.
#include "node/agent/envelope.h"
#include "tests/fuzz/feed.h"

using namespace shoal;  // NOLINT(google-build-using-namespace)

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto encode = [](const auto& m) { return agent::encode_message(m); };
    fuzz::fuzz_decoder<agent::Message>(data, size, encode, [](ByteView bytes) {
        return agent::decode_message(bytes, agent::Channel::Stream);
    });
    fuzz::fuzz_decoder<agent::Message>(
        data, size, encode,
        [](ByteView bytes) { return agent::decode_message(bytes, agent::Channel::Datagram); },
        1200);
    return 0;
}
