#include "node/host/daemon/service_watch.h"

#include <chrono>
#include <utility>

namespace shoal::host {
namespace {

constexpr std::chrono::milliseconds kCrowd{20};

ServiceSources sources_of(const agent::Agent& agent) {
    ServiceSources out{.view = agent.placement().view()};
    for (const auto& member : agent.membership().members()) {
        const auto& node = member.claim.about;
        if (node == agent.self() || member.standing == Standing::Left) continue;
        out.addresses[node] = member.claim.endpoint.ip;
    }
    for (const auto& [id, promise] : agent.placement().ledger().all()) {
        out.promised.push_back(id);
    }
    return out;
}

}  // namespace

void ServiceWatch::begin() {
    begun_ = true;
    look();
}

void ServiceWatch::changed() {
    if (!begun_ || std::exchange(waiting_, true)) return;
    timer_.expires_after(kCrowd);
    timer_.async_wait([this](const std::error_code& error) {
        if (error) return;
        waiting_ = false;
        look();
    });
}

void ServiceWatch::look() {
    if (!begun_) return;
    auto now = make_service_table(sources_of(agent_));
    if (told_ == now) return;
    tell_(now);
    told_ = std::move(now);
}

}  // namespace shoal::host
