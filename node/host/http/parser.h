// Requests out of a stream of bytes: the pure core of the server, fed by sockets, pipes, tests and
// the fuzzer alike.
//
//     parser.push(bytes);
//     switch (parser.next()) ...
//
// What always holds: however the bytes are cut into pieces, the same requests and the same refusal
// come out.
#pragma once

#include "node/host/http/message_parser.h"

#include <optional>
#include <string>
#include <string_view>

namespace shoal::host::http {

class RequestParser {
public:
    explicit RequestParser(const MessageLimits& limits) : message_(MessageKind::Request, limits) {}

    void push(std::string_view bytes) { message_.push(bytes); }

    // Head: request() holds all but the body, so that a caller who may not ask is turned away
    // before the body is read.
    [[nodiscard]] Parsed next();

    [[nodiscard]] const Request& request() const { return request_; }

    // After Whole.
    [[nodiscard]] Request take();

    // After Head.
    [[nodiscard]] bool has_body() const { return message_.head().has_body(); }

    // After Head: the caller waits for "100 Continue" before it sends the body.
    [[nodiscard]] bool wants_continue() const { return wants_continue_; }

    // After Whole.
    [[nodiscard]] bool keep_alive() const { return message_.keep_alive(); }

    [[nodiscard]] bool begun() const { return message_.begun(); }

    [[nodiscard]] std::size_t held() const { return message_.held(); }

    // After Refused.
    [[nodiscard]] const Refusal& refusal() const { return message_.refusal(); }

private:
    [[nodiscard]] std::optional<Refusal> check_head();

    MessageParser message_;
    Request request_{};
    bool wants_continue_ = false;
};

}  // namespace shoal::host::http
