// Fixed-width numbers and ids in big-endian bytes: the transport's own headers, which must be read
// before anything is trusted and so are no msgpack.
#pragma once

#include "node/base/bytes.h"
#include "node/base/id.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace shoal::host {

class OctetWriter {
public:
    explicit OctetWriter(Bytes& out) : out_(out) {}

    OctetWriter& u8(std::uint8_t value) {
        out_.push_back(value);
        return *this;
    }

    OctetWriter& u32(std::uint32_t value) { return number(value, 4); }

    OctetWriter& u64(std::uint64_t value) { return number(value, 8); }

    OctetWriter& bytes(ByteView value) {
        out_.insert(out_.end(), value.begin(), value.end());
        return *this;
    }

    OctetWriter& id(const NodeId& value) { return bytes(to_bytes(value)); }

private:
    OctetWriter& number(std::uint64_t value, unsigned width) {
        for (unsigned i = width; i > 0; --i) {
            out_.push_back(static_cast<std::uint8_t>(value >> (8U * (i - 1U))));
        }
        return *this;
    }

    Bytes& out_;
};

// Reads zeros past the end and remembers that it did.
class OctetReader {
public:
    explicit OctetReader(ByteView in) : in_(in) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(number(1)); }

    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }

    std::uint64_t u64() { return number(8); }

    template <std::size_t N>
    std::array<std::uint8_t, N> array() {
        std::array<std::uint8_t, N> out{};
        const auto view = bytes(N);
        std::copy(view.begin(), view.end(), out.begin());
        return out;
    }

    NodeId id() { return id_from_bytes<NodeTag>(array<16>()); }

    ByteView bytes(std::size_t count) {
        if (in_.size() < count) {
            short_ = true;
            in_ = {};
            return {};
        }
        const auto out = in_.first(count);
        in_ = in_.subspan(count);
        return out;
    }

    [[nodiscard]] ByteView rest() const { return in_; }

    // Everything asked for was there.
    [[nodiscard]] bool whole() const { return !short_; }

private:
    std::uint64_t number(std::size_t width) {
        std::uint64_t out = 0;
        for (const auto byte : bytes(width)) {
            out = (out << 8U) | byte;
        }
        return out;
    }

    ByteView in_;
    bool short_ = false;
};

}  // namespace shoal::host
