// What anybody may send to the API's sockets, and another node as an answer.
#include "node/base/check.h"
#include "node/base/utf8.h"
#include "node/host/http/answer_parser.h"
#include "node/host/http/encode.h"
#include "node/host/http/parser.h"
#include "node/host/http/text.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace shoal;              // NOLINT(google-build-using-namespace)
using namespace shoal::host::http;  // NOLINT(google-build-using-namespace)

MessageLimits limits() {
    MessageLimits out{};
    out.head = {1024, 512, 16};
    out.body_max = 256;
    return out;
}

struct Outcome {
    std::vector<Request> requests{};
    std::string refusal{};

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome read(std::string_view bytes, std::size_t piece) {
    RequestParser parser{limits()};
    Outcome out;
    while (!bytes.empty()) {
        const auto size = std::min(piece, bytes.size());
        parser.push(bytes.substr(0, size));
        bytes.remove_prefix(size);
        for (auto parsed = parser.next(); parsed != Parsed::More; parsed = parser.next()) {
            if (parsed == Parsed::Whole) out.requests.push_back(parser.take());
            if (parsed != Parsed::Refused) continue;
            out.refusal = parser.refusal().message;
            SHOAL_CHECK(parser.refusal().status >= 400 && parser.refusal().status < 600);
            return out;
        }
    }
    return out;
}

void check(const Request& request) {
    SHOAL_CHECK(request.path.starts_with('/') && is_utf8(request.path));
    SHOAL_CHECK(request.path.find('\0') == std::string::npos);
    SHOAL_CHECK(request.body.size() <= limits().body_max);
    SHOAL_CHECK(request.headers.size() <= limits().head.headers_max);
    for (const auto& [name, value] : request.headers) {
        SHOAL_CHECK(is_lower_token(name) && value.find_first_of("\r\n") == std::string::npos);
    }
    // What is relayed to another node is what was asked here. Escapes may make it longer.
    RequestParser parser{MessageLimits{}};
    parser.push(to_text(encode_request(request)));
    SHOAL_CHECK(parser.next() == Parsed::Head && parser.next() == Parsed::Whole);
    const auto again = parser.take();
    SHOAL_CHECK(again.method == request.method && again.path == request.path &&
                again.query == request.query && again.body == request.body);
}

void answer(std::string_view bytes, std::size_t piece) {
    AnswerParser parser{piece % 2 == 0 ? "GET" : "HEAD", 256};
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const auto out = parser.push(bytes.substr(at, piece));
        if (!out) continue;
        SHOAL_CHECK(!*out || ((*out)->body.size() <= 256 && (*out)->status >= 200));
        if (*out) (void)encode_response(**out, Ending::Close, Part::All);
        return;
    }
    (void)parser.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t piece = 1U + data[0];
    const std::string bytes{data + 1, data + size};
    const auto whole = read(bytes, bytes.size() + 1);
    SHOAL_CHECK(read(bytes, piece) == whole);
    for (const auto& request : whole.requests) {
        check(request);
    }
    answer(bytes, piece);
    return 0;
}
