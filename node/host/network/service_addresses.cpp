#include "node/host/network/service_addresses.h"

#include "node/host/network/subnet_choice.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace shoal::network {
namespace {

using nlohmann::json;
using Name = ServiceMemory::Name;

std::set<Name> names_in(const std::vector<Project>& projects) {
    std::set<Name> out;
    for (const Project& project : projects) {
        for (const Service& service : project.services)
            out.emplace(project.name, service.name);
    }
    return out;
}

std::vector<Ipv4> used_in(const ServiceMemory& memory) {
    std::vector<Ipv4> out;
    for (const auto& entry : memory.addresses)
        out.push_back(entry.second);
    std::ranges::sort(out);
    return out;
}

void forget_all_but(ServiceMemory& memory, const Subnet& range,
                    const std::vector<Project>& projects) {
    std::set<std::string> here;
    for (const Project& project : projects)
        here.insert(project.name);
    std::erase_if(memory.addresses, [&](const auto& entry) {
        return !here.contains(entry.first.first) || !range.contains(entry.second);
    });
}

}  // namespace

std::string write_memory(const ServiceMemory& memory) {
    json addresses = json::array();
    for (const auto& [name, address] : memory.addresses)
        addresses.push_back({name.first, name.second, to_string(address)});
    json members = json::array();
    for (const Ipv4 member : memory.members)
        members.push_back(to_string(member));
    return json{{"addresses", std::move(addresses)}, {"members", std::move(members)}}.dump() + "\n";
}

ServiceMemory read_memory(const std::string& text) {
    try {
        const json in = json::parse(text);
        ServiceMemory out;
        for (const json& entry : in.at("addresses")) {
            const auto address = parse_ipv4(entry.at(2).get<std::string>());
            if (address)
                out.addresses[{entry.at(0).get<std::string>(), entry.at(1).get<std::string>()}] =
                    *address;
        }
        for (const json& entry : in.at("members")) {
            if (const auto member = parse_ipv4(entry.get<std::string>()))
                out.members.push_back(*member);
        }
        return out;
    } catch (const json::exception&) {
        return {};
    }
}

std::vector<Name> give_addresses(ServiceMemory& memory, const Subnet& range,
                                 const std::vector<Project>& projects) {
    forget_all_but(memory, range, projects);
    const auto wanted = names_in(projects);
    std::vector<Name> without;
    Ipv4 last{};
    for (const Name& name : wanted) {
        if (memory.addresses.contains(name)) continue;
        auto address = choose_address(range, last, used_in(memory));
        if (!address) {
            // Services that left their project; nobody has their names any more.
            std::erase_if(memory.addresses,
                          [&](const auto& entry) { return !wanted.contains(entry.first); });
            address = choose_address(range, last, used_in(memory));
        }
        if (address) {
            memory.addresses[name] = last = *address;
        } else {
            without.push_back(name);
        }
    }
    return without;
}

}  // namespace shoal::network
