// A running 64-bit hash over any struct with fields(): the fingerprint of a run.
//
// Two runs of one seed must end with the same hash on every build and compiler (invariant S17), so
// only values go in: no addresses, no sizes of types, no hash-map order.
#pragma once

#include "node/base/bytes.h"
#include "node/base/endpoint.h"
#include "node/base/fields.h"
#include "node/base/hash.h"
#include "node/base/id.h"
#include "node/base/signer.h"
#include "node/base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace shoal {

class TraceHash {
public:
    [[nodiscard]] std::uint64_t value() const { return state_; }

    void add_word(std::uint64_t word) { state_ = mix(state_ ^ word); }

    void add_bytes(ByteView bytes) { add_word(siphash({bytes.size(), 0x73686f616cULL}, bytes)); }

    template <class T>
    void add(const T& value) {
        if constexpr (HasFields<const T>) {
            std::apply([this](const auto&... field) { (this->add(field), ...); }, fields(value));
        } else if constexpr (std::is_enum_v<T>) {
            add_word(static_cast<std::uint64_t>(value));
        } else if constexpr (std::is_arithmetic_v<T>) {
            add_word(static_cast<std::uint64_t>(value));
        } else {
            add_value(value);
        }
    }

private:
    void add_value(const std::string& text) {
        add_bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }

    void add_value(const Bytes& bytes) { add_bytes(bytes); }

    void add_value(const Blob& blob) { add_bytes(blob.view()); }

    void add_value(const PublicKey& key) { add_bytes(key.bytes); }

    void add_value(const Signature& signature) { add_bytes(signature.bytes); }

    void add_value(const Digest& digest) { add_bytes(digest.bytes); }

    void add_value(const WallTime& wall) { add_word(static_cast<std::uint64_t>(wall.ms)); }

    void add_value(const Duration& duration) {
        add_word(static_cast<std::uint64_t>(duration.count()));
    }

    void add_value(const Instant& at) {
        add_word(static_cast<std::uint64_t>(at.time_since_epoch().count()));
    }

    template <class Tag>
    void add_value(const Id128<Tag>& id) {
        add_word(id.high);
        add_word(id.low);
    }

    template <class T>
    void add_value(const std::optional<T>& value) {
        add_word(value ? 1 : 0);
        if (value) add(*value);
    }

    template <class... Cases>
    void add_value(const std::variant<Cases...>& value) {
        add_word(value.index());
        std::visit([this](const auto& held) { this->add(held); }, value);
    }

    template <class T>
    void add_value(const std::vector<T>& items) {
        add_word(items.size());
        for (const auto& item : items) {
            add(item);
        }
    }

    template <class Key, class T>
    void add_value(const std::map<Key, T>& items) {
        add_word(items.size());
        for (const auto& [key, item] : items) {
            add(key);
            add(item);
        }
    }

    template <class A, class B>
    void add_value(const std::pair<A, B>& pair) {
        add(pair.first);
        add(pair.second);
    }

    std::uint64_t state_ = 0;
};

}  // namespace shoal
