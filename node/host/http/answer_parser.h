// The answer to one request out of a stream of bytes.
#pragma once

#include "node/base/result.h"
#include "node/host/http/message_parser.h"

#include <cstddef>
#include <optional>
#include <string_view>

namespace shoal::host::http {

class AnswerParser {
public:
    // `method` of the request: the answer to a HEAD has no body.
    AnswerParser(std::string_view method, std::size_t body_max);

    // An answer, an error, or nothing yet.
    [[nodiscard]] std::optional<Result<Response>> push(std::string_view bytes);

    // The stream has ended.
    [[nodiscard]] Result<Response> finish();

private:
    [[nodiscard]] Result<Response> result(Parsed parsed);

    MessageParser message_;
};

}  // namespace shoal::host::http
