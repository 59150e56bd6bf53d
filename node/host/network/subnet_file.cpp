#include "node/host/network/subnet_file.h"

#include "node/host/network/subnet_choice.h"

#include <algorithm>
#include <map>
#include <optional>

namespace shoal::network {
namespace {

constexpr std::string_view kBridge = "bridge-subnet: ";
constexpr std::string_view kServices = "service-subnet: ";

Result<std::vector<Taken>> taken_by_others(Netlink& kernel, const std::string& bridge) {
    const auto all = routes(kernel);
    if (!all) return fail(all.error());
    const auto there = links(kernel);
    if (!there) return fail(there.error());
    std::map<int, std::string> names;
    for (const Link& link : *there)
        names[link.index] = link.name;
    std::vector<Taken> out;
    for (const Route& route : *all) {
        const auto name = names.find(route.link);
        const std::string link = name == names.end() ? "" : name->second;
        if (link != bridge) out.push_back({route.destination, link});
    }
    return out;
}

// A file that says nothing usable is as good as none: the subnet is chosen anew.
std::optional<Subnet> remembered(const std::string& file, std::string_view word) {
    const auto text = read_file(file);
    const auto at = text ? text->find(word) : std::string::npos;
    if (at == std::string::npos || (at > 0 && (*text)[at - 1] != '\n')) return std::nullopt;
    std::string value = text->substr(at + word.size());
    value.resize(std::min(value.find('\n'), value.size()));
    const auto subnet = parse_bridge_subnet(value);
    if (!subnet) return std::nullopt;
    return *subnet;
}

Result<void> holds_all(const Subnet& subnet, const std::vector<Record>& alive) {
    const auto outside = std::ranges::find_if(
        alive, [&](const Record& record) { return !subnet.contains(record.address); });
    if (outside == alive.end()) return {};
    return fail(Errc::Conflict, "bridge subnet " + to_string(subnet) + ": container " +
                                    outside->container + " still runs with the address " +
                                    to_string(outside->address) +
                                    "; stop such containers before changing the subnet");
}

Result<Subnet> check_given(const std::string& text, const std::vector<Record>& alive,
                           const std::vector<Taken>& taken) {
    auto given = parse_bridge_subnet(text);
    if (!given) return given;
    if (auto held = holds_all(*given, alive); !held) return fail(held.error());
    if (auto free = check_free(*given, taken); !free) return fail(free.error());
    return given;
}

Result<Subnet> decide(const SubnetWish& wish, const std::vector<Record>& alive,
                      const std::vector<Taken>& taken) {
    if (!wish.given.empty()) return check_given(wish.given, alive, taken);
    auto decided = remembered(wish.file, kBridge);
    // A route that came later goes first, unless there are containers that cannot move.
    if (decided && alive.empty() && !check_free(*decided, taken)) decided.reset();
    if (!decided) decided = choose_subnet(wish.seed, taken);
    if (!decided) {
        return fail(Errc::Unavailable,
                    "no private subnet is free of the host's routes; give one "
                    "with --bridge-subnet");
    }
    if (auto held = holds_all(*decided, alive); !held) return fail(held.error());
    return *decided;
}

// A service whose address is no longer in it gets another; living programs may still use the old.
Result<Subnet> decide_services(const SubnetWish& wish, bool empty,
                               const std::vector<Taken>& taken) {
    if (!wish.given_services.empty()) {
        auto given = parse_bridge_subnet(wish.given_services, "service");
        if (!given) return given;
        if (auto free = check_free(*given, taken, "service"); !free) return fail(free.error());
        return given;
    }
    auto decided = remembered(wish.file, kServices);
    if (decided && (empty || decided->overlaps(taken.back().subnet)) &&
        !check_free(*decided, taken)) {
        decided.reset();
    }
    if (!decided) decided = choose_subnet(wish.seed, taken, kServicesPrefix);
    if (decided) return *decided;
    return fail(Errc::Unavailable,
                "no private subnet is free of the host's routes for the addresses of services; "
                "give one with --service-subnet");
}

}  // namespace

Result<Subnets> decide_subnets(Netlink& kernel, const SubnetWish& wish,
                               const std::vector<Record>& alive) {
    auto taken = taken_by_others(kernel, wish.bridge);
    if (!taken) return fail(taken.error());
    const auto bridge = decide(wish, alive, *taken);
    if (!bridge) return fail(bridge.error());
    taken->push_back({*bridge, wish.bridge});
    const auto services = decide_services(wish, alive.empty(), *taken);
    if (!services) return fail(services.error());
    std::string text;
    text.append(kBridge).append(to_string(*bridge)).append("\n");
    text.append(kServices).append(to_string(*services)).append("\n");
    if (read_file(wish.file).value_or("") != text) {
        if (auto kept = replace_file(wish.file, text); !kept) return fail(kept.error());
    }
    return Subnets{*bridge, *services};
}

}  // namespace shoal::network
