// What the routes of the API have in common: reading what was asked, and answering a write.
#pragma once

#include "node/host/daemon/member.h"
#include "node/host/http/message.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace shoal::host {

// A number of the query; 0 if it is not there, nothing if it is no number.
[[nodiscard]] std::optional<std::uint64_t> number_of(const http::Request& request,
                                                     const std::string& name);

// What a client may ask of a write, in the query.
struct Wishes {
    SubmissionId submission{};
    std::uint32_t acks = 0;
    bool if_absent = false;
};

[[nodiscard]] Result<Wishes> wishes_of(const http::Request& request);

// Malformed: not a JSON object.
[[nodiscard]] Result<nlohmann::json> body_of(const http::Request& request);

[[nodiscard]] http::Response not_found(const std::string& what, const std::string& hint = "");
[[nodiscard]] http::Response bad_method(const http::Request& request);

// `label` is what the answer calls the thing written: "name", "key".
[[nodiscard]] http::Response answer_write(const Member& member, const SubmissionId& submission,
                                          const store::WriteDone& done, const std::string& label,
                                          const std::string& name);

}  // namespace shoal::host
