#include "node/host/runtime/service_table.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace shoal::host {
namespace {

using placement::Claim;
using placement::project_of;
using placement::service_of;

class Derivation {
public:
    explicit Derivation(const ServiceSources& from) : from_(from), view_(from.view) {}

    ServiceTable table() {
        std::map<std::string, NamedProject> projects;
        for (const auto& id : from_.promised) {
            const std::string name{project_of(id.slot.job)};
            if (name.empty()) continue;
            auto& project = projects[name];
            project.name = name;
            project.containers.push_back(id);
        }
        ServiceTable out;
        for (auto& [name, project] : projects) {
            add_services(project);
            add_links(project);
            out.projects.push_back(std::move(project));
        }
        std::set<std::string> members;
        for (const auto& [node, address] : from_.addresses)
            members.insert(address);
        out.members.assign(members.begin(), members.end());
        return out;
    }

private:
    void add_services(NamedProject& project) const {
        const std::string prefix = project.name + "/";
        for (auto at = view_.jobs.lower_bound(prefix);
             at != view_.jobs.end() && at->first.starts_with(prefix); ++at) {
            if (!at->second.spec) continue;
            project.services.push_back({std::string{service_of(at->first)},
                                        at->second.spec->naming.aliases, replicas_of(at->first)});
        }
    }

    void add_links(NamedProject& project) const {
        for (const auto& id : project.containers) {
            const auto* spec = view_.spec(id.slot.job);
            if (spec == nullptr) continue;
            for (const auto& [name, job] : spec->naming.links) {
                if (project_of(job) != project.name) continue;
                project.links[id.slot.job][name] = service_of(job);
            }
        }
    }

    [[nodiscard]] std::vector<ServedReplica> replicas_of(const std::string& job) const {
        std::vector<ServedReplica> sure;
        std::vector<ServedReplica> doubtful;
        for (auto at = view_.claims.lower_bound({job, 0});
             at != view_.claims.end() && at->first.job == job; ++at) {
            for (const auto& [owner, claim] : at->second) {
                auto replica = replica_of(owner.first, claim);
                if (!replica) continue;
                (view_.is_present(owner.first) ? sure : doubtful).push_back(std::move(*replica));
            }
        }
        return sure.empty() ? doubtful : sure;
    }

    [[nodiscard]] std::optional<ServedReplica> replica_of(const NodeId& node,
                                                          const Claim& claim) const {
        if (claim.state != placement::ClaimState::Healthy) return std::nullopt;
        ServedReplica out{.ports = claim.serves};
        if (out.ports.size() > placement::kPortsMax) out.ports.resize(placement::kPortsMax);
        if (node == view_.self) {
            out.here = true;
            out.container = {claim.slot, claim.epoch};
            return out;
        }
        const auto address = from_.addresses.find(node);
        if (address == from_.addresses.end() || out.ports.empty()) return std::nullopt;
        out.address = address->second;
        return out;
    }

    const ServiceSources& from_;
    const placement::View& view_;
};

}  // namespace

ServiceTable make_service_table(const ServiceSources& sources) {
    return Derivation{sources}.table();
}

}  // namespace shoal::host
