// Bytes on the wire: the one place that knows about msgpack. Include it in sources only (it is
// heavy); structs declare their fields with node/base/fields.h.
//
// A struct travels as an array of its fields, a variant as [index, value], an optional as nil or
// the value, ids and digests as binaries. A reader skips fields it does not know and keeps the
// default for those missing at the end. Decoding trusts nothing: size, item count and depth are
// bounded before anything is allocated, and every failure is a Result.
#pragma once

#include "node/base/bytes.h"
#include "node/base/endpoint.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/result.h"
#include "node/base/signer.h"
#include "node/base/time.h"

#include <msgpack.hpp>

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace shoal::wire {

using Packer = msgpack::packer<msgpack::sbuffer>;

// What one message may be. A datagram is one packet; a stream frame may be a megabyte.
struct Limits {
    std::size_t bytes = 1U << 20U;
    std::size_t items = 65'536;  // per array or map
    std::size_t depth = 12;
};

inline constexpr Limits kDatagram{1400, 1400, 12};
inline constexpr Limits kStream{};

namespace detail {

template <class T, template <class...> class Template>
inline constexpr bool kIs = false;
template <template <class...> class Template, class... Args>
inline constexpr bool kIs<Template<Args...>, Template> = true;

template <class T>
inline constexpr bool kIsId = false;
template <class Tag>
inline constexpr bool kIsId<Id128<Tag>> = true;

template <class T>
concept FixedBytes =
    std::same_as<T, PublicKey> || std::same_as<T, Signature> || std::same_as<T, Digest>;

[[noreturn]] inline void reject() {
    throw msgpack::type_error();
}

inline ByteView binary(const msgpack::object& object) {
    if (object.type != msgpack::type::BIN) reject();
    return {reinterpret_cast<const std::uint8_t*>(object.via.bin.ptr), object.via.bin.size};
}

inline void pack_binary(Packer& packer, ByteView bytes) {
    packer.pack_bin(static_cast<std::uint32_t>(bytes.size()));
    packer.pack_bin_body(reinterpret_cast<const char*>(bytes.data()),
                         static_cast<std::uint32_t>(bytes.size()));
}

}  // namespace detail

template <class T>
void pack(Packer& packer, const T& value);
template <class T>
void unpack(const msgpack::object& object, T& value);

namespace detail {

template <class... Cases>
void unpack_variant(const msgpack::object& object, std::variant<Cases...>& value) {
    if (object.type != msgpack::type::ARRAY || object.via.array.size != 2) reject();
    std::size_t wanted = 0;
    object.via.array.ptr[0].convert(wanted);
    std::size_t index = 0;
    bool found = false;
    const auto attempt = [&]<class Case>(std::type_identity<Case>) {
        if (index++ != wanted) return;
        Case read{};
        unpack(object.via.array.ptr[1], read);
        value = std::move(read);
        found = true;
    };
    (attempt(std::type_identity<Cases>{}), ...);
    if (!found) reject();
}

template <class Tuple>
void unpack_fields(const msgpack::object& object, Tuple&& target) {
    if (object.type != msgpack::type::ARRAY) reject();
    const std::span items{object.via.array.ptr, object.via.array.size};
    std::size_t next = 0;
    const auto take = [&](auto& field) {
        if (next < items.size()) unpack(items[next++], field);
    };
    std::apply([&](auto&... field) { (take(field), ...); }, target);
}

}  // namespace detail

template <class T>
void pack(Packer& packer, const T& value) {
    if constexpr (HasFields<const T>) {
        std::apply(
            [&](const auto&... field) {
                packer.pack_array(sizeof...(field));
                (pack(packer, field), ...);
            },
            fields(value));
    } else if constexpr (detail::kIs<T, std::variant>) {
        packer.pack_array(2);
        packer.pack(value.index());
        std::visit([&](const auto& held) { pack(packer, held); }, value);
    } else if constexpr (detail::kIs<T, std::optional>) {
        if (value) {
            pack(packer, *value);
        } else {
            packer.pack_nil();
        }
    } else if constexpr (std::same_as<T, Bytes>) {
        detail::pack_binary(packer, value);
    } else if constexpr (std::same_as<T, Blob>) {
        detail::pack_binary(packer, value.view());
    } else if constexpr (detail::kIs<T, std::vector>) {
        packer.pack_array(static_cast<std::uint32_t>(value.size()));
        for (const auto& item : value) {
            pack(packer, item);
        }
    } else if constexpr (detail::kIs<T, std::map>) {
        packer.pack_map(static_cast<std::uint32_t>(value.size()));
        for (const auto& [key, item] : value) {
            pack(packer, key);
            pack(packer, item);
        }
    } else if constexpr (detail::kIs<T, std::pair>) {
        packer.pack_array(2);
        pack(packer, value.first);
        pack(packer, value.second);
    } else if constexpr (detail::kIsId<T>) {
        detail::pack_binary(packer, to_bytes(value));
    } else if constexpr (detail::FixedBytes<T>) {
        detail::pack_binary(packer, value.bytes);
    } else if constexpr (std::same_as<T, WallTime>) {
        packer.pack(value.ms);
    } else if constexpr (std::same_as<T, Duration>) {
        packer.pack(value.count());
    } else if constexpr (std::same_as<T, Instant>) {
        packer.pack(value.time_since_epoch().count());
    } else if constexpr (std::is_enum_v<T>) {
        packer.pack(static_cast<std::underlying_type_t<T>>(value));
    } else {
        packer.pack(value);
    }
}

// Enums arrive as any number of their underlying type; a decoder's owner checks the range with
// `valid(value)` found by argument lookup where the enum declares one.
template <class T>
concept Validated = requires(T value) {
    { valid(value) } -> std::same_as<bool>;
};

template <class T>
void unpack(const msgpack::object& object, T& value) {
    if constexpr (HasFields<T>) {
        detail::unpack_fields(object, fields(value));
    } else if constexpr (detail::kIs<T, std::variant>) {
        detail::unpack_variant(object, value);
    } else if constexpr (detail::kIs<T, std::optional>) {
        value.reset();
        if (!object.is_nil()) unpack(object, value.emplace());
    } else if constexpr (std::same_as<T, Bytes>) {
        const auto bytes = detail::binary(object);
        value.assign(bytes.begin(), bytes.end());
    } else if constexpr (std::same_as<T, Blob>) {
        const auto bytes = detail::binary(object);
        value = Blob{Bytes{bytes.begin(), bytes.end()}};
    } else if constexpr (detail::kIs<T, std::vector>) {
        if (object.type != msgpack::type::ARRAY) detail::reject();
        const std::span items{object.via.array.ptr, object.via.array.size};
        value.clear();
        value.resize(items.size());
        for (std::size_t i = 0; i < items.size(); ++i) {
            unpack(items[i], value[i]);
        }
    } else if constexpr (detail::kIs<T, std::map>) {
        if (object.type != msgpack::type::MAP) detail::reject();
        value.clear();
        for (const auto& item : std::span{object.via.map.ptr, object.via.map.size}) {
            typename T::key_type key{};
            unpack(item.key, key);
            unpack(item.val, value[std::move(key)]);
        }
    } else if constexpr (detail::kIs<T, std::pair>) {
        if (object.type != msgpack::type::ARRAY || object.via.array.size != 2) detail::reject();
        unpack(object.via.array.ptr[0], value.first);
        unpack(object.via.array.ptr[1], value.second);
    } else if constexpr (detail::kIsId<T>) {
        const auto bytes = detail::binary(object);
        if (bytes.size() != 16) detail::reject();
        std::array<std::uint8_t, 16> copy{};
        std::copy(bytes.begin(), bytes.end(), copy.begin());
        const auto id = id_from_bytes<void>(copy);
        value = T{id.high, id.low};
    } else if constexpr (detail::FixedBytes<T>) {
        const auto bytes = detail::binary(object);
        if (bytes.size() != value.bytes.size()) detail::reject();
        std::copy(bytes.begin(), bytes.end(), value.bytes.begin());
    } else if constexpr (std::same_as<T, WallTime>) {
        object.convert(value.ms);
    } else if constexpr (std::same_as<T, Duration>) {
        Duration::rep count = 0;
        object.convert(count);
        value = Duration{count};
    } else if constexpr (std::same_as<T, Instant>) {
        Duration::rep count = 0;
        object.convert(count);
        value = Instant{Duration{count}};
    } else if constexpr (std::is_enum_v<T>) {
        std::underlying_type_t<T> number{};
        object.convert(number);
        value = static_cast<T>(number);
        if constexpr (Validated<T>) {
            if (!valid(value)) detail::reject();
        }
    } else {
        object.convert(value);
    }
}

template <class T>
Bytes encode(const T& value) {
    msgpack::sbuffer buffer;
    Packer packer{buffer};
    pack(packer, value);
    return {buffer.data(), buffer.data() + buffer.size()};
}

template <class T>
Result<T> decode(ByteView bytes, const Limits& limits = kStream) {
    if (bytes.size() > limits.bytes) {
        return fail(Errc::TooLarge, "a message of " + std::to_string(bytes.size()) +
                                        " bytes, over the limit of " +
                                        std::to_string(limits.bytes));
    }
    // msgpack reports by exception; this is where that ends.
    try {
        // No container can hold more items than there are bytes left to describe them.
        const auto items = std::min(limits.items, bytes.size());
        const msgpack::unpack_limit limit{items,        items,        limits.bytes,
                                          limits.bytes, limits.bytes, limits.depth};
        const auto* data = reinterpret_cast<const char*>(bytes.data());
        std::size_t offset = 0;
        const auto handle = msgpack::unpack(data, bytes.size(), offset, nullptr, nullptr, limit);
        if (offset != bytes.size()) return fail(Errc::Malformed, "bytes after the message");
        T value{};
        unpack(handle.get(), value);
        return value;
    } catch (const msgpack::unpack_error& error) {
        return fail(Errc::Malformed, error.what());
    } catch (const msgpack::type_error&) {
        return fail(Errc::Malformed, "a field has the wrong type");
    }
}

}  // namespace shoal::wire
