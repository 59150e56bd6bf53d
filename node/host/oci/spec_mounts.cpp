#include "node/host/oci/spec_mounts.h"

#include "node/api/quantities.h"

#include <algorithm>
#include <utility>

namespace shoal::host::oci {
namespace {

using Json = nlohmann::json;
using placement::Mount;
using placement::MountKind;

Json of_memory(const Mount& mount) {
    auto options = Json::array({"nosuid", "nodev", "noexec"});
    options.push_back("mode=" + api::octal(mount.mode == 0 ? 01777 : mount.mode));
    if (mount.size_bytes != 0) options.push_back("size=" + std::to_string(mount.size_bytes));
    if (mount.read_only) options.push_back("ro");
    return {{"destination", mount.target},
            {"type", "tmpfs"},
            {"source", "tmpfs"},
            {"options", std::move(options)}};
}

// A device file in a volume is nobody's door to the device.
Json of_folder(const Mount& mount) {
    return {{"destination", mount.target},
            {"type", "bind"},
            {"source", mount.source},
            {"options", {"rbind", "rprivate", "nodev", mount.read_only ? "ro" : "rw"}}};
}

void put(Json& mounts, Json one) {
    const auto same = std::find_if(mounts.begin(), mounts.end(), [&](const Json& other) {
        return other["destination"] == one["destination"];
    });
    if (same != mounts.end()) mounts.erase(same);
    mounts.push_back(std::move(one));
}

}  // namespace

void add_mounts(Json& mounts, const SpecWish& wish) {
    auto wanted = wish.container.mounts;
    // What lies inside another comes after it, or the other would cover it.
    std::stable_sort(wanted.begin(), wanted.end(),
                     [](const Mount& a, const Mount& b) { return a.target < b.target; });
    for (const Mount& mount : wanted) {
        put(mounts, mount.kind == MountKind::Tmpfs ? of_memory(mount) : of_folder(mount));
    }
    for (const FileMount& file : wish.files) {
        put(mounts, {{"destination", file.target},
                     {"type", "bind"},
                     {"source", file.source},
                     {"options", {"bind", "ro", "nosuid", "nodev", "noexec"}}});
    }
}

}  // namespace shoal::host::oci
