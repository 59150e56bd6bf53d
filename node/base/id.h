// Identifiers that cannot be mistaken for one another, nor for a plain integer.
//
// 128 bits each: a NodeId is BLAKE2b-128 of the node's Ed25519 public key, the others are drawn at
// random by whoever creates the thing. They are ordered as big-endian numbers, so the order of ids,
// of their bytes and of their hex text is one order.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shoal {

template <class Tag>
struct Id128 {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    [[nodiscard]] constexpr bool is_zero() const { return high == 0 && low == 0; }

    friend constexpr auto operator<=>(const Id128&, const Id128&) = default;
};

using NodeId = Id128<struct NodeTag>;
using ClusterId = Id128<struct ClusterTag>;
using SubmissionId = Id128<struct SubmissionTag>;

namespace detail {
std::string hex128(std::uint64_t high, std::uint64_t low);
std::optional<std::array<std::uint64_t, 2>> parse_hex128(std::string_view text);
std::array<std::uint8_t, 16> bytes128(std::uint64_t high, std::uint64_t low);
}  // namespace detail

// 32 hex digits.
template <class Tag>
std::string to_hex(const Id128<Tag>& id) {
    return detail::hex128(id.high, id.low);
}

// The first 8 hex digits: how ids appear in logs and tables.
template <class Tag>
std::string to_short(const Id128<Tag>& id) {
    return to_hex(id).substr(0, 8);
}

// Exactly 32 hex digits, or nothing.
template <class Tag>
std::optional<Id128<Tag>> parse_id(std::string_view hex) {
    const auto words = detail::parse_hex128(hex);
    if (!words) return std::nullopt;
    return Id128<Tag>{(*words)[0], (*words)[1]};
}

// Big-endian bytes.
template <class Tag>
std::array<std::uint8_t, 16> to_bytes(const Id128<Tag>& id) {
    return detail::bytes128(id.high, id.low);
}

template <class Tag>
constexpr Id128<Tag> id_from_bytes(const std::array<std::uint8_t, 16>& bytes) {
    Id128<Tag> id;
    for (std::size_t i = 0; i < 8; ++i) {
        id.high = (id.high << 8U) | bytes[i];
        id.low = (id.low << 8U) | bytes[i + 8];
    }
    return id;
}

}  // namespace shoal
