// The table of keys itself. docs/compose.md is made from it.
#pragma once

#include "node/compose/keys.h"

#include <array>

namespace shoal::compose {

inline constexpr std::string_view kNamesMissing = "services do not find one another by name";
inline constexpr std::string_view kOneNetwork = "containers are not kept apart by networks";
inline constexpr std::string_view kImagesAreLoaded =
    "images are not built here: build it elsewhere, load it on a node, name it with 'image'";
inline constexpr std::string_view kDeclaresOnly =
    "only declares it; each use is judged where it stands";
inline constexpr std::string_view kWindows = "Windows alone";
inline constexpr std::string_view kRollout = "a change replaces replica by replica in its own way";

// clang-format off
inline constexpr auto kKeyRules = std::to_array<KeyRule>({
    // The file.
    {"", Treatment::Honoured},
    {"name", Treatment::Honoured},
    {"version", Treatment::Harmless, "obsolete; the specification ignores it too"},
    {"services", Treatment::Honoured},
    {"services.*", Treatment::Honoured},
    {"include.**", Treatment::NotYet, "other files are not read"},
    {"models.**", Treatment::Refused, "models are not served here"},
    {"networks", Treatment::Harmless, kDeclaresOnly},
    {"networks.*", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.driver", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.driver_opts.**", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.ipam.**", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.external.**", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.attachable", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.enable_ipv4", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.enable_ipv6", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.labels.**", Treatment::Harmless, kDeclaresOnly},
    {"networks.*.name", Treatment::Harmless, kDeclaresOnly},
    // Of the default network too, which no service names.
    {"networks.*.internal", Treatment::NotYet, kOneNetwork, "false"},
    {"volumes.**", Treatment::Harmless, kDeclaresOnly},
    {"secrets.**", Treatment::Harmless, kDeclaresOnly},
    {"configs.**", Treatment::Harmless, kDeclaresOnly},

    // What runs.
    {"services.*.image", Treatment::Honoured},
    {"services.*.build.**", Treatment::Refused, kImagesAreLoaded, "", "image"},
    {"services.*.command.**", Treatment::Honoured},
    {"services.*.entrypoint.**", Treatment::Honoured},
    {"services.*.environment.**", Treatment::Honoured},
    {"services.*.env_file", Treatment::Honoured},
    {"services.*.env_file.[]", Treatment::Honoured},
    {"services.*.env_file.[].path", Treatment::Honoured},
    {"services.*.env_file.[].required", Treatment::Honoured},
    {"services.*.env_file.[].format", Treatment::Honoured},
    {"services.*.labels.**", Treatment::Honoured},
    {"services.*.label_file.**", Treatment::NotYet, "labels are read from the file itself alone"},
    {"services.*.annotations.**", Treatment::Harmless, "labels say the same"},
    {"services.*.container_name", Treatment::Harmless, "replicas are named SERVICE.N"},
    {"services.*.hostname", Treatment::NotYet, "a container's host name is made from its service's"},
    {"services.*.domainname", Treatment::NotYet, "host names have no domain"},
    {"services.*.working_dir", Treatment::NotYet, "the image's is taken"},
    {"services.*.user", Treatment::NotYet, "the image's is taken"},
    {"services.*.group_add.**", Treatment::NotYet, "groups are those of the image's user"},
    {"services.*.init", Treatment::NotYet, "whether there is an init is the node's choice", "false"},
    {"services.*.stop_signal", Treatment::NotYet, "the image's is taken", "SIGTERM|TERM"},
    {"services.*.stop_grace_period", Treatment::Honoured},
    {"services.*.tty", Treatment::NotYet, "there are no terminals", "false"},
    {"services.*.stdin_open", Treatment::NotYet, "standard input is empty", "false"},
    {"services.*.platform", Treatment::Refused, "nodes run their own platform alone", "linux|linux/amd64"},
    {"services.*.runtime", Treatment::Refused, "nodes have one runtime, runc", "runc|io.containerd.runc.v2"},
    {"services.*.pull_policy", Treatment::Harmless, "images are loaded, never pulled"},
    {"services.*.pull_refresh_after", Treatment::Harmless, "images are loaded, never pulled"},
    {"services.*.profiles.**", Treatment::Honoured},
    {"services.*.extends.**", Treatment::NotYet, "write out what it would inherit"},
    {"services.*.provider.**", Treatment::Refused, "only containers run here"},
    {"services.*.models.**", Treatment::Refused, "models are not served here"},
    {"services.*.develop.**", Treatment::Harmless, "for watching sources while developing"},
    {"services.*.attach", Treatment::Harmless, "nothing is attached to"},
    {"services.*.logging.**", Treatment::Harmless, "logs are kept in files on the node"},
    {"services.*.x-shoal", Treatment::Honoured},
    {"services.*.x-shoal.on_partition", Treatment::Honoured},
    {"services.*.x-shoal.reconcile", Treatment::Honoured},

    // How long it runs and how one knows it is well.
    {"services.*.restart", Treatment::Honoured},
    {"services.*.healthcheck.**", Treatment::NotYet, "a replica is healthy while its process runs"},
    {"services.*.depends_on.**", Treatment::NotYet, "services start at the same time"},
    {"services.*.post_start.**", Treatment::NotYet, "there are no hooks"},
    {"services.*.pre_stop.**", Treatment::NotYet, "there are no hooks"},

    // How many, and where.
    {"services.*.scale", Treatment::Honoured},
    {"services.*.deploy", Treatment::Honoured},
    {"services.*.deploy.mode", Treatment::NotYet, "'replicated' is the one mode", "replicated"},
    {"services.*.deploy.replicas", Treatment::Honoured},
    {"services.*.deploy.endpoint_mode", Treatment::Harmless, "every replica has its own ports"},
    {"services.*.deploy.labels.**", Treatment::Harmless, "a job has no labels beside its containers'"},
    {"services.*.deploy.update_config.**", Treatment::Harmless, kRollout},
    {"services.*.deploy.rollback_config.**", Treatment::Harmless, kRollout},
    {"services.*.deploy.placement", Treatment::Honoured},
    {"services.*.deploy.placement.constraints.**", Treatment::Honoured},
    {"services.*.deploy.placement.max_replicas_per_node", Treatment::Honoured},
    {"services.*.deploy.placement.preferences.**", Treatment::Harmless, "a preference only; replicas are spread over nodes"},
    {"services.*.deploy.restart_policy", Treatment::Honoured},
    {"services.*.deploy.restart_policy.condition", Treatment::Honoured},
    {"services.*.deploy.restart_policy.delay", Treatment::Harmless, "the node waits longer after each crash"},
    {"services.*.deploy.restart_policy.window", Treatment::Harmless, "the node waits longer after each crash"},
    {"services.*.deploy.restart_policy.max_attempts", Treatment::Harmless, "after how many failures a node gives up is its own choice"},
    {"services.*.deploy.resources", Treatment::Honoured},
    {"services.*.deploy.resources.limits", Treatment::Honoured},
    {"services.*.deploy.resources.limits.cpus", Treatment::Honoured},
    {"services.*.deploy.resources.limits.memory", Treatment::Honoured},
    {"services.*.deploy.resources.limits.pids", Treatment::NotYet, "every container may have 4096 processes"},
    {"services.*.deploy.resources.reservations", Treatment::Honoured},
    {"services.*.deploy.resources.reservations.cpus", Treatment::Honoured},
    {"services.*.deploy.resources.reservations.memory", Treatment::Honoured},
    {"services.*.deploy.resources.reservations.devices.**", Treatment::NotYet, "no device is given to containers"},
    {"services.*.deploy.resources.reservations.generic_resources.**", Treatment::NotYet, "nodes offer cores and memory"},
    {"services.*.cpus", Treatment::Honoured},
    {"services.*.mem_limit", Treatment::Honoured},
    {"services.*.mem_reservation", Treatment::Honoured},
    {"services.*.cpu_count", Treatment::Harmless, kWindows},
    {"services.*.cpu_percent", Treatment::Harmless, kWindows},
    {"services.*.cpu_shares", Treatment::Harmless, "the share follows from 'cpus'"},
    {"services.*.cpu_period", Treatment::NotYet, "say 'cpus'"},
    {"services.*.cpu_quota", Treatment::NotYet, "say 'cpus'"},
    {"services.*.cpu_rt_period", Treatment::NotYet, "no container runs in real time"},
    {"services.*.cpu_rt_runtime", Treatment::NotYet, "no container runs in real time"},
    {"services.*.cpuset", Treatment::NotYet, "cores are shared, not given away"},
    {"services.*.mem_swappiness", Treatment::Harmless, "a container with a limit does not swap"},
    {"services.*.memswap_limit", Treatment::Harmless, "a container with a limit does not swap"},
    {"services.*.oom_kill_disable", Treatment::NotYet, "what exceeds its limit is killed", "false"},
    {"services.*.oom_score_adj", Treatment::Harmless, "the limits decide who is killed"},
    {"services.*.pids_limit", Treatment::NotYet, "every container may have 4096 processes"},
    {"services.*.blkio_config.**", Treatment::NotYet, "reading and writing is not limited"},
    {"services.*.shm_size", Treatment::NotYet, "/dev/shm has 64 MiB"},
    {"services.*.ulimits.**", Treatment::NotYet, "the node's are taken"},

    // What it may do.
    {"services.*.privileged", Treatment::Refused, "no container is privileged", "false"},
    {"services.*.read_only", Treatment::NotYet, "every root file system can be written to", "false"},
    {"services.*.cap_add.**", Treatment::NotYet, "every container has the same 14 capabilities"},
    {"services.*.cap_drop.**", Treatment::NotYet, "every container has the same 14 capabilities"},
    {"services.*.security_opt", Treatment::Honoured},
    {"services.*.security_opt.[]", Treatment::Refused, "only what is on anyway can be asked for", "no-new-privileges|no-new-privileges:true|no-new-privileges=true"},
    {"services.*.sysctls.**", Treatment::NotYet, "the node's are taken"},
    {"services.*.devices.**", Treatment::NotYet, "no device is given to containers"},
    {"services.*.device_cgroup_rules.**", Treatment::NotYet, "no device is given to containers"},
    {"services.*.gpus.**", Treatment::NotYet, "no device is given to containers"},
    {"services.*.cgroup", Treatment::Refused, "cgroups are the node's", "private"},
    {"services.*.cgroup_parent", Treatment::Refused, "cgroups are the node's"},
    {"services.*.ipc", Treatment::Refused, "every container has its own", "private|none|shareable"},
    {"services.*.pid", Treatment::Refused, "every container has its own processes"},
    {"services.*.uts", Treatment::Refused, "every container has its own host name"},
    {"services.*.userns_mode", Treatment::Refused, "users are not mapped"},
    {"services.*.isolation", Treatment::Refused, kWindows, "default"},
    {"services.*.credential_spec.**", Treatment::Refused, kWindows},
    {"services.*.storage_opt.**", Treatment::Refused, "a container's files are bounded by the node's disk alone"},
    {"services.*.use_api_socket", Treatment::Refused, "there is no engine to talk to", "false"},

    // Files.
    {"services.*.volumes.**", Treatment::NotYet, "what a container writes goes with it"},
    {"services.*.volumes_from.**", Treatment::NotYet, "what a container writes goes with it"},
    {"services.*.tmpfs.**", Treatment::NotYet, "/run and /dev/shm are all there is in memory"},
    {"services.*.configs.**", Treatment::NotYet, "no files are handed to containers"},
    {"services.*.secrets.**", Treatment::NotYet, "no files are handed to containers"},

    // The network.
    {"services.*.ports", Treatment::Honoured},
    {"services.*.ports.[]", Treatment::Honoured},
    {"services.*.ports.[].target", Treatment::Honoured},
    {"services.*.ports.[].published", Treatment::Honoured},
    {"services.*.ports.[].host_ip", Treatment::Honoured},
    {"services.*.ports.[].protocol", Treatment::Honoured},
    {"services.*.ports.[].mode", Treatment::Harmless, "a port is one of the node the replica runs on"},
    {"services.*.ports.[].name", Treatment::Harmless, "for people"},
    {"services.*.ports.[].app_protocol", Treatment::Harmless, "for people"},
    {"services.*.expose.**", Treatment::Harmless, "containers reach one another's ports anyway"},
    {"services.*.networks.**", Treatment::NotYet, kOneNetwork},
    {"services.*.network_mode", Treatment::NotYet, "every container is on its node's bridge", "bridge|default"},
    {"services.*.links.**", Treatment::NotYet, kNamesMissing},
    {"services.*.external_links.**", Treatment::NotYet, kNamesMissing},
    {"services.*.extra_hosts.**", Treatment::NotYet, "/etc/hosts is the node's to write"},
    {"services.*.dns.**", Treatment::NotYet, "the node's resolvers are taken"},
    {"services.*.dns_opt.**", Treatment::NotYet, "the node's resolvers are taken"},
    {"services.*.dns_search.**", Treatment::NotYet, "the node's resolvers are taken"},
    {"services.*.mac_address", Treatment::Refused, "addresses are chosen by the node"},
});
// clang-format on

}  // namespace shoal::compose
