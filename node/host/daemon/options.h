// What `shoal agent` can be told. One table of words serves the command line, the environment and
// the configuration file, so a flag and its line in /etc/shoal/agent.yaml can never differ.
#pragma once

#include "node/base/result.h"
#include "placement/types.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::host {

enum class RuntimeKind : std::uint8_t {
    None,  // bids nothing, runs nothing
    Fake,  // containers that exist in this process only: for trying out placement and for tests
    Containerd,
};

// The word of the flag, the configuration file and the status.
[[nodiscard]] std::string to_string(RuntimeKind kind);

enum class NetworkKind : std::uint8_t {
    Bridge,  // each container has a network of its own, on the node's bridge
    Host,    // containers share the host's network
};

struct AgentOptions {
    std::string data_dir = "/var/lib/shoal";
    std::string socket = "/run/shoal/shoal.sock";
    std::string bind{};       // address to listen on; empty: all
    std::string advertise{};  // address told to others; empty: found by the rule of operations.md
    std::uint16_t port = 7373;
    std::string name{};  // empty: the host's name
    std::string zone{};
    std::map<std::string, std::string> labels{};
    std::vector<std::string> allow_bind{};  // folders of this host that containers may mount
    placement::Resources capacity{};        // zero: the host's, less 10 %
    RuntimeKind runtime = RuntimeKind::None;
    std::string containerd_socket = "/run/containerd/containerd.sock";
    std::string containerd_namespace = "shoal";
    NetworkKind network = NetworkKind::Bridge;
    std::string bridge_subnet{};      // "10.210.4.0/24"; empty: remembered, or chosen
    std::string service_subnet{};     // the same, for the addresses of services
    bool allow_privileged = false;    // run what could do something to the host
    std::string http{};               // ADDRESS:PORT of the TCP API; empty: none
    bool init = false;                // found a cluster if this node is in none
    std::vector<std::string> join{};  // seeds HOST[:PORT]; join if this node is in no cluster
    std::string token_file{};         // "-": standard input; empty: SHOAL_TOKEN
    std::string record{};             // write a recording of this run here
    std::string log_level = "info";
};

struct OptionWord {
    std::string name{};         // "data-dir": --data-dir, data-dir: in the file, SHOAL_DATA_DIR
    std::string placeholder{};  // "DIR"; empty: a switch
    std::string help{};
    bool repeatable = false;  // may be given more than once; a list in the file
    bool in_file = true;      // --init, --join and --record belong to one start, not to a file
};

[[nodiscard]] const std::vector<OptionWord>& option_words();

// "SHOAL_DATA_DIR" for "data-dir".
[[nodiscard]] std::string environment_name(const std::string& word);

// Says what is wrong with the value and what would be valid. A switch takes "true" or "false".
[[nodiscard]] Result<void> apply_word(AgentOptions& options, const std::string& word,
                                      const std::string& value);

// Reads a YAML file of the same words. What is wrong with it is said with file, line and column.
[[nodiscard]] Result<void> apply_file(AgentOptions& options, const std::string& path);

// The environment, word by word: SHOAL_DATA_DIR and its like.
[[nodiscard]] Result<void> apply_environment(AgentOptions& options,
                                             const std::map<std::string, std::string>& environment);

// The effective settings as a configuration file.
[[nodiscard]] std::string print_config(const AgentOptions& options);

}  // namespace shoal::host
