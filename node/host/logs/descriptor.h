// A file descriptor that is closed when nobody has it any more.
#pragma once

#include <unistd.h>
#include <utility>

namespace shoal::host::logs {

class Descriptor {
public:
    Descriptor() = default;

    explicit Descriptor(int number) : number_(number) {}

    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }

    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }

    explicit operator bool() const { return number_ >= 0; }

    [[nodiscard]] int get() const { return number_; }

private:
    int number_ = -1;
};

}  // namespace shoal::host::logs
