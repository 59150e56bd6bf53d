#include "placement/spread.h"

#include "placement/executor.h"

namespace shoal::placement {

Spread::Spread(const View& view, const JobSpec& spec)
    : view_(view), attributes_(spec.spread), counts_(spec.spread.size()) {
    if (attributes_.empty()) return;
    for (auto at = view_.claims.lower_bound({spec.name, 0});
         at != view_.claims.end() && at->first.job == spec.name; ++at) {
        for (const auto& [owner, claim] : at->second) {
            if (is_live(claim.state) && view_.is_present(owner.first)) took(owner.first);
        }
    }
}

std::string Spread::value_at(std::size_t attribute, const NodeId& node) const {
    const auto facts = view_.facts.find(node);
    if (facts == view_.facts.end()) return {};
    return attribute_of(attributes_[attribute], facts->second).value_or("");
}

void Spread::took(const NodeId& node) {
    for (std::size_t i = 0; i < attributes_.size(); ++i) {
        ++counts_[i][value_at(i, node)];
    }
}

std::vector<std::uint64_t> Spread::crowd(const NodeId& node) const {
    std::vector<std::uint64_t> out;
    for (std::size_t i = 0; i < attributes_.size(); ++i) {
        const auto found = counts_[i].find(value_at(i, node));
        out.push_back(found == counts_[i].end() ? 0 : found->second);
    }
    return out;
}

}  // namespace shoal::placement
