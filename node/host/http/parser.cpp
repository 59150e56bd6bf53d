#include "node/host/http/parser.h"

#include "node/host/http/target.h"
#include "node/host/http/text.h"

#include <utility>

namespace shoal::host::http {
namespace {

std::optional<Refusal> malformed(std::string message) {
    return Refusal{400, "malformed", std::move(message), {}};
}

const std::string* find(const Fields& fields, const std::string& name) {
    const auto at = fields.find(name);
    return at == fields.end() ? nullptr : &at->second;
}

// RFC 9112 sections 2.3, 3.2 and 6.1.
std::optional<Refusal> check_framing(const Head& head) {
    if (head.major != 1) {
        return Refusal{505, "unsupported", "this is not HTTP/1.1", {}};
    }
    const auto* host = find(head.headers, "host");
    if (host == nullptr && head.minor > 0) return malformed("there is no Host header");
    // Two of them were joined by a comma, which no name of a host holds.
    if (host != nullptr && host->find_first_of(", \t") != std::string::npos) {
        return malformed("the Host header is not the name of one host");
    }
    const auto* coding = find(head.headers, "transfer-encoding");
    if (coding != nullptr && (lower(*coding) != "chunked" || head.minor == 0)) {
        return malformed("the only transfer coding understood is 'chunked', in HTTP/1.1");
    }
    return std::nullopt;
}

}  // namespace

Parsed RequestParser::next() {
    const auto parsed = message_.next();
    if (parsed == Parsed::Head) {
        if (auto refusal = check_head()) return message_.refuse(std::move(*refusal));
    }
    if (parsed == Parsed::Whole) request_.body = message_.take_body();
    return parsed;
}

Request RequestParser::take() {
    return std::exchange(request_, {});
}

std::optional<Refusal> RequestParser::check_head() {
    const auto& head = message_.head();
    if (auto refusal = check_framing(head)) return refusal;
    const auto* expect = head.minor > 0 ? find(head.headers, "expect") : nullptr;
    if (expect != nullptr && lower(*expect) != "100-continue") {
        return Refusal{417, "unsupported", "the only expectation met is '100-continue'", {}};
    }
    auto target = parse_target(head.target);
    if (!target) return malformed(target.error().detail);
    wants_continue_ = expect != nullptr && head.has_body();
    request_ = {head.method, std::move(target->path), std::move(target->query), head.headers, {},
                {}};
    return std::nullopt;
}

}  // namespace shoal::host::http
