#include "node/host/daemon/volume_routes.h"

#include "node/host/daemon/answers.h"
#include "node/host/daemon/requests.h"
#include "node/host/daemon/views.h"
#include "node/host/volumes/directories.h"
#include "placement/slots.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace shoal::host {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;
using placement::VolumeId;
using placement::VolumeRecord;

constexpr std::string_view kVolumes = "/v1/volumes";

// Slots of jobs that are wanted and need the volume.
std::vector<std::string> slots_using(const agent::Agent& agent, const VolumeId& id) {
    std::vector<std::string> out;
    const auto& view = agent.placement().view();
    for (const auto& [name, job] : view.jobs) {
        if (!job.spec) continue;
        for (const auto& mount : job.spec->container.mounts) {
            if (mount.kind != placement::MountKind::Volume || mount.source != id.name) continue;
            for (const auto& wanted : placement::wanted_slots(view, *job.spec)) {
                if ((mount.shared ? 0 : wanted.index) != id.index) continue;
                auto slot = to_string(placement::SlotId{name, wanted.index});
                if (out.empty() || out.back() != slot) out.push_back(std::move(slot));
            }
        }
    }
    return out;
}

json view_volume(const agent::Agent& agent, const VolumeId& id, const NodeId& node,
                 const VolumeRecord& record) {
    const auto& view = agent.placement().view();
    const auto peer = view.peers.find(node);
    const auto standing = peer == view.peers.end() ? Standing::Alive : peer->second.standing;
    return {{"name", to_string(id)},
            {"volume", id.name},
            {"index", id.index},
            {"node", display_name(agent, node)},
            {"standing", std::string{to_string(standing)}},
            {"holder", view.holder(id) == node},
            {"used", record.used},
            {"since", show_time(record.since)},
            {"slots", slots_using(agent, id)}};
}

json view_volumes(const Member& member) {
    const auto& agent = member.agent();
    json out = json::array();
    for (const auto& [id, nodes] : agent.placement().view().volumes) {
        for (const auto& [node, record] : nodes) {
            out.push_back(view_volume(agent, id, node, record));
            // How large it is only who has it can say: ask that one.
            if (node != agent.self()) continue;
            const auto size = volumes::size_of(member.volume_path(), id);
            out.back()["size"] = size.bytes;
            out.back()["size_is_whole"] = size.whole;
        }
    }
    return out;
}

// "shop_data.0"
std::optional<VolumeId> parse_name(const std::string& name) {
    const auto dot = name.rfind('.');
    if (dot == std::string::npos) return std::nullopt;
    return placement::parse_volume_key("volume/" + name.substr(0, dot) + "/" +
                                       name.substr(dot + 1));
}

// Of this node alone: the one that has it removes it.
Response remove(Member& member, const std::string& name) {
    const auto& agent = member.agent();
    const auto id = parse_name(name);
    const auto* own = id ? agent.placement().volumes().find(*id) : nullptr;
    if (own == nullptr) {
        return not_found("this node holds no volume '" + name + "'",
                         "shoal volume ls says which node does: --node NAME");
    }
    for (const auto& [container, promise] : agent.placement().ledger().all()) {
        const auto used =
            placement::volumes_of(promise.spec.container.mounts, container.slot.index);
        if (std::find(used.begin(), used.end(), *id) == used.end()) continue;
        return error(Errc::Conflict,
                     "volume " + name + " is in use by " + to_string(container.slot));
    }
    const auto wanted = slots_using(agent, *id);
    if (!wanted.empty() && agent.placement().view().holder(*id) == agent.self()) {
        return error(Errc::Conflict, "volume " + name + " is wanted by " + wanted.front() +
                                         "; remove the job first, or scale it down");
    }
    member.remove_volume(*id);
    if (volumes::is_there(member.volume_path(), *id)) {
        return error(Errc::Io, "volume " + name + " could not be removed; the events say why");
    }
    return answer({{"name", name}, {"removed", true}});
}

}  // namespace

bool handle_volumes(Member& member, const Request& request,
                    const std::function<void(Response)>& respond) {
    const auto& path = request.path;
    const auto below = std::string{kVolumes} + "/";
    if (path == kVolumes) {
        respond(request.method == "GET" ? answer(view_volumes(member)) : bad_method(request));
    } else if (path.starts_with(below)) {
        respond(request.method == "DELETE" ? remove(member, path.substr(below.size()))
                                           : bad_method(request));
    } else {
        return false;
    }
    return true;
}

}  // namespace shoal::host
