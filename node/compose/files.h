// Configs and secrets: what the file declares of them, and how a service has them.
#pragma once

#include "node/base/result.h"
#include "node/compose/interpolate.h"
#include "node/compose/reading.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace shoal::compose {

struct File {
    std::string target{};
    std::string content{};
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint32_t mode = 0444;
    bool secret = false;
};

// All that is handed to one job, together, travels in what describes it.
inline constexpr std::size_t kFileBytesMax = 64U << 10U;

// "0444", "444" and "0o444": modes are octal however they are written.
[[nodiscard]] std::optional<std::uint32_t> read_mode(const Value& value, Problems& problems);

// Of `configs` and `secrets`, in this order. `root`: the whole file.
[[nodiscard]] std::vector<File> read_files(const Value& service, const Value& root,
                                           const Variables& variables, const FileReader& read,
                                           Problems& problems);

}  // namespace shoal::compose
