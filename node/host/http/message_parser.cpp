#include "node/host/http/message_parser.h"

#include "node/host/http/text.h"

#include <http_parser.h>
#include <utility>

namespace shoal::host::http {
// http_parser and the functions it calls; `data` points at the MessageParser during execute().
struct MessageParser::Engine {
    explicit Engine(MessageKind kind) {
        http_parser_init(&parser, kind == MessageKind::Request ? HTTP_REQUEST : HTTP_RESPONSE);
        http_parser_settings_init(&settings);
        settings.on_url = [](http_parser* from, const char* at, std::size_t size) {
            self(from).head_.target.append(at, size);
            return 0;
        };
        settings.on_header_field = [](http_parser* from, const char* at, std::size_t size) {
            return on_header(self(from), Part::Name, {at, size});
        };
        settings.on_header_value = [](http_parser* from, const char* at, std::size_t size) {
            return on_header(self(from), Part::Value, {at, size});
        };
        settings.on_headers_complete = on_head;
        settings.on_body = [](http_parser* from, const char* at, std::size_t size) {
            return on_body(self(from), {at, size});
        };
        settings.on_message_complete = [](http_parser* from) {
            auto& to = self(from);
            to.complete_ = true;
            to.keep_alive_ = http_should_keep_alive(from) != 0;
            if (to.trailer_ > to.limits_.head.head_max) {
                to.refuse({431, "too-large", "the trailers are too long", {}});
            }
            http_parser_pause(from, 1);
            return 0;
        };
    }

    enum class Part : std::uint8_t { Name, Value };

    static MessageParser& self(http_parser* from) {
        return *static_cast<MessageParser*>(from->data);
    }

    // Nothing is refused here: these pieces end where the bytes pushed end, and what comes of a
    // message must not depend on that.
    static int on_header(MessageParser& to, Part part, std::string_view text) {
        if (to.head_closed_) {
            to.trailer_ += text.size();
            return 0;
        }
        if (part == Part::Name && to.in_value_) to.close_header();
        to.in_value_ = part == Part::Value;
        (to.in_value_ ? to.value_ : to.name_).append(text);
        return 0;
    }

    // 1 tells http_parser that no body follows, whatever the head says; 3 is an error.
    static int on_head(http_parser* from) {
        constexpr int kNoBody = 1;
        constexpr int kStop = 3;
        auto& to = self(from);
        if (to.in_value_) to.close_header();
        to.head_closed_ = true;
        if (to.bad_name_) {
            to.refuse({400, "malformed", "a header has no proper name", {}});
            return kStop;
        }
        auto& head = to.head_;
        head.major = from->http_major;
        head.minor = from->http_minor;
        head.chunked = (from->flags & F_CHUNKED) != 0;
        if ((from->flags & F_CONTENTLENGTH) != 0) head.content_length = from->content_length;
        if (to.kind_ == MessageKind::Request) {
            head.method = http_method_str(static_cast<http_method>(from->method));
        } else {
            head.status = from->status_code;
        }
        if (to.kind_ == MessageKind::AnswerWithoutBody) return kNoBody;
        if (!head.chunked && head.content_length.value_or(0) > to.limits_.body_max) {
            to.refuse_body();
            return kStop;
        }
        return 0;
    }

    static int on_body(MessageParser& to, std::string_view bytes) {
        if (bytes.size() > to.limits_.body_max - to.body_.size()) {
            to.refuse_body();
            return 1;
        }
        to.body_.append(bytes);
        return 0;
    }

