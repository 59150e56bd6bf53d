#include "node/compose/project.h"

#include "node/compose/env_file.h"
#include "node/compose/schema.h"
#include "node/compose/yaml.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::size_t kNameMax = 63;
constexpr const char* kNameRule =
    "1 to 63 lower-case letters, digits, '_' and '-', beginning with a letter or digit";

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_project_name(const std::string& name) {
    return !name.empty() && name.size() <= kNameMax && is_alphanumeric(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; });
}

// What the specification makes of a folder's name.
std::string name_of_folder(const std::string& folder) {
    std::string out;
    for (const char c : folder) {
        const char low = lower(c);
        const bool fits = is_alphanumeric(low) || (!out.empty() && (low == '_' || low == '-'));
        if (fits && out.size() < kNameMax) out += low;
    }
    return out;
}

class Loading {
public:
    explicit Loading(const Source& source) : source_(source) {}

    tl::expected<Project, std::vector<Problem>> project() {
        if (!read_root() || !resolve_name()) return failed();
        out_.findings = find_unhonoured(out_.root, problems_);
        read_services();
        if (problems_.empty()) {
            if (auto problem = hold_against_schema(out_.root)) problems_.add(std::move(*problem));
        }
        if (!problems_.empty()) return failed();
        sort_by_place(out_.remarks);
        return std::move(out_);
    }

    tl::expected<Named, std::vector<Problem>> name() {
        if (!read_variables()) return failed();
        auto root = parse_yaml(source_.text);
        if (!root) {
            problems_.add(root.error());
            return failed();
        }
        // Of a file that may need variables nobody set for this, one member counts.
        Value name;
        if (const auto* found = root->find("name")) name = *found;
        if (!interpolate(name)) return failed();
        out_.root = Value{Value::Kind::Map, {}};
        out_.root.members.push_back({"name", name.mark, name});
        if (!resolve_name()) return failed();
        return Named{out_.name, out_.named_by};
    }

private:
    tl::unexpected<std::vector<Problem>> failed() {
        return tl::unexpected<std::vector<Problem>>{problems_.take()};
    }

    bool read_root() {
        if (!read_variables()) return false;
        auto root = parse_yaml(source_.text);
        if (!root) {
            problems_.add(root.error());
            return false;
        }
        if (root->kind != Value::Kind::Map) {
            problems_.add(root->mark, "a Compose file is a map with 'services'; this is " +
                                          std::string{name_of(root->kind)});
            return false;
        }
        out_.root = std::move(*root);
        return interpolate(out_.root);
    }

    bool interpolate(Value& value) {
        Interpolation interpolation{variables_};
        const auto done = interpolation.apply(value);
        if (!done) problems_.add(done.error());
        for (const auto& [name, mark] : interpolation.unset()) {
            out_.remarks.push_back(
                {mark, "variable " + shown(name) + " is not set; it is taken as empty"});
        }
        return done.has_value();
    }

    bool read_variables() {
        variables_ = source_.environment;
        if (source_.env_files.empty()) {
            // Missing is fine, and so is a folder of that name.
            if (const auto text = source_.read(".env")) add_variables(".env", *text);
        }
        for (const auto& file : source_.env_files) {
            const auto text = source_.read(file);
            if (text) {
                add_variables(file, *text);
            } else {
                problems_.add({}, file + ": " + text.error().detail);
            }
        }
        return problems_.empty();
    }

    void add_variables(const std::string& file, const std::string& text) {
        auto read = parse_env_file(text, EnvFormat::Quoted, variables_);
        if (!read) {
            problems_.add({}, to_string(file, read.error()));
            return;
        }
        for (auto& [name, value] : *read) {
            if (!source_.environment.contains(name)) variables_[name] = std::move(value);
        }
    }

    bool resolve_name() {
        const auto* member = out_.root.find("name");
        const auto variable = variables_.find("COMPOSE_PROJECT_NAME");
        out_.named_by = NamedBy::Person;
        if (!source_.project.empty()) {
            return take_name(source_.project, {}, "-p");
        }
        if (variable != variables_.end() && !variable->second.empty()) {
            return take_name(variable->second, {}, "COMPOSE_PROJECT_NAME");
        }
        if (member != nullptr && member->kind != Value::Kind::Null) {
            out_.named_by = NamedBy::File;
            const auto name = read_text(*member, "name", problems_);
            return name && take_name(*name, member->mark, "name");
        }
        out_.named_by = NamedBy::Folder;
        const auto name = name_of_folder(source_.folder);
        if (!name.empty()) return take_name(name, {}, "the folder");
        problems_.add({}, "the project has no name, and its folder's " + shown(source_.folder) +
                              " makes none; say 'name:' or -p NAME");
        return false;
    }

    bool take_name(const std::string& name, Mark mark, const std::string& who) {
        out_.name = name;
        if (is_project_name(name)) return true;
        problems_.add(
            mark, who + ": " + shown(name) + " is no name of a project; allowed are " + kNameRule);
        return false;
    }

