// Requests and answers as the bytes of HTTP/1.1.
#pragma once

#include "node/base/bytes.h"
#include "node/host/http/message.h"

namespace shoal::host::http {

enum class Ending : std::uint8_t { KeepAlive, Close };
enum class Part : std::uint8_t { All, HeadOnly };  // HeadOnly: the answer to a HEAD

// Headers that would break the framing (their own length, a line end in a value) are left out.
[[nodiscard]] Bytes encode_response(const Response& response, Ending ending, Part part);

// For a peer that is known already: no credentials, only what describes the body and the answer
// wanted. Asks that the connection be closed.
[[nodiscard]] Bytes encode_request(const Request& request);

// "HTTP/1.1 100 Continue".
[[nodiscard]] Bytes encode_continue();

}  // namespace shoal::host::http
