// The part of Member that looks after images and the space they take.
#include "node/host/daemon/member.h"
#include "node/host/daemon/views.h"
#include "node/host/images/records.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace shoal::host {

images::Fetcher::World Member::fetch_world() {
    return {.holders =
                [this](const std::string& digest) {
                    std::vector<NodeId> out;
                    for (const auto& holder : images::holders_of(agent(), digest)) {
                        const bool other = holder.node != signer_.id();
                        if (other && agent().placement().view().is_present(holder.node)) {
                            out.push_back(holder.node);
                        }
                    }
                    // So that many who fetch at once do not all ask the same one.
                    for (std::size_t i = out.size(); i > 1; --i) {
                        std::swap(out[i - 1], out[random_u64() % i]);
                    }
                    return out;
                },
            .name_of = [this](const NodeId& node) { return display_name(agent(), node); },
            .ask = [this](const NodeId& node, const http::Request& request,
                          http::Forwarded done) { ask(node, request, std::move(done)); }};
}

void Member::begin_housekeeping() {
    space_ = std::make_unique<SpaceWatch>(
        loop_,
        [this] {
            std::vector<std::string> out{birth_.data_dir};
            if (auto* all = images()) out.push_back(all->storage());
            return out;
        },
        [this](const std::string& low) { space_changed(low); });
    space_->begin();
    auto* all = images();
    if (all == nullptr) return;
    keeper_ = std::make_unique<images::Keeper>(
        loop_, agent(), *all, images::Keeper::Settings{},
        images::Keeper::World{
            .tell = [this](agent::HostFacts facts) { machine_->feed(std::move(facts)); },
            .log = [](const std::string& line) { spdlog::info("{}", line); },
            .is_short_of_space = [this] { return space_->is_short(); }});
    keeper_->begin();
}

void Member::space_changed(const std::string& low) {
    machine_->feed(agent::DiskSpace{low});
    if (low.empty()) {
        warnings_.erase("space");
        tell("notice", "", "there is enough free space again; this node bids again");
        return;
    }
    warn("space", "this node " + low + ": it bids for nothing more until there is");
}

void Member::ask(const NodeId& node, const http::Request& request, http::Forwarded done) {
    open_relay(node, [this, request, done = std::move(done)](Result<std::shared_ptr<Pipe>> pipe) {
        if (!pipe) return done(fail(pipe.error()));
        http::forward(loop_, std::move(*pipe), request, {}, done);
    });
}

}  // namespace shoal::host
