#include "node/host/network/listing.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace shoal::network {
namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Calls `each(kind, object)` for every object of the listing.
template <class Each>
Result<void> walk(std::string_view text, const Each& each) {
    try {
        const json listing = json::parse(text);
        for (const json& entry : listing.at("nftables")) {
            for (const auto& [kind, object] : entry.items())
                each(kind, object);
        }
        return {};
    } catch (const json::exception& wrong) {
        return fail(Errc::Malformed, std::string{"what nft lists cannot be read: "} + wrong.what());
    }
}

// By name or by number: without /etc/protocols nft knows only the latter.
Protocol protocol_of(const json& value) {
    if (value.is_number()) {
        return value.get<int>() == static_cast<int>(Protocol::Udp) ? Protocol::Udp : Protocol::Tcp;
    }
    return value.get<std::string>() == "udp" ? Protocol::Udp : Protocol::Tcp;
}

Ipv4 address_of(const json& value) {
    return parse_ipv4(value.get<std::string>()).value_or(Ipv4{});
}

// [ {concat: [host, protocol, port]}, {concat: [container, port]} ]; the host only in one map.
Mapping mapping_of(const json& element, const std::string& map) {
    const bool with_host = map == kMapOfOne;
    const json& key = element.at(0).at("concat");
    const json& value = element.at(1).at("concat");
    const std::size_t at = with_host ? 1 : 0;
    Mapping out;
    out.port.members_only = map == kMapForMembers;
    if (with_host) out.port.host = address_of(key.at(0));
    out.port.protocol = protocol_of(key.at(at));
    out.port.host_port = key.at(at + 1).get<std::uint16_t>();
    out.container = address_of(value.at(0));
    out.port.container_port = value.at(1).get<std::uint16_t>();
    return out;
}

bool matches_link(const json& rule, const char* side, const std::string& link) {
    const auto expressions = rule.find("expr");
    if (expressions == rule.end()) return false;
    return std::ranges::any_of(*expressions, [&](const json& expression) {
        const auto match = expression.find("match");
        return match != expression.end() && match->value("op", "") == "==" &&
               match->at("left").contains("meta") &&
               text_of(match->at("left").at("meta"), "key") == side && match->at("right") == link;
    });
}

bool accepts(const json& rule) {
    const auto expressions = rule.find("expr");
    return expressions != rule.end() &&
           std::ranges::any_of(
               *expressions, [](const json& expression) { return expression.contains("accept"); });
}

std::string describe(const Mapping& mapping) {
    return to_string(mapping.port) + " -> " + to_string(mapping.container) + ":" +
           std::to_string(mapping.port.container_port);
}

}  // namespace

Result<ChainsListing> read_chains(std::string_view text, const Names& names) {
    ChainsListing out;
    const auto walked = walk(text, [&](const std::string& kind, const json& chain) {
        if (kind != "chain") return;
        const std::string family = text_of(chain, "family");
        const std::string table = text_of(chain, "table");
        const std::string name = text_of(chain, "name");
        if (family == "ip" && table == names.table) {
            out.ours = true;
        } else if (family == "ip" && table == names.services) {
            out.services = true;
        } else if (family == "ip" && table == "filter" &&
                   (name == "FORWARD" || name == "DOCKER-USER")) {
            out.foreign.push_back({name});
        } else if ((family == "ip" || family == "inet") && text_of(chain, "hook") == "forward" &&
                   text_of(chain, "policy") == "drop") {
            out.may_block.push_back(family + " " + table + " " + name);
        }
    });
    if (!walked) return fail(walked.error());
    return out;
}

Result<TableListing> read_table(std::string_view text) {
    TableListing out;
    const auto walked = walk(text, [&](const std::string& kind, const json& object) {
        if (kind == "rule") {
            out.comments[text_of(object, "chain")].push_back(text_of(object, "comment"));
        }
        if (!object.contains("elem")) return;
        const std::string name = text_of(object, "name");
        if (kind == "set" && name == kMembers) {
            for (const json& address : object.at("elem"))
                out.members.push_back(address_of(address));
        }
        if (kind != "map") return;
        for (const json& element : object.at("elem")) {
            out.mappings.push_back(mapping_of(element, name));
        }
    });
    if (!walked) return fail(walked.error());
    std::ranges::sort(out.mappings);
    std::ranges::sort(out.members);
    return out;
}

Result<TaggedRules> read_tagged(std::string_view text, const Names& names) {
    TaggedRules out;
    const auto walked = walk(text, [&](const std::string& kind, const json& rule) {
        if (kind != "rule" || text_of(rule, "comment") != names.tag) return;
        out.handles.push_back(rule.at("handle").get<std::uint64_t>());
        if (!accepts(rule)) return;
        out.accepts_from = out.accepts_from || matches_link(rule, "iifname", names.bridge);
        out.accepts_to = out.accepts_to || matches_link(rule, "oifname", names.bridge);
    });
    if (!walked) return fail(walked.error());
    return out;
}

std::vector<std::string> differences(const TableListing& found,
                                     const std::vector<Mapping>& mappings,
                                     const std::vector<Ipv4>& members) {
    std::vector<std::string> out;
    for (const auto& [chain, comments] : expected_comments()) {
        const auto there = found.comments.find(chain);
        if (there == found.comments.end()) {
            out.push_back("the rules of chain " + chain + " were gone");
        } else if (there->second != comments) {
            out.push_back("the rules of chain " + chain + " had been changed");
        }
    }
    for (const Mapping& mapping : mappings) {
        if (!std::ranges::binary_search(found.mappings, mapping)) {
            out.push_back("the translation " + describe(mapping) + " was gone");
        }
    }
    for (const Mapping& mapping : found.mappings) {
        if (!std::ranges::binary_search(mappings, mapping)) {
            out.push_back("a stranger's translation stood in our table: " + describe(mapping));
        }
    }
    if (found.members != members) out.emplace_back("the list of members had been changed");
    return out;
}

}  // namespace shoal::network
