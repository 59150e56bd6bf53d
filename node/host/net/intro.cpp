#include "node/host/net/intro.h"

#include "node/host/net/octets.h"

namespace shoal::host {
namespace {

Bytes signed_part(ByteView covered, const SessionId& session, Direction direction) {
    Bytes out = to_bytes("shoal intro 1");
    OctetWriter{out}.bytes(session).u8(static_cast<std::uint8_t>(direction)).bytes(covered);
    return out;
}

}  // namespace

Bytes encode_intro(const Intro& intro, const SessionId& session, Direction direction,
                   const Signer& signer) {
    Bytes out;
    OctetWriter writer{out};
    writer.u8(static_cast<std::uint8_t>(intro.purpose))
        .u8(intro.flags)
        .u64(intro.boot)
        .id(intro.to)
        .bytes(signer.public_key().bytes);
    const auto signature = signer.sign(signed_part(out, session, direction));
    writer.bytes(signature.bytes);
    return out;
}

Result<Intro> decode_intro(ByteView bytes, const SessionId& session, Direction direction,
                           const Signer& signer) {
    OctetReader reader{bytes};
    Intro out{};
    const auto purpose = reader.u8();
    out.flags = reader.u8();
    out.boot = reader.u64();
    out.to = reader.id();
    const PublicKey key{reader.array<32>()};
    const auto covered = bytes.first(bytes.size() - reader.rest().size());
    const Signature signature{reader.array<64>()};
    // What a newer node adds behind the signature is not ours to judge.
    if (!reader.whole()) return fail(Errc::Malformed, "an introduction cut short");
    if (purpose > static_cast<std::uint8_t>(Purpose::Relay)) {
        return fail(Errc::Malformed, "a connection for a purpose this version does not know");
    }
    if (!signer.verify(key, signed_part(covered, session, direction), signature)) {
        return fail(Errc::Denied, "an introduction whose signature does not hold");
    }
    out.purpose = static_cast<Purpose>(purpose);
    out.from = signer.id_of(key);
    return out;
}

}  // namespace shoal::host
