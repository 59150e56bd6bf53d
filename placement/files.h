// Small files a container finds at some of its paths, whatever its image has there: configs and
// secrets. Their content is part of the template, so a changed one is a changed container.
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace shoal::placement {

struct File {
    std::string target{};  // in the container
    Blob content{};
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t mode = 0444;
    bool secret = false;  // nobody is shown what is in it
    friend bool operator==(const File&, const File&) = default;
};

auto fields(Is<File> auto& v) {
    return std::tie(v.target, v.content, v.uid, v.gid, v.mode, v.secret);
}

inline constexpr std::size_t kFilesMax = 64;

// Empty: fine; else what is wrong and what would be right.
[[nodiscard]] std::string fault_of(const std::vector<File>& files);

[[nodiscard]] std::size_t text_size(const std::vector<File>& files);

}  // namespace shoal::placement