    void read_services() {
        const auto* services = out_.root.find("services");
        if (services == nullptr || services->kind != Value::Kind::Map ||
            services->members.empty()) {
            problems_.add(services == nullptr ? Mark{} : services->mark,
                          "'services' is missing or no map; expected NAME: {image: ...}");
            return;
        }
        const auto profiles = wanted_profiles();
        const Surroundings around{variables_, source_.read, out_.name, out_.root};
        std::vector<Problem> remarks;
        for (const auto& member : services->members) {
            auto service = read_service(member, around, problems_, remarks);
            check_references(member);
            if (is_wanted(service, profiles)) {
                check_job_name(service);
                std::move(service.refused.begin(), service.refused.end(),
                          std::back_inserter(out_.findings));
                out_.services.push_back(std::move(service));
                std::move(remarks.begin(), remarks.end(), std::back_inserter(out_.remarks));
            } else {
                out_.inactive.push_back(member.key);
            }
            remarks.clear();
        }
        judge_names();
        share_volumes();
        settle_order(out_.services, {out_.inactive.begin(), out_.inactive.end()}, problems_);
        std::erase_if(out_.findings, [&](const Finding& finding) {
            return finding.path.size() > 1 && finding.path[0] == "services" &&
                   std::find(out_.inactive.begin(), out_.inactive.end(), finding.path[1]) !=
                       out_.inactive.end();
        });
    }

    void judge_names() {
        std::vector<std::string> active;
        for (const auto& service : out_.services)
            active.push_back(service.name);
        auto found = judge_networks(out_.root, active);
        std::move(found.begin(), found.end(), std::back_inserter(out_.findings));
    }

    // One that several services name is one for all of them; else each replica has its own.
    void share_volumes() {
        std::map<std::string, std::set<std::string>> users;
        for (const auto& service : out_.services) {
            for (const auto& mount : service.mounts) {
                if (mount.type == "volume") users[mount.source].insert(service.name);
            }
        }
        for (auto& service : out_.services) {
            for (auto& mount : service.mounts) {
                if (mount.type != "volume") continue;
                mount.shared = mount.external || users[mount.source].size() > 1;
                const auto who = "services." + service.name + ": ";
                const auto what = " has a volume " + shown(mount.source) + " of its own";
                if (service.global && mount.shared) {
                    problems_.add(service.mark, who + "it is global, so each node" + what +
                                                    "; one that is external or another service's "
                                                    "is on one node");
                } else if (service.global) {
                    out_.remarks.push_back({service.mark, who + "each node" + what});
                } else if (!mount.shared && service.replicas > 1) {
                    out_.remarks.push_back({service.mark, who + "each of its " +
                                                              std::to_string(service.replicas) +
                                                              " replicas" + what});
                }
            }
        }
    }

    std::set<std::string> wanted_profiles() const {
        auto out = source_.profiles;
        const auto found = variables_.find("COMPOSE_PROFILES");
        std::string_view rest =
            found == variables_.end() ? std::string_view{} : std::string_view{found->second};
        while (!rest.empty()) {
            const auto comma = rest.find(',');
            out.emplace(rest.substr(0, comma));
            rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
        }
        return out;
    }

    static bool is_wanted(const Service& service, const std::set<std::string>& profiles) {
        const auto& own = service.profiles;
        return own.empty() || profiles.contains("*") ||
               std::any_of(own.begin(), own.end(),
                           [&](const std::string& one) { return profiles.contains(one); });
    }

    // Two services may differ in capitals alone; their jobs cannot.
    void check_job_name(const Service& service) {
        const auto job = job_name(out_.name, service.name);
        const auto [first, fresh] = jobs_.emplace(job, service.name);
        if (!fresh) {
            problems_.add(service.mark, "services " + shown(first->second) + " and " +
                                            shown(service.name) + " are one job, " + shown(job) +
                                            "; jobs have names without capitals and dots");
        }
    }

    // What a service names must stand in the file.
    void check_references(const Member& service) {
        for (const auto* key : {"networks", "secrets", "configs", "depends_on"}) {
            const auto* named = service.value.find(key);
            if (named == nullptr) continue;
            const std::string_view group = std::string_view{key} == "depends_on" ? "services" : key;
            for (const auto& item : named->items) {
                const auto* source = item.kind == Value::Kind::Map ? item.find("source") : &item;
                if (source != nullptr && source->is_scalar()) {
                    check_reference(group, source->text, source->mark);
                }
            }
            for (const auto& member : named->members) {
                check_reference(group, member.key, member.mark);
            }
        }
        if (const auto* links = service.value.find("links")) {
            for (const auto& item : links->items)
                check_reference("services", item.text.substr(0, item.text.find(':')), item.mark);
        }
    }

    void check_reference(std::string_view group, const std::string& name, Mark mark) {
        if (group == "networks" && name == "default") return;
        const auto* declared = out_.root.find(group);
        if (declared != nullptr && declared->find(name) != nullptr) return;
        problems_.add(mark, shown(name) + " is not among the " + std::string{group} +
                                " of this file; declare it there");
    }

    const Source& source_;
    Problems problems_{};
    Variables variables_{};
    std::map<std::string, std::string> jobs_{};  // name of a job to its service's
    Project out_{};
};

}  // namespace

tl::expected<Project, std::vector<Problem>> load(const Source& source) {
    return Loading{source}.project();
}

tl::expected<Named, std::vector<Problem>> load_name(const Source& source) {
    return Loading{source}.name();
}

std::string job_name(const std::string& project, const std::string& service) {
    auto out = project + "/" + service;
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c == '.' ? '-' : lower(c); });
    return out;
}

}  // namespace shoal::compose
