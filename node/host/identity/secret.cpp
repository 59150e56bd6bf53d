#include "node/host/identity/secret.h"

#include "node/base/check.h"

#include <sodium.h>

#include <algorithm>
#include <utility>

namespace shoal::host {
namespace {

// Idempotent and safe from any thread; without it sodium_malloc has no canary.
void ready() {
    SHOAL_CHECK(sodium_init() >= 0);
}

}  // namespace

void Secret::Wipe::operator()(std::uint8_t* data) const {
    sodium_free(data);
}

Secret::Secret(std::size_t size) : size_(size) {
    ready();
    data_.reset(static_cast<std::uint8_t*>(sodium_malloc(size)));
    SHOAL_CHECK(data_ != nullptr);
    sodium_memzero(data_.get(), size);
}

Secret::Secret(ByteView bytes) : Secret(bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), data_.get());
}

Secret Secret::random(std::size_t size) {
    Secret out{size};
    randombytes_buf(out.data_.get(), size);
    return out;
}

bool Secret::same_as(const Secret& other) const {
    return size_ == other.size_ &&
           (size_ == 0 || sodium_memcmp(data_.get(), other.data_.get(), size_) == 0);
}

void wipe(std::string& text) {
    sodium_memzero(text.data(), text.size());
    text.clear();
}

void wipe(Bytes& bytes) {
    sodium_memzero(bytes.data(), bytes.size());
    bytes.clear();
}

void fill_random(std::span<std::uint8_t> out) {
    ready();
    randombytes_buf(out.data(), out.size());
}

std::uint64_t random_u64() {
    std::uint64_t out = 0;
    ready();
    randombytes_buf(&out, sizeof out);
    return out;
}

}  // namespace shoal::host
