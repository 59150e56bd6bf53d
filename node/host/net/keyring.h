// Which key seals what goes to a peer, and which opens what came.
//
// Today one key for all, the cluster's. The look-up is per peer, and every packet names its key by
// a number in clear, so that pair keys and rotation change this file and no other.
#pragma once

#include "node/base/id.h"
#include "node/host/identity/secret.h"

#include <cstdint>
#include <string_view>

namespace shoal::host {

// The keys made from one secret, one per use, so that no two uses ever share one.
struct TransportKey {
    explicit TransportKey(const Secret& secret);

    Secret datagram;  // XChaCha20-Poly1305
    Secret hello;     // keyed BLAKE2b
    Secret session;   // root of the keys of one connection
};

// BLAKE2b-256 keyed by `key` over the label and the context.
[[nodiscard]] Secret derive(const Secret& key, std::string_view label, ByteView context);

class KeyRing {
public:
    struct Named {
        std::uint32_t id = 0;
        const TransportKey* key = nullptr;
    };

    virtual ~KeyRing() = default;

    // Never null. `peer` zero: a seed whose id is not known.
    [[nodiscard]] virtual Named key_for(const NodeId& peer) const = 0;
    // Null: no such key.
    [[nodiscard]] virtual const TransportKey* find(std::uint32_t id) const = 0;
};

class ClusterKeyRing final : public KeyRing {
public:
    explicit ClusterKeyRing(const Secret& cluster_key) : key_(cluster_key) {}

    [[nodiscard]] Named key_for(const NodeId& /*peer*/) const override { return {kId, &key_}; }

    [[nodiscard]] const TransportKey* find(std::uint32_t id) const override {
        return id == kId ? &key_ : nullptr;
    }

private:
    static constexpr std::uint32_t kId = 0;
    TransportKey key_;
};

}  // namespace shoal::host
