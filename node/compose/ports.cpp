#include "node/compose/ports.h"

#include "node/api/quantities.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::string_view kForm =
    "[ADDRESS:][PORT[-PORT]:]PORT[-PORT][/tcp|/udp] with ports from 1 to 65535";
constexpr std::size_t kPortsMax = 256;  // of one replica

struct Range {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    [[nodiscard]] std::size_t size() const { return std::size_t{last} - first + 1U; }
};

std::optional<Range> parse_range(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = api::parse_number<std::uint16_t>(text.substr(0, dash));
    const auto last = dash == std::string_view::npos
                          ? first
                          : api::parse_number<std::uint16_t>(text.substr(dash + 1));
    if (!first || !last || *first == 0 || *last < *first) return std::nullopt;
    return Range{*first, *last};
}

struct Wish {
    std::string host_ip{};
    std::optional<Range> host{};
    Range container{};
    bool udp = false;
};

// Digits, dots, colons: what an address may be made of. The node takes it apart.
bool is_address(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos;
}

// "127.0.0.1:8000" or "[::1]:8000" or "::1:8000" or "8000"; the part after the last colon may be
// empty.
bool parse_host(std::string_view text, Wish& wish) {
    const auto colon = text.rfind(':');
    auto port = text;
    if (colon != std::string_view::npos) {
        auto ip = text.substr(0, colon);
        port = text.substr(colon + 1);
        if (ip.starts_with('[') && ip.ends_with(']')) ip = ip.substr(1, ip.size() - 2);
        if (!is_address(ip)) return false;
        wish.host_ip = ip;
        if (port.empty()) return true;
    }
    wish.host = parse_range(port);
    return wish.host.has_value();
}

std::optional<Wish> parse_short(std::string_view text) {
    Wish wish;
    if (const auto slash = text.rfind('/'); slash != std::string_view::npos) {
        const auto protocol = text.substr(slash + 1);
        if (protocol != "tcp" && protocol != "udp") return std::nullopt;
        wish.udp = protocol == "udp";
        text = text.substr(0, slash);
    }
    const auto colon = text.rfind(':');
    const auto container =
        parse_range(colon == std::string_view::npos ? text : text.substr(colon + 1));
    if (!container) return std::nullopt;
    wish.container = *container;
    if (colon != std::string_view::npos && !parse_host(text.substr(0, colon), wish)) {
        return std::nullopt;
    }
    return wish;
}

std::optional<Wish> read_long(const Value& value, Problems& problems) {
    Wish wish;
    const auto range = [&](const Value& from, const char* key) -> std::optional<Range> {
        auto out = from.is_scalar() ? parse_range(from.text) : std::nullopt;
        if (!out) problems.unfit(from, key, "a port from 1 to 65535");
        return out;
    };
    const auto* target = value.find("target");
    if (target == nullptr) {
        problems.add(value.mark, "ports: 'target' is missing, the port in the container");
        return std::nullopt;
    }
    const auto container = range(*target, "target");
    if (!container) return std::nullopt;
    wish.container = *container;
    if (const auto* published = value.find("published");
        published != nullptr && !(published->is_scalar() && published->text.empty())) {
        wish.host = range(*published, "published");
        if (!wish.host) return std::nullopt;
    }
    if (const auto* ip = value.find("host_ip")) {
        if (!ip->is_scalar() || !is_address(ip->text)) {
            problems.unfit(*ip, "host_ip", "an address of the node, as 127.0.0.1");
            return std::nullopt;
        }
        wish.host_ip = ip->text;
    }
    if (const auto* protocol = value.find("protocol")) {
        wish.udp = protocol->text == "udp";
        if (!wish.udp && protocol->text != "tcp") {
            problems.unfit(*protocol, "protocol", "tcp or udp");
            return std::nullopt;
        }
    }
    return wish;
}

void add(std::vector<Port>& out, const Wish& wish, Mark mark, Problems& problems) {
    if (wish.host && wish.host->size() != wish.container.size()) {
        problems.add(mark, "ports: " + std::to_string(wish.host->size()) +
                               " ports of the host for " + std::to_string(wish.container.size()) +
                               " of the container; ranges on both sides are of one length");
        return;
    }
    if (!wish.host && !wish.host_ip.empty()) {
        problems.add(mark,
                     "ports: an address without a port of the host; a node chooses ports at "
                     "every address alone");
        return;
    }
    if (out.size() + wish.container.size() > kPortsMax) {
        problems.add(mark, "ports: more than 256 of one service");
        return;
    }
    for (std::size_t i = 0; i < wish.container.size(); ++i) {
        const auto nth = [i](const Range& range) {
            return static_cast<std::uint16_t>(range.first + i);
        };
        Port port{wish.host_ip, wish.host ? nth(*wish.host) : std::uint16_t{0}, nth(wish.container),
                  wish.udp};
        // Compose files of several parts say the same twice, and mean it once.
        if (std::find(out.begin(), out.end(), port) == out.end()) out.push_back(std::move(port));
    }
}

}  // namespace

std::string to_string(const Port& port) {
    std::string out;
    if (!port.host_ip.empty()) {
        const bool six = port.host_ip.find(':') != std::string::npos;
        out = (six ? "[" + port.host_ip + "]" : port.host_ip) + ":";
    }
    if (port.host != 0) out += std::to_string(port.host) + ":";
    out += std::to_string(port.container);
    return port.udp ? out + "/udp" : out;
}

std::vector<Port> read_ports(const Value& value, Problems& problems) {
    std::vector<Port> out;
    if (value.kind != Value::Kind::List && value.kind != Value::Kind::Null) {
        problems.unfit(value, "ports", "a list");
    }
    for (const auto& item : value.items) {
        std::optional<Wish> wish;
        if (item.kind == Value::Kind::Map) {
            wish = read_long(item, problems);
        } else {
            if (item.is_scalar()) wish = parse_short(item.text);
            if (!wish) problems.unfit(item, "ports", kForm);
        }
        if (wish) add(out, *wish, item.mark, problems);
    }
    return out;
}

std::vector<std::string> read_exposed(const Value& value, Problems& problems) {
    std::vector<Port> ports;
    if (value.kind != Value::Kind::List && value.kind != Value::Kind::Null) {
        problems.unfit(value, "expose", "a list");
    }
    for (const auto& item : value.items) {
        const auto wish = item.is_scalar() ? parse_short(item.text) : std::nullopt;
        if (!wish || wish->host || !wish->host_ip.empty()) {
            problems.unfit(item, "expose", "PORT[-PORT][/tcp|/udp] with ports from 1 to 65535");
        } else {
            add(ports, *wish, item.mark, problems);
        }
    }
    std::vector<std::string> out;
    for (const auto& port : ports)
        out.push_back(to_string(port));
    return out;
}

}  // namespace shoal::compose
