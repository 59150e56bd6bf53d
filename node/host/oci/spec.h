// The OCI runtime spec of one container: restricted by default.
//
// A pure function from what is wanted to text. A job that says nothing gets 14 capabilities, a list
// of allowed system calls, no new privileges, no devices, bounded memory, CPU and processes.
// Whether one may have more than that is decided before (placement::needs_privilege); here it is
// given.
#pragma once

#include "node/base/result.h"
#include "node/host/oci/devices.h"
#include "node/host/oci/image.h"
#include "node/host/oci/user.h"
#include "placement/job.h"

#include <cstdint>
#include <string>
#include <vector>

namespace shoal::host::oci {

// What the host can do, and how it accounts for resources.
struct HostFacts {
    // Cgroups version 2 alone. Hybrid hosts count as version 1: that is where their limits are.
    bool unified = false;
    // Without it a limit on memory and swap together is refused by the kernel (version 1 only).
    bool swap_accounting = true;
    std::uint64_t open_files_max = 524'288;
    std::uint64_t capabilities = ~std::uint64_t{0};  // those it can give, a bit each
};

[[nodiscard]] HostFacts detect_host(const std::string& cgroups = "/sys/fs/cgroup");

// A file of the host that appears inside, read-only.
struct FileMount {
    std::string source{};
    std::string target{};
};

struct SpecWish {
    std::string id{};
    std::string hostname{};
    placement::Template container{};  // its volumes by their path on the host
    ImageConfig image{};
    User user{};
    std::string cgroups_path{};       // "/shoal/<namespace>/<id>"
    std::string network_namespace{};  // a path; empty: the host's
    // Files of the host that stand in for the image's; empty: left as they are.
    std::string hosts_file = "/etc/hosts";
    std::string resolver_file = "/etc/resolv.conf";
    std::vector<FileMount> files{};          // small ones that are handed in
    std::string init_path{};                 // a static init on the host that reaps; empty: none
    std::vector<std::string> environment{};  // NAME=value, said by the node; wins
    std::vector<Device> devices{};           // for one that is privileged
    HostFacts host{};
};

inline constexpr std::int64_t kPidsMax = 4096;
// Programs that need more ask for it, up to the host's limit; a high one slows down those that
// close every possible file before they start another program.
inline constexpr std::uint64_t kOpenFiles = 1024;
inline constexpr std::uint64_t kOpenFilesMax = 524'288;

// Refuses what has no program to run, and switches of a network that is the host's.
[[nodiscard]] Result<std::string> make_spec(const SpecWish& wish);

// Whether process 1 is the node's: for who asked for one, and for an input that stays open, whose
// other end somebody inside has to hold. A terminal never ends by itself.
[[nodiscard]] bool needs_init(const placement::Template& container);

// What runs: the job's entrypoint and command, else the image's. A job that names an entrypoint
// does not get the image's command: it belongs to the image's entrypoint.
[[nodiscard]] std::vector<std::string> arguments(const placement::Template& container,
                                                 const ImageConfig& image);

}  // namespace shoal::host::oci
