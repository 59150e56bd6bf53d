// What reads a connection: greeting, frame head, frame, introduction.
#include "node/base/check.h"
#include "node/host/identity/sodium_signer.h"
#include "node/host/net/frame.h"
#include "node/host/net/hello.h"
#include "node/host/net/intro.h"

#include <algorithm>

namespace {

using namespace shoal;        // NOLINT(google-build-using-namespace)
using namespace shoal::host;  // NOLINT(google-build-using-namespace)

void greet(ByteView bytes) {
    static const ClusterKeyRing kKeys{Secret{32}};
    const auto hello = parse_hello(bytes);
    if (!hello) return;
    HelloBytes call{};
    std::copy(bytes.begin(), bytes.end(), call.begin());
    SHOAL_CHECK(encode_hello(*hello) == call);
    // Nobody gets in without the key.
    const auto reply = answer_call(call, *hello, ClusterId{1, 2}, kProto, kKeys);
    SHOAL_CHECK(reply.reject != Reject::None);
    (void)answer_is_genuine(call, call, *kKeys.find(0));
}

// A member with the key sends anything at all as a frame.
void frame(ByteView bytes) {
    static const TransportKey kKey{Secret{32}};
    FrameSeal sender{kKey, {1}, Direction::FromCaller};
    FrameSeal receiver{kKey, {1}, Direction::FromCaller};
    SHOAL_CHECK(!receiver.open(bytes));
    const auto type = static_cast<FrameType>(bytes.empty() ? 0 : bytes[0]);
    Bytes sealed;
    sender.seal(type, bytes, sealed);
    const auto opened = receiver.open(ByteView{sealed}.subspan(kFrameHead));
    SHOAL_CHECK(opened.has_value() == (type <= FrameType::Goodbye));
    SHOAL_CHECK(!opened || std::equal(bytes.begin(), bytes.end(), opened->payload.begin(),
                                      opened->payload.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const SodiumSigner kSigner = *SodiumSigner::from_seed(Secret{SodiumSigner::kSeedBytes});
    const ByteView bytes{data, size};
    greet(bytes);
    frame(bytes);
    (void)decode_intro(bytes, {1}, Direction::FromCaller, kSigner);
    if (size >= kFrameHead) {
        const auto length = frame_length({data[0], data[1], data[2], data[3]}, 1000);
        SHOAL_CHECK(!length || (*length >= kFrameOverhead && *length <= 1000));
    }
    return 0;
}
