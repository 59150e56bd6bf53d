// Byte strings, and a shareable handle to one.
//
// Values travel through the store, the journal and a thousand simulated replicas without being
// copied: a Blob is immutable and shared. Equality is by content.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shoal {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

class Blob {
public:
    Blob() = default;

    explicit Blob(Bytes bytes) : data_(std::make_shared<const Bytes>(std::move(bytes))) {}

    [[nodiscard]] ByteView view() const { return data_ ? ByteView{*data_} : ByteView{}; }

    [[nodiscard]] std::size_t size() const { return data_ ? data_->size() : 0; }

    [[nodiscard]] bool empty() const { return size() == 0; }

    friend bool operator==(const Blob& a, const Blob& b) {
        if (a.data_ == b.data_) return true;
        const auto left = a.view();
        const auto right = b.view();
        return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin());
    }

private:
    std::shared_ptr<const Bytes> data_;
};

inline Bytes to_bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

inline Blob to_blob(std::string_view text) {
    return Blob{to_bytes(text)};
}

inline std::string to_text(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace shoal
