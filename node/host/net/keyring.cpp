#include "node/host/net/keyring.h"

#include "node/base/check.h"

#include <sodium.h>

namespace shoal::host {

Secret derive(const Secret& key, std::string_view label, ByteView context) {
    crypto_generichash_state state;
    Secret out{32};
    const auto bytes = to_bytes(label);
    // The label's length keeps ("ab", "c") apart from ("a", "bc").
    const auto length = static_cast<std::uint8_t>(label.size());
    SHOAL_CHECK(crypto_generichash_init(&state, key.data(), key.size(), out.size()) == 0);
    (void)crypto_generichash_update(&state, &length, 1);
    (void)crypto_generichash_update(&state, bytes.data(), bytes.size());
    (void)crypto_generichash_update(&state, context.data(), context.size());
    (void)crypto_generichash_final(&state, out.writable().data(), out.size());
    sodium_memzero(&state, sizeof state);
    return out;
}

TransportKey::TransportKey(const Secret& secret)
    : datagram(derive(secret, "shoal datagram 1", {})),
      hello(derive(secret, "shoal hello 1", {})),
      session(derive(secret, "shoal session 1", {})) {}

}  // namespace shoal::host
