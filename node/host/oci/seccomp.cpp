#include "node/host/oci/seccomp.h"

#include "node/host/oci/seccomp_calls.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <sched.h>
#include <string_view>
#include <sys/socket.h>

namespace shoal::host::oci {
namespace {

// Execution domains a container may ask for: Linux, with and without address randomisation or the
// old memory layout; and the question which it has.
constexpr std::array<std::uint64_t, 5> kPersonalities{0x0, 0x8, 0x20000, 0x20008, 0xffffffff};

// Namespaces of its own would give a container the kernel's least tested doors.
constexpr std::uint64_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                         CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

constexpr std::uint32_t kNoSuchCall = 38;  // ENOSYS: the C library then uses clone instead

nlohmann::json allow_if(std::string_view name, std::uint64_t value, std::string_view operation) {
    return {{"names", {name}},
            {"action", "SCMP_ACT_ALLOW"},
            {"args", {{{"index", 0}, {"value", value}, {"op", operation}}}}};
}

}  // namespace

nlohmann::json seccomp_for(const std::vector<std::string>& capabilities) {
    const auto has = [&](std::string_view capability) {
        return std::find(capabilities.begin(), capabilities.end(), capability) !=
               capabilities.end();
    };
    auto rules = nlohmann::json::array();
    rules.push_back({{"names", kAllowed}, {"action", "SCMP_ACT_ALLOW"}});
    for (const auto value : kPersonalities) {
        rules.push_back(allow_if("personality", value, "SCMP_CMP_EQ"));
    }
    // Sockets to the hypervisor pass by every network rule.
    rules.push_back(allow_if("socket", AF_VSOCK, "SCMP_CMP_NE"));
    for (const auto& [capability, calls] : opened()) {
        if (has(capability)) rules.push_back({{"names", calls}, {"action", "SCMP_ACT_ALLOW"}});
    }
    if (!has("SYS_ADMIN")) {
        auto clone = allow_if("clone", kNewNamespaces, "SCMP_CMP_MASKED_EQ");
        clone["args"][0]["valueTwo"] = 0;
        rules.push_back(std::move(clone));
        // Its flags are behind a pointer, where no filter can look.
        rules.push_back(
            {{"names", {"clone3"}}, {"action", "SCMP_ACT_ERRNO"}, {"errnoRet", kNoSuchCall}});
    }
    return {{"defaultAction", "SCMP_ACT_ERRNO"},
            {"architectures", {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"}},
            {"syscalls", std::move(rules)}};
}

}  // namespace shoal::host::oci
