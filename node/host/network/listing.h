// What `nft -j list ...` answers, as far as it matters here. Pure; the text is the program's.
#pragma once

#include "node/base/result.h"
#include "node/host/network/rules.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::network {

// Of `nft -j list chains`.
struct ChainsListing {
    bool ours = false;                    // our table has chains
    bool services = false;                // and that of services
    std::vector<ForeignChain> foreign{};  // where packets must be accepted as well
    // Forward chains of others with the policy "drop" that we leave alone: "inet firewalld filter".
    std::vector<std::string> may_block{};
};

[[nodiscard]] Result<ChainsListing> read_chains(std::string_view text, const Names& names);

// Of `nft -j list table ip NAME`.
struct TableListing {
    Comments comments{};
    std::vector<Mapping> mappings{};  // sorted
    std::vector<Ipv4> members{};      // sorted
};

[[nodiscard]] Result<TableListing> read_table(std::string_view text);

// Of `nft -j -a list chain ip filter NAME`: our rules in it.
struct TaggedRules {
    std::vector<std::uint64_t> handles{};
    bool accepts_from = false;  // packets from our bridge
    bool accepts_to = false;
};

[[nodiscard]] Result<TaggedRules> read_tagged(std::string_view text, const Names& names);

// What is missing or too much, in words; empty: nothing. Both lists are sorted.
[[nodiscard]] std::vector<std::string> differences(const TableListing& found,
                                                   const std::vector<Mapping>& mappings,
                                                   const std::vector<Ipv4>& members);

}  // namespace shoal::network
