// What lets containers reach the services of their project by name.
#include "node/host/network/conntrack.h"
#include "node/host/network/network.h"
#include "node/host/network/service_rules.h"

#include <algorithm>
#include <set>
#include <utility>

namespace shoal::network {
namespace {

std::set<Target> targets_of(const Translation& one) {
    std::set<Target> out{one.any.begin(), one.any.end()};
    for (const auto& entry : one.ports)
        out.insert(entry.second.begin(), entry.second.end());
    return out;
}

// Addresses that a service was translated to and is no more.
std::vector<Ipv4> lost_targets(const std::vector<Translation>& before,
                               const std::vector<Translation>& after) {
    std::set<Ipv4> out;
    for (const Translation& old : before) {
        const auto now = std::ranges::find(after, old.address, &Translation::address);
        const auto kept = now == after.end() ? std::set<Target>{} : targets_of(*now);
        for (const Target& target : targets_of(old)) {
            if (!kept.contains(target)) out.insert(target.address);
        }
    }
    return {out.begin(), out.end()};
}

}  // namespace

Result<void> Network::serve(std::vector<Project> projects, std::vector<Ipv4> members) {
    const std::lock_guard lock{mutex_};
    std::ranges::sort(members);
    ServiceMemory memory = memory_;
    memory.members = std::move(members);
    const auto without = give_addresses(memory, bridge_.services, projects);
    if (auto kept = remember(std::move(memory)); !kept) return kept;
    projects_ = std::move(projects);
    serving_ = true;
    if (auto set = firewall_.set_members(memory_.members, mappings()); !set) return set;
    if (auto translated = translate(); !translated) return translated;
    if (without.empty()) return {};
    return fail(Errc::Full, "subnet " + to_string(bridge_.services) + " has no address left for " +
                                std::to_string(without.size()) + " services, " +
                                without.front().first + "/" + without.front().second +
                                " among them; a larger one can be given with --service-subnet");
}

// On disk before anybody learns of an address.
Result<void> Network::remember(ServiceMemory memory) {
    if (memory == memory_) return {};
    if (auto kept = replace_file(run_.services_path(), write_memory(memory)); !kept) return kept;
    memory_ = std::move(memory);
    return {};
}

std::optional<Ipv4> Network::service_address(const std::string& project,
                                             const std::string& service) const {
    const std::lock_guard lock{mutex_};
    const auto found = memory_.addresses.find({project, service});
    if (found == memory_.addresses.end()) return std::nullopt;
    return found->second;
}

bool Network::is_in_project(const std::string& container) const {
    return std::ranges::any_of(projects_, [&](const Project& project) {
        return std::ranges::find(project.containers, container) != project.containers.end();
    });
}

// The kernel is told only of what has changed. `leaving`: a container that is as good as gone.
Result<void> Network::translate(const std::string& leaving) {
    if (!serving_) return {};
    std::map<std::string, Ipv4> here;
    for (const auto& [container, record] : records_) {
        if (container != leaving) here[container] = record.address;
    }
    std::vector<Translation> fresh;
    for (const Project& project : projects_) {
        for (const Service& service : project.services) {
            const auto address = memory_.addresses.find({project.name, service.name});
            if (address == memory_.addresses.end()) continue;
            auto one = translation_of(project, service, address->second, here);
            if (!one.sources.empty()) fresh.push_back(std::move(one));
        }
    }
    if (translations_ == fresh) return {};
    auto set = firewall_.set_services(services_text(names_, bridge_.services, fresh));
    if (!set) return set;
    const auto lost = lost_targets(translations_.value_or(std::vector<Translation>{}), fresh);
    translations_ = std::move(fresh);
    if (!lost.empty()) (void)forget_datagrams_within(bridge_.services, lost);
    return {};
}

}  // namespace shoal::network
