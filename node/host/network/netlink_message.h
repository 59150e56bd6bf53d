// Netlink messages as bytes: written and read without the kernel's macros, which cast pointers in
// ways our compilers refuse. Pure.
#pragma once

#include "node/base/bytes.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace shoal::network {

// Every part of a message starts at a multiple of four bytes.
[[nodiscard]] constexpr std::size_t netlink_aligned(std::size_t size) {
    return (size + 3) & ~std::size_t{3};
}

class Message {
public:
    // `flags` besides NLM_F_REQUEST.
    Message(std::uint16_t type, std::uint16_t flags);

    // The fixed part of a message (ifinfomsg and its like), or of a nested one.
    template <class Struct>
    Message& fixed(const Struct& part) {
        static_assert(std::is_trivially_copyable_v<Struct>);
        put(&part, sizeof part);
        return *this;
    }

    Message& raw(std::uint16_t type, ByteView value);
    Message& text(std::uint16_t type, std::string_view value);  // with its closing zero
    Message& bytes(std::uint16_t type, std::string_view value);
    Message& u8(std::uint16_t type, std::uint8_t value);
    Message& u16_network(std::uint16_t type, std::uint16_t value);  // big-endian on the wire
    Message& u32(std::uint16_t type, std::uint32_t value);
    Message& u32_network(std::uint16_t type, std::uint32_t value);

    // What `fill` adds becomes the content of one attribute.
    template <class Fill>
    Message& nested(std::uint16_t type, const Fill& fill) {
        const std::size_t begin = bytes_.size();
        attribute(nested_type(type), {});
        fill(*this);
        set_length(begin);
        return *this;
    }

    // A dump ends by itself; everything else is asked to be acknowledged.
    [[nodiscard]] bool is_dump() const;
    // With its length and `sequence` filled in.
    [[nodiscard]] const Bytes& finished(std::uint32_t sequence);

private:
    static std::uint16_t nested_type(std::uint16_t type);
    void put(const void* data, std::size_t size);
    void attribute(std::uint16_t type, ByteView value);
    void set_length(std::size_t begin);

    Bytes bytes_;
};

// Attributes of a received message: type -> content, a view into it. Flag bits of the type are
// dropped, of equal types the last counts, and what is malformed ends the list.
class Attributes {
public:
    explicit Attributes(ByteView bytes);

    [[nodiscard]] std::optional<ByteView> find(std::uint16_t type) const;
    [[nodiscard]] std::optional<std::uint32_t> u32(std::uint16_t type) const;
    [[nodiscard]] std::optional<std::uint32_t> u32_network(std::uint16_t type) const;
    [[nodiscard]] std::string text(std::uint16_t type) const;  // empty: there is none
    [[nodiscard]] Attributes nested(std::uint16_t type) const;

private:
    std::map<std::uint16_t, ByteView> found_;
};

// The fixed part at the front of `bytes`; zeros if there are too few.
template <class Struct>
[[nodiscard]] Struct read_fixed(ByteView bytes) {
    static_assert(std::is_trivially_copyable_v<Struct>);
    Struct out{};
    if (bytes.size() >= sizeof out) std::memcpy(&out, bytes.data(), sizeof out);
    return out;
}

// What follows the fixed part.
template <class Struct>
[[nodiscard]] Attributes attributes_after(ByteView bytes) {
    const std::size_t skipped = netlink_aligned(sizeof(Struct));
    return Attributes{bytes.size() < skipped ? ByteView{} : bytes.subspan(skipped)};
}

}  // namespace shoal::network
