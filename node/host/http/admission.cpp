#include "node/host/http/admission.h"

#include "node/host/http/text.h"
#include "node/host/net/address.h"

#include <algorithm>

namespace shoal::host::http {
namespace {

std::string_view find(const Fields& headers, const std::string& name) {
    const auto at = headers.find(name);
    return at == headers.end() ? std::string_view{} : std::string_view{at->second};
}

std::string_view without_port(std::string_view host) {
    const auto colon = host.rfind(':');
    if (colon == std::string_view::npos) return host;
    const auto port = host.substr(colon + 1);
    const bool digits =
        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    return digits ? host.substr(0, colon) : host;
}

bool host_is_ours(std::string_view host, const asio::ip::address& served) {
    if (lower(without_port(host)) == "localhost") return true;
    const auto named = parse_endpoint(host, 80);
    if (!named) return false;
    const auto address = to_address(named->ip);
    return address && (address->is_loopback() || named->ip == to_endpoint(served, 80).ip);
}

bool token_is_right(std::string_view authorization, const Secret& token) {
    constexpr std::string_view kScheme = "bearer ";
    if (lower(authorization.substr(0, kScheme.size())) != kScheme) return false;
    auto shown = to_bytes(trim(authorization.substr(kScheme.size())));
    // How long a token is, is no secret.
    const bool right =
        !shown.empty() && shown.size() == token.size() && token.same_as(Secret{ByteView{shown}});
    wipe(shown);
    return right;
}

}  // namespace

std::optional<Refusal> admit(const Request& head, const TcpDoor& door) {
    if (!host_is_ours(find(head.headers, "host"), door.served)) {
        return Refusal{403, "forbidden", "the Host header names another host than this one",
                       "use localhost, a loopback address or the address served"};
    }
    if (head.headers.contains("origin")) {
        return Refusal{403, "forbidden", "requests of web pages are not answered", {}};
    }
    if (!token_is_right(find(head.headers, "authorization"), *door.token)) {
        return Refusal{401, "unauthorized", "the bearer token is missing or wrong",
                       "it is in the file api-token of the data directory"};
    }
    return std::nullopt;
}

std::optional<Refusal> check_content(const Request& head) {
    const auto said = find(head.headers, "content-type");
    const auto type = lower(trim(said.substr(0, said.find(';'))));
    if (type == "application/json" || type == "application/octet-stream") return std::nullopt;
    return Refusal{415, "unsupported", "the body is not said to be JSON, nor plain bytes",
                   "send it with Content-Type: application/json, or application/octet-stream"};
}

}  // namespace shoal::host::http
