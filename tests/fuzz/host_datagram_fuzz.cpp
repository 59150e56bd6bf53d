// Bytes from the network into open_datagram: as they come, and sealed by a member with a broken or
// hostile mind.
#include "node/base/check.h"
#include "node/host/net/datagram.h"

#include <algorithm>

namespace {

using namespace shoal;        // NOLINT(google-build-using-namespace)
using namespace shoal::host;  // NOLINT(google-build-using-namespace)

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ClusterKeyRing kKeys{Secret{32}};
    const ByteView bytes{data, size};
    (void)open_datagram(bytes, kProto, kKeys);
    if (size < 3) return 0;
    const ProtoRange proto{data[0], data[1]};
    Datagram sent{{1, 2}, {3, 4}, 5, 6, {}};
    const auto payload = bytes.subspan(2, std::min(size - 2, kDatagramPayloadMax));
    sent.payload.assign(payload.begin(), payload.end());
    const auto sealed = seal_datagram(sent, proto, kKeys);
    SHOAL_CHECK(sealed.has_value());
    const auto opened = open_datagram(*sealed, kProto, kKeys);
    SHOAL_CHECK(opened.has_value() == (proto.min <= proto.max && overlap(proto, kProto)));
    SHOAL_CHECK(!opened || *opened == sent);
    return 0;
}
