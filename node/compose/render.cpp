#include "node/compose/render.h"

#include "node/api/content.h"
#include "node/api/quantities.h"

#include <algorithm>
#include <string>
#include <utility>

namespace shoal::compose {
namespace {

// Read again, a dollar is a variable's.
Json text(const std::string& value) {
    return escaped_dollars(value);
}

Json escaped(const Json& json) {
    if (json.is_string()) return text(json.get_ref<const std::string&>());
    if (!json.is_structured()) return json;
    auto out = json.is_array() ? Json::array() : Json::object();
    for (const auto& item : json.items()) {
        if (json.is_array()) {
            out.push_back(escaped(item.value()));
        } else {
            out[item.key()] = escaped(item.value());
        }
    }
    return out;
}

Json texts(const std::vector<std::string>& values) {
    auto out = Json::array();
    for (const auto& value : values) {
        out.push_back(text(value));
    }
    return out;
}

Json settings(const std::map<std::string, std::string>& values) {
    auto out = Json::object();
    for (const auto& [name, value] : values) {
        out[name] = text(value);
    }
    return out;
}

Json ports(const Service& service) {
    auto out = Json::array();
    for (const auto& port : service.ports) {
        Json one = {{"target", port.container}};
        if (port.host != 0) one["published"] = std::to_string(port.host);
        if (!port.host_ip.empty()) one["host_ip"] = port.host_ip;
        one["protocol"] = port.udp ? "udp" : "tcp";
        out.push_back(std::move(one));
    }
    return out;
}

// With what runs alone: what is not required and not there cannot be named.
Json order(const Service& service, const Value& value) {
    auto out = Json::object();
    for (const auto& dependency : service.after) {
        Json one = {{"condition", dependency.condition}};
        if (!dependency.required) one["required"] = false;
        const auto* said = value.find(dependency.service);
        const auto* restart = said == nullptr ? nullptr : said->find("restart");
        if (restart != nullptr) one["restart"] = escaped(to_json(*restart));
        out[dependency.service] = std::move(one);
    }
    return out;
}

// As a node answers them: each kind with its own members.
Json mounts_of(const Service& service) {
    auto out = Json::array();
    for (const auto& mount : service.mounts) {
        Json one = {{"target", mount.target}, {"read_only", mount.read_only}, {"type", mount.type}};
        if (mount.type != "tmpfs") one["source"] = mount.source;
        if (mount.type == "volume") {
            one["shared"] = mount.shared;
            one["external"] = mount.external;
            one["copy"] = mount.copy;
        } else if (mount.type == "tmpfs") {
            one["size"] = mount.size;
            one["mode"] = api::octal(mount.mode);
        }
        out.push_back(std::move(one));
    }
    return out;
}

Json files_of(const Service& service) {
    auto out = Json::array();
    for (const auto& file : service.files) {
        out.push_back({{"target", file.target},
                       {"uid", file.uid},
                       {"gid", file.gid},
                       {"mode", api::octal(file.mode)},
                       {"secret", file.secret},
                       {"size", file.content.size()},
                       {"digest", api::digest_of(file.content)},
                       {"content_base64", api::to_base64(file.content)}});
    }
    return out;
}

Json after(const Project& project, const Service& service) {
    auto out = Json::array();
    for (const auto& dependency : service.after) {
        out.push_back({{"job", job_name(project.name, dependency.service)},
                       {"condition", condition_word(dependency.condition)},
                       {"required", dependency.required}});
    }
    return out;
}

// A key in its one resolved form; what is null for keys that have gone into others.
Json resolved_key(const Service& service, const Member& member) {
    const auto& key = member.key;
    if (member.value.kind == Value::Kind::Null) return nullptr;
    if (key == "profiles" || key == "env_file" || key == "label_file") return nullptr;
    if (key == "command") return texts(service.command);
    if (key == "entrypoint") return texts(service.entrypoint);
    if (key == "ports") return ports(service);
    if (key == "depends_on") return order(service, member.value);
    return escaped(to_json(member.value));
}

Json resolved_service(const Service& service, const Value& value) {
    auto out = Json::object();
    for (const auto& member : value.members) {
        const bool of_environment = member.key == "environment" || member.key == "env_file";
        const bool of_labels = member.key == "labels" || member.key == "label_file";
        // Where the first of the two stood.
        auto json = of_environment ? settings(service.environment)
                    : of_labels    ? settings(service.labels)
                                   : resolved_key(service, member);
        if (json.is_null()) continue;
        out[of_environment ? "environment" : of_labels ? "labels" : member.key] = std::move(json);
    }
    return out;
}

}  // namespace

Json resolved(const Project& project) {
    Json out = {{"name", project.name}};
    for (const auto& member : project.root.members) {
        if (member.key == "name") continue;
        if (member.key != "services") {
            out[member.key] = escaped(to_json(member.value));
            continue;
        }
        auto services = Json::object();
        for (const auto& service : project.services) {
            services[service.name] = resolved_service(service, *member.value.find(service.name));
        }
        out["services"] = std::move(services);
    }
    return out;
}

Json job_of(const Project& project, const Service& service, const std::string& folder) {
    auto labels = service.labels;
    labels[kProjectLabel] = project.name;
    labels[kServiceLabel] = service.name;
    if (!folder.empty()) labels[kFolderLabel] = folder;
    auto ports = Json::array();
    for (const auto& port : service.ports) {
        ports.push_back(to_string(port));
    }
    Json out{{"name", job_name(project.name, service.name)},
             {"image", service.image},
             {"mode", service.global ? "global" : "replicated"},
             {"replicas", service.replicas},
             {"entrypoint", service.entrypoint},
             {"command", service.command},
             {"environment", service.environment},
             {"labels", labels},
             {"cpus", static_cast<double>(service.cpu_milli) / 1000.0},
             {"memory", service.memory},
             {"ports", std::move(ports)},
             {"expose", service.names.exposed},
             {"aliases", service.names.aliases},
             {"links", service.names.links},
             {"constraints", service.placed.constraints},
             {"max_replicas_per_node", service.placed.per_node_max},
             {"restart", service.restart},
             {"on_partition", service.on_partition},
             {"reconcile", service.reconcile},
             {"stop_grace_ms", service.stop_grace_ms},
             {"init", service.init},
             {"process", service.process.members},
             {"spread", service.placed.spread},
             {"mounts", mounts_of(service)},
             {"files", files_of(service)},
             {"on_volume_node_loss", service.on_volume_node_loss},
             {"health", to_json(service.health)},
             {"after", after(project, service)}};
    if (service.global) out.erase("replicas");  // A node says how many that are.
    return out;
}

}  // namespace shoal::compose
