#include "node/host/network/sysctl.h"

#include "node/host/network/files.h"

#include <algorithm>

namespace shoal::network {

Result<std::string> ensure_sysctl(const Sysctl& wanted) {
    const std::string file = "/proc/sys/" + wanted.path;
    auto value = read_file(file);
    if (!value && value.error().code == Errc::NotFound && wanted.optional) return std::string{};
    if (!value) return fail(value.error());
    while (!value->empty() && value->back() == '\n')
        value->pop_back();
    if (*value == wanted.value) return std::string{};
    if (auto set = overwrite(file, wanted.value); !set) return fail(set.error());
    std::string name = wanted.path;
    std::ranges::replace(name, '/', '.');
    return name + " was " + *value;
}

}  // namespace shoal::network
