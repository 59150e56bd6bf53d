// The text given to `nft -f -`: one table per node, and accept rules in tables of others.
//
// The table translates published ports, hides container addresses from the outside, and keeps the
// host's loopback to itself: route_localnet on the bridge is what lets 127.0.0.1:PORT of the host
// be translated at all, and the first rule takes back what that opens. Every rule carries a comment
// that says what it is for; the comments are also how a check recognises that all rules are there.
//
// Nothing here runs anything. Each text is one transaction: the kernel takes all of it or nothing.
#pragma once

#include "node/host/network/names.h"
#include "node/host/network/publication.h"

#include <map>
#include <string>
#include <vector>

namespace shoal::network {

// The maps: ports of one host address, ports of all of them, and ports for members alone.
inline constexpr const char* kMapOfOne = "published_at";
inline constexpr const char* kMapOfAll = "published";
inline constexpr const char* kMapForMembers = "exposed";

// Addresses of the nodes of the cluster, which the last map is for.
inline constexpr const char* kMembers = "members";

[[nodiscard]] const char* map_of(const Publication& port);

// chain -> comments of its rules, in order.
using Comments = std::map<std::string, std::vector<std::string>>;
[[nodiscard]] Comments expected_comments();

// The whole table, in place of whatever was there under its name.
[[nodiscard]] std::string table_text(const Names& names, const Subnet& subnet,
                                     const std::vector<Mapping>& mappings,
                                     const std::vector<Ipv4>& members);

// In place of the members there were.
[[nodiscard]] std::string members_text(const Names& names, const std::vector<Ipv4>& members);

[[nodiscard]] std::string add_text(const Names& names, const std::vector<Mapping>& mappings);
// Fails as a whole if one of them is not there.
[[nodiscard]] std::string delete_text(const Names& names, const std::vector<Mapping>& mappings);

// A verdict "drop" anywhere ends a packet, whatever other tables accept. Docker and ufw set such a
// policy in this table, so the accepting must happen there.
struct ForeignChain {
    std::string name{};  // of table `ip filter`

    friend auto operator<=>(const ForeignChain&, const ForeignChain&) = default;
};

// What must stand in a foreign chain: packets from and to our bridge are accepted there. (What may
// reach a container at all is decided in our own table.) Spelt the way iptables would, which goes
// on listing and editing its chain.
[[nodiscard]] std::string accept_text(const Names& names, const ForeignChain& chain);

[[nodiscard]] std::string delete_rules_text(const ForeignChain& chain,
                                            const std::vector<std::uint64_t>& handles);

[[nodiscard]] std::string delete_table_text(const std::string& table);

}  // namespace shoal::network
