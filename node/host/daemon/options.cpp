#include "node/host/daemon/options.h"

#include "node/api/quantities.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <yaml-cpp/yaml.h>

namespace shoal::host {
namespace {

using Apply = std::function<Result<void>(AgentOptions&, const std::string&)>;

struct Entry {
    OptionWord word{};
    Apply apply{};
};

Result<void> bad(const std::string& word, const std::string& value, const std::string& valid) {
    return fail(Errc::Malformed, word + ": '" + value + "' is not valid; expected " + valid);
}

Result<void> apply_label(AgentOptions& options, const std::string& value) {
    const auto equals = value.find('=');
    if (equals == 0 || equals == std::string::npos) return bad("label", value, "KEY=VALUE");
    options.labels[value.substr(0, equals)] = value.substr(equals + 1);
    return {};
}

Result<void> apply_capacity(AgentOptions& options, const std::string& value) {
    const std::string valid = "cpus=N,memory=SIZE, for example cpus=1.5,memory=2GiB";
    std::string_view rest = value;
    while (!rest.empty()) {
        const auto part = rest.substr(0, rest.find(','));
        rest = part.size() == rest.size() ? std::string_view{} : rest.substr(part.size() + 1);
        if (part.starts_with("cpus=")) {
            const auto cpus = api::parse_cpus(part.substr(5));
            if (!cpus || *cpus == 0) return bad("capacity", value, valid);
            options.capacity.cpu_milli = *cpus;
        } else if (part.starts_with("memory=")) {
            const auto memory = api::parse_memory(part.substr(7));
            if (!memory || *memory == 0) return bad("capacity", value, valid);
            options.capacity.memory_bytes = *memory;
        } else {
            return bad("capacity", value, valid);
        }
    }
    return {};
}

Result<void> apply_bind(AgentOptions& options, const std::string& value) {
    auto path = value;
    while (path.size() > 1 && path.ends_with('/')) {
        path.pop_back();
    }
    if (!placement::is_plain_path(path)) {
        return bad("allow-bind", value, "an absolute path, without '.' and '..'");
    }
    options.allow_bind.push_back(path);
    return {};
}

Result<void> apply_runtime(AgentOptions& options, const std::string& value) {
    if (value == "none") {
        options.runtime = RuntimeKind::None;
    } else if (value == "fake") {
        options.runtime = RuntimeKind::Fake;
    } else if (value == "containerd") {
        options.runtime = RuntimeKind::Containerd;
    } else {
        return bad("runtime", value, "none, containerd or fake");
    }
    return {};
}

// As containerd has it: letters and digits, joined by single dots, dashes or underscores.
Result<void> apply_namespace(AgentOptions& options, const std::string& value) {
    bool good = !value.empty() && value.size() <= 63;
    bool word = false;
    for (const char c : value) {
        const bool joint = c == '-' || c == '.' || c == '_';
        good = good && (std::isalnum(static_cast<unsigned char>(c)) != 0 || (joint && word));
        word = !joint;
    }
    if (!good || !word) {
        return bad("containerd-namespace", value,
                   "1 to 63 letters and digits, with single '-', '.' or '_' between them");
    }
    options.containerd_namespace = value;
    return {};
}

Result<void> apply_network(AgentOptions& options, const std::string& value) {
    if (value != "bridge" && value != "host") return bad("network", value, "bridge or host");
    options.network = value == "bridge" ? NetworkKind::Bridge : NetworkKind::Host;
    return {};
}

Result<void> apply_port(AgentOptions& options, const std::string& value) {
    const auto port = api::parse_number<std::uint16_t>(value);
    if (!port || *port == 0) return bad("port", value, "a port from 1 to 65535");
    options.port = *port;
    return {};
}

Result<void> apply_name(AgentOptions& options, const std::string& value) {
    const bool good = !value.empty() && value.size() <= 63 &&
                      std::all_of(value.begin(), value.end(), [](unsigned char c) {
                          return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
                      });
    if (!good) return bad("name", value, "1 to 63 letters, digits, '-', '.' or '_'");
    options.name = value;
    return {};
}

Result<void> apply_log_level(AgentOptions& options, const std::string& value) {
    for (const auto* level : {"debug", "info", "warn", "error"}) {
        if (value == level) {
            options.log_level = value;
            return {};
        }
    }
    return bad("log-level", value, "debug, info, warn or error");
}

Result<void> apply_init(AgentOptions& options, const std::string& value) {
    if (value != "true" && value != "false") return bad("init", value, "true or false");
    options.init = value == "true";
    return {};
}

Result<void> apply_privileged(AgentOptions& options, const std::string& value) {
    if (value != "true" && value != "false") return bad("allow-privileged", value, "true or false");
    options.allow_privileged = value == "true";
    return {};
}

Apply text(std::string AgentOptions::*member) {
    return [member](AgentOptions& options, const std::string& value) -> Result<void> {
        options.*member = value;
        return {};
    };
}

const std::vector<Entry>& entries() {
    static const std::vector<Entry> table = {
        {{"data-dir", "DIR", "where this node keeps its identity and data"},
         text(&AgentOptions::data_dir)},
        {{"socket", "PATH", "the UNIX socket of the API"}, text(&AgentOptions::socket)},
        {{"bind", "ADDRESS", "listen on this address only (default: all)"},
         text(&AgentOptions::bind)},
        {{"advertise", "ADDRESS", "the address other nodes reach this one at"},
         text(&AgentOptions::advertise)},
        {{"port", "PORT", "UDP and TCP port between nodes"}, apply_port},
        {{"name", "NAME", "this node's name (default: the host's)"}, apply_name},
        {{"zone", "ZONE", "failure domain this node stands in"}, text(&AgentOptions::zone)},
        {{"label", "KEY=VALUE", "label for constraints; repeatable", true}, apply_label},
        {{"capacity", "cpus=N,memory=SIZE", "what this node offers (default: the host less 10 %)"},
         apply_capacity},
        {{"runtime", "none|containerd|fake", "what runs containers"}, apply_runtime},
        {{"containerd-socket", "PATH", "the UNIX socket of containerd"},
         text(&AgentOptions::containerd_socket)},
        {{"containerd-namespace", "NAME",
          "containerd's namespace of this node; nodes on one host need one each"},
         apply_namespace},
        {{"network", "bridge|host",
          "a network for each container, or the host's for all; with containerd"},
         apply_network},
        {{"bridge-subnet", "SUBNET",
          "of the bridge, for example 10.210.4.0/24 (default: a free one)"},
         text(&AgentOptions::bridge_subnet)},
        {{"service-subnet", "SUBNET", "for the addresses of services (default: a free one)"},
         text(&AgentOptions::service_subnet)},
        {{"allow-privileged", "",
          "take jobs that ask for capabilities or devices beyond their container"},
         apply_privileged},
        {{"allow-bind", "PATH",
          "containers may mount this folder of the host, and what is below; repeatable", true},
         apply_bind},
        {{"http", "ADDRESS:PORT", "also serve the API on TCP, with a bearer token"},
         text(&AgentOptions::http)},
        {{"log-level", "LEVEL", "debug, info, warn or error"}, apply_log_level},
        {{"init", "", "found a new cluster if this node is in none", false, false}, apply_init},
        {{"join", "HOST[:PORT]", "join through this node if in no cluster; repeatable", true,
          false},
         [](AgentOptions& options, const std::string& value) -> Result<void> {
             options.join.push_back(value);
             return {};
         }},
        {{"token-file", "FILE", "join token for --join ('-': standard input)", false, false},
         text(&AgentOptions::token_file)},
        {{"record", "FILE", "record this run for replay in the simulator", false, false},
         text(&AgentOptions::record)},
    };
    return table;
}

}  // namespace

std::string to_string(RuntimeKind kind) {
    switch (kind) {
        case RuntimeKind::None:
            return "none";
        case RuntimeKind::Fake:
            return "fake";
        case RuntimeKind::Containerd:
            return "containerd";
    }
    return "";
}

const std::vector<OptionWord>& option_words() {
    static const std::vector<OptionWord> words = [] {
        std::vector<OptionWord> out;
        for (const auto& entry : entries()) {
            out.push_back(entry.word);
        }
        return out;
    }();
    return words;
}

std::string environment_name(const std::string& word) {
    std::string out = "SHOAL_";
    for (const char c : word) {
        out.push_back(c == '-' ? '_'
                               : static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    }
    return out;
}

Result<void> apply_word(AgentOptions& options, const std::string& word, const std::string& value) {
    for (const auto& entry : entries()) {
        if (entry.word.name == word) return entry.apply(options, value);
    }
    return fail(Errc::NotFound, "no such setting: " + word);
}

Result<void> apply_environment(AgentOptions& options,
                               const std::map<std::string, std::string>& environment) {
    for (const auto& word : option_words()) {
        if (!word.in_file) continue;
        const auto found = environment.find(environment_name(word.name));
        if (found == environment.end()) continue;
        if (auto done = apply_word(options, word.name, found->second); !done) {
            return fail(done.error().code, found->first + ": " + done.error().detail);
        }
    }
    return {};
}

std::string print_config(const AgentOptions& options) {
    YAML::Emitter out;
    out << YAML::BeginMap;
    const auto line = [&](const char* word, const std::string& value) {
        if (!value.empty()) out << YAML::Key << word << YAML::Value << value;
    };
    line("data-dir", options.data_dir);
    line("socket", options.socket);
    line("bind", options.bind);
    line("advertise", options.advertise);
    out << YAML::Key << "port" << YAML::Value << options.port;
    line("name", options.name);
    line("zone", options.zone);
    if (!options.labels.empty()) {
        out << YAML::Key << "label" << YAML::Value << YAML::BeginSeq;
        for (const auto& [key, value] : options.labels) {
            out << key + "=" + value;
        }
        out << YAML::EndSeq;
    }
    if (options.capacity.cpu_milli != 0 || options.capacity.memory_bytes != 0) {
        line("capacity", "cpus=" + std::to_string(options.capacity.cpu_milli) +
                             "m,memory=" + std::to_string(options.capacity.memory_bytes));
    }
    line("runtime", to_string(options.runtime));
    line("containerd-socket", options.containerd_socket);
    line("containerd-namespace", options.containerd_namespace);
    line("network", options.network == NetworkKind::Bridge ? "bridge" : "host");
    line("bridge-subnet", options.bridge_subnet);
    line("service-subnet", options.service_subnet);
    if (options.allow_privileged) line("allow-privileged", "true");
    if (!options.allow_bind.empty()) {
        out << YAML::Key << "allow-bind" << YAML::Value << YAML::BeginSeq;
        for (const auto& folder : options.allow_bind) {
            out << folder;
        }
        out << YAML::EndSeq;
    }
    line("http", options.http);
    line("log-level", options.log_level);
    out << YAML::EndMap;
    return std::string{out.c_str()} + "\n";
}

}  // namespace shoal::host
