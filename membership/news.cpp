#include "membership/news.h"

#include <vector>

namespace shoal::membership {

std::size_t wire_size(const Claim& claim) {
    // array, id (2 + 16), incarnation 9, health 1, boot 9, endpoint (array, string, port 3)
    return 1 + 18 + 9 + 1 + 9 + 1 + 5 + claim.endpoint.ip.size() + 3;
}

void News::add(const Claim& claim, std::uint32_t sends) {
    const auto found = items_.find(claim.about);
    if (found != items_.end()) order_.erase({found->second.told, claim.about});
    items_.insert_or_assign(claim.about, Item{claim, 0, sends});
    order_.insert({0, claim.about});
}

Claims News::take(std::size_t bytes) {
    Claims out;
    std::vector<NodeId> told;
    for (const auto& [times, about] : order_) {
        const auto& item = items_.at(about);
        const auto size = wire_size(item.claim);
        if (size > bytes) break;
        bytes -= size;
        out.push_back(item.claim);
        told.push_back(about);
    }
    for (const NodeId& about : told) {
        auto& item = items_.at(about);
        order_.erase({item.told, about});
        ++item.told;
        if (--item.sends_left == 0) {
            items_.erase(about);
        } else {
            order_.insert({item.told, about});
        }
    }
    return out;
}

}  // namespace shoal::membership
