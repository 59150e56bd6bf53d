#include "node/host/http/encode.h"

#include "node/host/http/target.h"
#include "node/host/http/text.h"

#include <algorithm>
#include <array>
#include <http_parser.h>

namespace shoal::host::http {
namespace {

// What this file writes itself, or what belongs to one connection only.
constexpr std::array<std::string_view, 8> kOurs{
    "content-type", "content-length",    "connection", "keep-alive",
    "te",           "transfer-encoding", "trailer",    "upgrade",
};

bool may_be_sent(const std::string& name, const std::string& value) {
    const auto lower_name = lower(name);
    const bool one_line = std::none_of(value.begin(), value.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
    return one_line && is_lower_token(lower_name) &&
           std::find(kOurs.begin(), kOurs.end(), lower_name) == kOurs.end();
}

void add_header(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

// RFC 9110 section 8.6.
bool has_content(int status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

Bytes encode_response(const Response& response, Ending ending, Part part) {
    std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ' +
                      http_status_str(static_cast<http_status>(response.status)) + "\r\n";
    const bool content = has_content(response.status);
    if (content) {
        add_header(out, "Content-Type", response.content_type);
        add_header(out, "Content-Length", std::to_string(response.body.size()));
    }
    for (const auto& [name, value] : response.headers) {
        if (may_be_sent(name, value)) add_header(out, name, value);
    }
    add_header(out, "Connection", ending == Ending::Close ? "close" : "keep-alive");
    out.append("\r\n");
    if (content && part == Part::All) out.append(response.body);
    return to_bytes(out);
}

Bytes encode_request(const Request& request) {
    std::string out =
        request.method + ' ' + encode_target(request.path, request.query) + " HTTP/1.1\r\n";
    add_header(out, "Host", "shoal");
    for (const auto* name : {"accept", "content-type"}) {
        const auto at = request.headers.find(name);
        if (at != request.headers.end()) add_header(out, name, at->second);
    }
    if (!request.body.empty()) {
        add_header(out, "Content-Length", std::to_string(request.body.size()));
    }
    add_header(out, "Connection", "close");
    return to_bytes(out + "\r\n" + request.body);
}

Bytes encode_continue() {
    return to_bytes("HTTP/1.1 100 Continue\r\n\r\n");
}

}  // namespace shoal::host::http
