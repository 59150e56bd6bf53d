#include "node/host/network/publication.h"

#include <nlohmann/json.hpp>

namespace shoal::network {
namespace {

using nlohmann::json;

Publication port_of(const json& entry) {
    const auto host = parse_ipv4(entry.at("host").get<std::string>());
    const auto protocol = entry.at("protocol").get<std::string>();
    if (!host || (protocol != "tcp" && protocol != "udp"))
        throw json::other_error::create(0, "port", nullptr);
    return {*host, protocol == "tcp" ? Protocol::Tcp : Protocol::Udp,
            entry.at("host_port").get<std::uint16_t>(),
            entry.at("container_port").get<std::uint16_t>(), entry.value("members_only", false)};
}

}  // namespace

std::string to_string(const Publication& port) {
    const std::string number = std::to_string(port.host_port) + "/" + to_string(port.protocol);
    if (port.members_only) return "port " + number + " for members";
    if (port.host.is_any()) return "port " + number + " on every address";
    return to_string(port.host) + ":" + number;
}

std::string write_record(const Record& record) {
    json ports = json::array();
    for (const Publication& port : record.ports) {
        ports.push_back({{"host", to_string(port.host)},
                         {"protocol", to_string(port.protocol)},
                         {"host_port", port.host_port},
                         {"container_port", port.container_port},
                         {"members_only", port.members_only}});
    }
    const json out{{"container", record.container},
                   {"address", to_string(record.address)},
                   {"ports", std::move(ports)}};
    return out.dump() + "\n";
}

Result<Record> read_record(const std::string& text, const std::string& path) {
    try {
        const json in = json::parse(text);
        Record out;
        out.container = in.at("container").get<std::string>();
        const auto address = parse_ipv4(in.at("address").get<std::string>());
        if (!address) return fail(Errc::Malformed, path + ": its address is none");
        out.address = *address;
        for (const json& entry : in.at("ports"))
            out.ports.push_back(port_of(entry));
        return out;
    } catch (const json::exception& wrong) {
        return fail(Errc::Malformed, path + ": " + wrong.what());
    }
}

}  // namespace shoal::network
