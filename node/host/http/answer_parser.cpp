#include "node/host/http/answer_parser.h"

#include <utility>

namespace shoal::host::http {
namespace {

MessageLimits limits_for(std::size_t body_max) {
    MessageLimits out{};
    out.body_max = body_max;
    return out;
}

}  // namespace

AnswerParser::AnswerParser(std::string_view method, std::size_t body_max)
    : message_(method == "HEAD" ? MessageKind::AnswerWithoutBody : MessageKind::Answer,
               limits_for(body_max)) {}

std::optional<Result<Response>> AnswerParser::push(std::string_view bytes) {
    message_.push(bytes);
    while (true) {
        const auto parsed = message_.next();
        if (parsed == Parsed::More) return std::nullopt;
        if (parsed == Parsed::Head) continue;
        // "100 Continue" and its like come before the answer.
        if (parsed == Parsed::Whole && message_.head().status < 200) continue;
        return result(parsed);
    }
}

Result<Response> AnswerParser::finish() {
    return result(message_.finish());
}

Result<Response> AnswerParser::result(Parsed parsed) {
    if (parsed == Parsed::Refused) {
        const auto& refusal = message_.refusal();
        const bool too_large = refusal.status == 413 || refusal.status == 431;
        return fail(too_large ? Errc::TooLarge : Errc::Malformed, "the answer: " + refusal.message);
    }
    const auto& head = message_.head();
    if (head.status < 200 || head.status > 599) {
        return fail(Errc::Malformed, "the answer has status " + std::to_string(head.status));
    }
    Response out{};
    out.status = static_cast<int>(head.status);
    out.headers = head.headers;
    out.content_type.clear();
    if (auto type = out.headers.extract("content-type")) out.content_type = type.mapped();
    out.body = message_.take_body();
    return out;
}

}  // namespace shoal::host::http
