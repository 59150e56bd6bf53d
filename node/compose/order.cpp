#include "node/compose/order.h"

#include "node/compose/service.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kConditions{
    {{"service_started", "started"},
     {"service_healthy", "healthy"},
     {"service_completed_successfully", "complete"}}};

std::string all_conditions() {
    std::string out;
    for (const auto& [word, meaning] : kConditions) {
        out += (out.empty() ? "" : ", ") + std::string{word};
    }
    return out;
}

void read_long(const Value& value, Dependency& out, Problems& problems) {
    if (value.kind == Value::Kind::Null) return;
    if (value.kind != Value::Kind::Map) {
        problems.unfit(value, "depends_on." + out.service, "a map with a 'condition'");
        return;
    }
    if (const auto* condition = value.find("condition")) {
        out.condition = condition->text;
        if (!condition->is_scalar() || condition_word(out.condition).empty()) {
            problems.unfit(*condition, "condition", "one of " + all_conditions());
        }
    }
    if (const auto* required = value.find("required")) {
        out.required = read_truth(*required, "required", problems).value_or(true);
    }
}

using ByName = std::map<std::string, std::size_t>;

ByName by_name(const std::vector<Service>& services) {
    ByName out;
    for (std::size_t i = 0; i < services.size(); ++i) {
        out[services[i].name] = i;
    }
    return out;
}

// Places of services, each behind those it depends on; what is missing waits in a circle, or for
// one.
std::vector<std::size_t> sorted(const std::vector<Service>& services, const ByName& names) {
    std::vector<std::size_t> waits_for(services.size());
    std::vector<std::vector<std::size_t>> dependents(services.size());
    for (std::size_t i = 0; i < services.size(); ++i) {
        for (const auto& dependency : services[i].after) {
            const auto other = names.find(dependency.service);
            if (other == names.end()) continue;
            ++waits_for[i];
            dependents[other->second].push_back(i);
        }
    }
    std::set<std::size_t> free;
    for (std::size_t i = 0; i < services.size(); ++i) {
        if (waits_for[i] == 0) free.insert(i);
    }
    std::vector<std::size_t> out;
    while (!free.empty()) {
        const auto next = *free.begin();
        free.erase(free.begin());
        out.push_back(next);
        for (const auto dependent : dependents[next]) {
            if (--waits_for[dependent] == 0) free.insert(dependent);
        }
    }
    return out;
}

// Walks among those that wait until it meets itself; says so where the circle closes.
void complain_of_circle(const std::vector<Service>& services, const ByName& names,
                        std::set<std::size_t>& stuck, Problems& problems) {
    std::vector<std::size_t> way{*stuck.begin()};
    for (;;) {
        const Dependency* step = nullptr;
        for (const auto& dependency : services[way.back()].after) {
            const auto other = names.find(dependency.service);
            if (other != names.end() && stuck.contains(other->second)) step = &dependency;
        }
        if (step == nullptr) break;  // It waits for a circle that was told of.
        const auto next = names.at(step->service);
        const auto from = std::find(way.begin(), way.end(), next);
        if (from == way.end()) {
            way.push_back(next);
            continue;
        }
        std::string circle;
        for (auto at = from; at != way.end(); ++at) {
            circle += shown(services[*at].name) + " -> ";
        }
        problems.add(step->mark, "depends_on: these services would wait for each other: " + circle +
                                     shown(step->service) + "; one of them has to go first");
        break;
    }
    for (const auto one : way) {
        stuck.erase(one);
    }
}

void check_circles(const std::vector<Service>& services, const ByName& names, Problems& problems) {
    std::set<std::size_t> stuck;
    for (std::size_t i = 0; i < services.size(); ++i) {
        stuck.insert(stuck.end(), i);
    }
    for (const auto one : sorted(services, names)) {
        stuck.erase(one);
    }
    while (!stuck.empty()) {
        complain_of_circle(services, names, stuck, problems);
    }
}

}  // namespace

std::string condition_word(const std::string& condition) {
    for (const auto& [word, meaning] : kConditions) {
        if (condition == word) return std::string{meaning};
    }
    return {};
}

std::vector<Dependency> read_dependencies(const Value& value, Problems& problems) {
    std::vector<Dependency> out;
    if (value.is_scalar() && value.kind != Value::Kind::Null) {
        problems.unfit(value, "depends_on", "a list of services, or a map of them");
    }
    for (const auto& item : value.items) {
        auto name = read_text(item, "depends_on", problems);
        const auto same = [&](const Dependency& one) { return name && one.service == *name; };
        if (!name || std::any_of(out.begin(), out.end(), same)) continue;  // Twice is once.
        out.push_back({.service = std::move(*name), .mark = item.mark});
    }
    for (const auto& member : value.members) {
        out.push_back({.service = member.key, .mark = member.mark});
        read_long(member.value, out.back(), problems);
    }
    return out;
}

void settle_order(std::vector<Service>& services, const std::set<std::string>& inactive,
                  Problems& problems) {
    for (auto& service : services) {
        std::erase_if(service.after, [&](const Dependency& dependency) {
            if (!inactive.contains(dependency.service)) return false;
            if (dependency.required) {
                problems.add(dependency.mark,
                             "depends_on: " + shown(dependency.service) +
                                 " does not run, for none of its profiles is asked for; say "
                                 "--profile, or 'required: false'");
            }
            return true;
        });
    }
    const auto names = by_name(services);
    check_circles(services, names, problems);
    for (const auto& service : services) {
        for (const auto& dependency : service.after) {
            const auto other = names.find(dependency.service);
            if (other == names.end() || services[other->second].restart != "always") continue;
            if (condition_word(dependency.condition) != "complete") continue;
            problems.add(dependency.mark, "depends_on: " + shown(dependency.service) +
                                              " never completes, for it is always started again; "
                                              "its 'restart' could be no or on-failure");
        }
    }
}

std::vector<const Service*> in_order(const std::vector<Service>& services) {
    std::vector<const Service*> out;
    for (const auto one : sorted(services, by_name(services))) {
        out.push_back(&services[one]);
    }
    return out;
}

}  // namespace shoal::compose
