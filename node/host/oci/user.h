// Who a container runs as: "user[:group]" of an image, looked up in the image's own files.
#pragma once

#include "node/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::host::oci {

struct User {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::vector<std::uint32_t> groups{};
    friend bool operator==(const User&, const User&) = default;
};

// Whether `text` cannot be resolved without the image's /etc/passwd and /etc/group. A number alone
// can do with them too: its primary group stands there.
[[nodiscard]] bool needs_files(std::string_view text);

// As above, for groups beside the user's own.
[[nodiscard]] bool needs_files(const std::vector<std::string>& groups);

// `passwd` and `group` are the texts of the image's files; empty if it has none.
[[nodiscard]] Result<User> find_user(std::string_view text, std::string_view passwd,
                                     std::string_view group);

// Adds them to those the user has anyway.
[[nodiscard]] Result<void> add_groups(User& user, const std::vector<std::string>& groups,
                                      std::string_view group);

}  // namespace shoal::host::oci