    http_parser parser{};
    http_parser_settings settings{};
};

MessageParser::MessageParser(MessageKind kind, const MessageLimits& limits)
    : kind_(kind),
      limits_(limits),
      engine_(std::make_unique<Engine>(kind)),
      scanner_(limits.head) {}

MessageParser::~MessageParser() = default;
MessageParser::MessageParser(MessageParser&&) noexcept = default;
MessageParser& MessageParser::operator=(MessageParser&&) noexcept = default;

bool MessageParser::begun() const {
    return phase_ == Phase::Body || !in_.empty() || (phase_ == Phase::Head && scanner_.seen() > 0);
}

Parsed MessageParser::next() {
    if (refusal_) return Parsed::Refused;
    if (phase_ == Phase::Done) restart();
    return phase_ == Phase::Head ? read_head() : read_body();
}

Parsed MessageParser::read_head() {
    const auto found = scanner_.scan(in_);
    if (found.used > 0) execute(std::string_view{in_}.substr(0, found.used));
    if (refusal_) return Parsed::Refused;
    // Only now, so that it does not matter in how many pieces the head came.
    judge(found.verdict);
    if (refusal_) return Parsed::Refused;
    if (head_closed_ != (found.verdict == HeadScanner::Verdict::End)) {
        return refuse({400, "malformed", "it is not clear where the head of the request ends", {}});
    }
    in_.erase(0, found.used);
    if (!head_closed_) return Parsed::More;
    phase_ = Phase::Body;
    return Parsed::Head;
}

Parsed MessageParser::read_body() {
    if (!complete_ && !in_.empty()) in_.erase(0, execute(in_));
    if (refusal_) return Parsed::Refused;
    if (!complete_) return Parsed::More;
    phase_ = Phase::Done;
    return Parsed::Whole;
}

Parsed MessageParser::finish() {
    if (refusal_) return Parsed::Refused;
    if (phase_ == Phase::Body && !complete_) execute({});
    if (phase_ == Phase::Body && complete_) {
        phase_ = Phase::Done;
        return Parsed::Whole;
    }
    return refuse({400, "malformed", "the message ended early", {}});
}

Parsed MessageParser::refuse(Refusal refusal) {
    if (!refusal_) refusal_ = std::move(refusal);
    return Parsed::Refused;
}

// Returns how many bytes belong to this message. No bytes at all mean that the stream has ended.
std::size_t MessageParser::execute(std::string_view bytes) {
    auto& parser = engine_->parser;
    parser.data = this;
    const auto used = http_parser_execute(&parser, &engine_->settings, bytes.data(), bytes.size());
    const auto error = static_cast<http_errno>(parser.http_errno);
    if (error == HPE_HEADER_OVERFLOW) {
        refuse({431, "too-large", "a line is too long", {}});
    } else if (error != HPE_OK && error != HPE_PAUSED) {
        refuse({400,
                "malformed",
                std::string{"this is not HTTP/1.1: "} + http_errno_description(error),
                {}});
    } else if (used != bytes.size() && !complete_) {
        refuse({400, "malformed", "this is another protocol than HTTP/1.1", {}});
    }
    return used;
}

void MessageParser::close_header() {
    auto name = lower(name_);
    name_.clear();
    const auto value = std::exchange(value_, {});
    in_value_ = false;
    if (!is_lower_token(name)) bad_name_ = true;
    auto [at, fresh] = head_.headers.try_emplace(std::move(name), trim(value));
    if (!fresh) at->second.append(", ").append(trim(value));
}

void MessageParser::refuse_body() {
    refuse({413,
            "too-large",
            "the body is larger than " + std::to_string(limits_.body_max) + " bytes",
            {}});
}

void MessageParser::judge(HeadScanner::Verdict verdict) {
    switch (verdict) {
        case HeadScanner::Verdict::More:
        case HeadScanner::Verdict::End:
            return;
        case HeadScanner::Verdict::LineTooLong:
            refuse({414,
                    "too-large",
                    "the first line is longer than " +
                        std::to_string(limits_.head.request_line_max) + " bytes",
                    {}});
            return;
        case HeadScanner::Verdict::TooLong:
            refuse({431,
                    "too-large",
                    "more than " + std::to_string(limits_.head.headers_max) + " headers or " +
                        std::to_string(limits_.head.head_max) + " bytes of them",
                    {}});
            return;
        case HeadScanner::Verdict::Malformed:
            refuse({400,
                    "malformed",
                    "the head holds a folded line, a NUL, or a line end that is not CR LF",
                    {}});
            return;
    }
}

void MessageParser::restart() {
    phase_ = Phase::Head;
    scanner_ = HeadScanner{limits_.head};
    head_ = {};
    head_closed_ = false;
    trailer_ = 0;
    body_.clear();
    complete_ = false;
    http_parser_pause(&engine_->parser, 0);
}

}  // namespace shoal::host::http
