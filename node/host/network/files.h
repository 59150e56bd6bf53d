// The few things done with files here: whole small ones, and who owns a descriptor.
#pragma once

#include "node/base/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shoal::network {

// Closes on destruction; -1: none.
class Descriptor {
public:
    Descriptor() = default;

    explicit Descriptor(int fd) : fd_(fd) {}

    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();

    [[nodiscard]] int get() const { return fd_; }

    [[nodiscard]] bool open() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

// "doing: No such file or directory", with the code that fits `number` (an errno).
[[nodiscard]] Error system_error(const std::string& doing, int number);

[[nodiscard]] Result<std::string> read_file(const std::string& path);
// Into an existing file, in one write: sysctls.
[[nodiscard]] Result<void> overwrite(const std::string& path, std::string_view content);
// A crash leaves the old file or the new one. Mode 0600.
[[nodiscard]] Result<void> replace_file(const std::string& path, std::string_view content);
// Missing is fine.
[[nodiscard]] Result<void> remove_file(const std::string& path);
// With its parents, mode 0700 what is new; existing is fine.
[[nodiscard]] Result<void> make_directory(const std::string& path);
// Names, sorted; a missing folder is empty.
[[nodiscard]] Result<std::vector<std::string>> list_directory(const std::string& path);

}  // namespace shoal::network
