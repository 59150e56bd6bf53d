// How crowded each value is of the attributes in which a job's replicas shall differ: those in zone
// west, those on nodes labelled disk=ssd. A preference: it orders bids, it refuses none.
#pragma once

#include "placement/view.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace shoal::placement {

class Spread {
public:
    // Counts what runs on present nodes.
    Spread(const View& view, const JobSpec& spec);

    void took(const NodeId& node);

    // By attribute, the first counting most. Nodes without an attribute are alike in it.
    [[nodiscard]] std::vector<std::uint64_t> crowd(const NodeId& node) const;

private:
    [[nodiscard]] std::string value_at(std::size_t attribute, const NodeId& node) const;

    const View& view_;
    const std::vector<std::string>& attributes_;
    std::vector<std::map<std::string, std::uint64_t>> counts_;  // by attribute, then value
};

}  // namespace shoal::placement
