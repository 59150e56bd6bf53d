#include "node/compose/names.h"

#include "node/base/host_name.h"
#include "node/compose/ports.h"
#include "node/compose/project.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::string_view kApart =
    "services that share no network would reach one another: a project has one network here";
constexpr std::string_view kOutside = "services of other projects are not found by name";
constexpr std::string_view kShared = "a name stands for one service; another of this file has it";

class Reader {
public:
    Reader(const Member& service, const std::string& project, Problems& problems)
        : service_(service), project_(project), problems_(problems) {}

    Names read() {
        out_.exposed = read_exposed(at(service_.value, "expose"), problems_);
        // Jobs have no capitals and no dots, people may.
        if (job_name(project_, service_.key) != project_ + "/" + service_.key) {
            out_.aliases.push_back(service_.key);
        }
        for (const char* key : {"container_name", "hostname"})
            read_alias(at(service_.value, key), key);
        for (const auto& network : at(service_.value, "networks").members) {
            for (const auto& alias : at(network.value, "aliases").items)
                read_alias(alias, "aliases");
        }
        read_links();
        return std::move(out_);
    }

private:
    void read_alias(const Value& value, std::string_view key) {
        if (value.kind == Value::Kind::Null) return;
        const auto name = read_text(value, key, problems_);
        if (!name) return;
        if (!is_host_name(*name)) {
            problems_.unfit(value, key, "a name of 1 to 63 letters, digits, '.', '_' and '-'");
        } else if (*name != service_.key && std::find(out_.aliases.begin(), out_.aliases.end(),
                                                      *name) == out_.aliases.end()) {
            out_.aliases.push_back(*name);
        }
    }

    // "db" or "db:database". Whether there is a db is for whoever knows the file.
    void read_links() {
        const auto& links = at(service_.value, "links");
        for (const auto& item : links.items) {
            const auto text = read_text(item, "links", problems_);
            if (!text) continue;
            const auto colon = text->find(':');
            const auto service = text->substr(0, colon);
            const auto name = colon == std::string::npos ? service : text->substr(colon + 1);
            if (service.empty() || !is_host_name(name)) {
                problems_.unfit(item, "links", "SERVICE or SERVICE:NAME");
            } else if (name != service) {
                out_.links[name] = job_name(project_, service);
            }
        }
    }

    const Member& service_;
    const std::string& project_;
    Problems& problems_;
    Names out_{};
};

// The networks a service is in; one that names none is in the default network.
std::set<std::string> networks_of(const Value& service) {
    const auto& networks = at(service, "networks");
    std::set<std::string> out;
    for (const auto& item : networks.items)
        out.insert(item.text);
    for (const auto& member : networks.members)
        out.insert(member.key);
    if (out.empty()) out.insert("default");
    return out;
}

using Networks = std::set<std::string>;

bool share_any(const Networks& a, const Networks& b) {
    return std::any_of(a.begin(), a.end(), [&](const std::string& one) { return b.contains(one); });
}

// Nobody draws so many; each is held against each.
constexpr std::size_t kDistinctMax = 256;

bool is_kept_apart(const Networks& own, const std::set<Networks>& all) {
    return all.size() > kDistinctMax ||
           std::any_of(all.begin(), all.end(),
                       [&](const Networks& other) { return !share_any(own, other); });
}

bool is_external(const Value& root, const std::string& network) {
    const auto& external = at(at(at(root, "networks"), network), "external");
    return external.kind == Value::Kind::Map || external.text == "true";
}

}  // namespace

Names read_names(const Member& service, const std::string& project, Problems& problems) {
    if (service.value.kind != Value::Kind::Map) return {};
    return Reader{service, project, problems}.read();
}

std::vector<Finding> judge_networks(const Value& root, const std::vector<std::string>& services) {
    std::vector<Finding> out;
    std::map<std::string, Networks> networks;
    std::set<Networks> distinct;
    std::map<std::string, std::string> owners;  // of aliases
    for (const auto& name : services) {
        networks[name] = networks_of(at(at(root, "services"), name));
        distinct.insert(networks[name]);
    }
    const auto complain = [&](const std::string& service, std::string_view why) {
        const auto& key = at(at(at(root, "services"), service), "networks");
        if (key.kind == Value::Kind::Null) return;
        out.push_back({{"services", service, "networks"}, key.mark, Treatment::NotYet, why});
    };
    for (const auto& name : services) {
        const auto& own = networks[name];
        if (std::any_of(own.begin(), own.end(),
                        [&](const std::string& one) { return is_external(root, one); })) {
            complain(name, kOutside);
        } else if (is_kept_apart(own, distinct)) {
            complain(name, kApart);
        }
        for (const auto& network : at(at(at(root, "services"), name), "networks").members) {
            for (const auto& alias : at(network.value, "aliases").items) {
                const auto owner = owners.emplace(alias.text, name).first->second;
                const bool of_another = networks.contains(alias.text) && alias.text != name;
                if (owner != name || of_another) complain(name, kShared);
            }
        }
    }
    return out;
}

}  // namespace shoal::compose
