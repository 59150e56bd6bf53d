// Bytes that must not leak: keys.
//
// They live in memory of sodium_malloc (guard pages, kept out of core dumps and of swap where the
// system allows it) and are wiped when dropped. They cannot be copied, compared with == or printed;
// whoever needs the bytes asks for a view and must not keep it.
#pragma once

#include "node/base/bytes.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace shoal::host {

class Secret {
public:
    Secret() = default;
    explicit Secret(std::size_t size);  // zeros
    explicit Secret(ByteView bytes);    // a copy; wiping the original is the caller's affair

    [[nodiscard]] static Secret random(std::size_t size);

    [[nodiscard]] Secret clone() const { return Secret{view()}; }

    [[nodiscard]] ByteView view() const { return {data_.get(), size_}; }

    [[nodiscard]] std::span<std::uint8_t> writable() { return {data_.get(), size_}; }

    [[nodiscard]] const std::uint8_t* data() const { return data_.get(); }

    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] bool empty() const { return size_ == 0; }

    // In constant time.
    [[nodiscard]] bool same_as(const Secret& other) const;

private:
    struct Wipe {
        void operator()(std::uint8_t* data) const;
    };

    std::unique_ptr<std::uint8_t, Wipe> data_;
    std::size_t size_ = 0;
};

// Overwrites text that held a secret.
void wipe(std::string& text);
void wipe(Bytes& bytes);

// Random bytes for nonces, ids and keys.
void fill_random(std::span<std::uint8_t> out);
[[nodiscard]] std::uint64_t random_u64();

}  // namespace shoal::host
