// One HTTP/1 message after another out of a stream of bytes: the part requests and answers share.
//
// http_parser does the reading, one message at a time, and is seen by this file's source alone.
// What a stranger can make it hold is bounded by MessageLimits plus the pieces pushed and not yet
// read; whoever pushes stops while a message is being answered.
#pragma once

#include "node/host/http/head_scanner.h"
#include "node/host/http/message.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace shoal::host::http {

struct MessageLimits {
    HeadLimits head{};
    std::size_t body_max = 1U << 20U;
};

enum class MessageKind : std::uint8_t { Request, Answer, AnswerWithoutBody };

enum class Parsed : std::uint8_t {
    More,     // push more bytes
    Head,     // the head is there; call next() for the body
    Whole,    // the message is complete; the next call starts on the one behind it
    Refused,  // never anything else again
};

struct Head {
    std::string method{};  // requests
    std::string target{};  // requests
    unsigned status = 0;   // answers
    unsigned major = 0;
    unsigned minor = 0;
    Fields headers{};  // names in lower case; one given more than once is joined by ", "
    bool chunked = false;
    std::optional<std::uint64_t> content_length{};

    [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

class MessageParser {
public:
    MessageParser(MessageKind kind, const MessageLimits& limits);
    ~MessageParser();
    MessageParser(MessageParser&&) noexcept;
    MessageParser& operator=(MessageParser&&) noexcept;
    MessageParser(const MessageParser&) = delete;
    MessageParser& operator=(const MessageParser&) = delete;

    void push(std::string_view bytes) { in_.append(bytes); }

    [[nodiscard]] Parsed next();

    // No bytes follow. Whole if that is how this message ends, Refused if not.
    [[nodiscard]] Parsed finish();

    // Valid from Head until the next call after Whole.
    [[nodiscard]] const Head& head() const { return head_; }

    // Valid after Whole.
    [[nodiscard]] const std::string& body() const { return body_; }

    [[nodiscard]] std::string take_body() { return std::move(body_); }

    // Another message may follow this one; valid after Whole.
    [[nodiscard]] bool keep_alive() const { return keep_alive_; }

    // Some bytes of the message that next() works on have arrived.
    [[nodiscard]] bool begun() const;

    // Bytes kept in memory.
    [[nodiscard]] std::size_t held() const { return in_.size() + body_.size(); }

    // Valid after Refused.
    [[nodiscard]] const Refusal& refusal() const { return *refusal_; }

    // For what only the caller can judge; the first refusal stands.
    Parsed refuse(Refusal refusal);

private:
    struct Engine;

    enum class Phase : std::uint8_t { Head, Body, Done };

    [[nodiscard]] Parsed read_head();
    [[nodiscard]] Parsed read_body();
    std::size_t execute(std::string_view bytes);
    void close_header();
    void refuse_body();
    void judge(HeadScanner::Verdict verdict);
    void restart();

    MessageKind kind_;
    MessageLimits limits_;
    std::unique_ptr<Engine> engine_;
    HeadScanner scanner_;
    Phase phase_ = Phase::Head;
    std::string in_;
    Head head_{};
    std::string name_;   // of the header being read
    std::string value_;  // likewise
    bool in_value_ = false;
    bool head_closed_ = false;
    bool bad_name_ = false;  // of a header of this head
    // Bytes of trailers, which are read and forgotten; http_parser itself stops at 80 KiB.
    std::size_t trailer_ = 0;
    std::string body_;
    bool complete_ = false;
    bool keep_alive_ = false;
    std::optional<Refusal> refusal_;
};

}  // namespace shoal::host::http
