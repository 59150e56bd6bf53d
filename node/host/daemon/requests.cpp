#include "node/host/daemon/requests.h"

#include "node/api/quantities.h"
#include "node/host/daemon/answers.h"
#include "node/host/daemon/views.h"

#include <utility>

namespace shoal::host {

using http::Request;
using http::Response;
using nlohmann::json;

std::optional<std::uint64_t> number_of(const Request& request, const std::string& name) {
    const auto found = request.query.find(name);
    if (found == request.query.end()) return 0;
    return api::parse_number<std::uint64_t>(found->second);
}

Result<Wishes> wishes_of(const Request& request) {
    Wishes out;
    const auto acks = number_of(request, "acks");
    if (!acks || *acks > 1000) return fail(Errc::Malformed, "acks: a whole number up to 1000");
    out.acks = static_cast<std::uint32_t>(*acks);
    const auto absent = request.query.find("if_absent");
    out.if_absent = absent != request.query.end() && absent->second == "1";
    const auto submission = request.query.find("submission");
    if (submission == request.query.end()) {
        out.submission = {random_u64(), random_u64()};
        return out;
    }
    const auto id = parse_id<SubmissionTag>(submission->second);
    if (!id) return fail(Errc::Malformed, "submission: 32 hex digits");
    out.submission = *id;
    return out;
}

Result<json> body_of(const Request& request) {
    auto body = json::parse(request.body, nullptr, false);
    if (body.is_discarded()) return fail(Errc::Malformed, "the body is not JSON");
    if (!body.is_object()) return fail(Errc::Malformed, "the body is not a JSON object");
    return body;
}

Response not_found(const std::string& what, const std::string& hint) {
    return http::json_error(404, "not-found", what, hint);
}

Response bad_method(const Request& request) {
    return http::json_error(405, "bad-method",
                            request.method + " is not possible on " + request.path);
}

Response answer_write(const Member& member, const SubmissionId& submission,
                      const store::WriteDone& done, const std::string& label,
                      const std::string& name) {
    json missing = json::array();
    for (const auto& node : done.missing) {
        missing.push_back(display_name(member.agent(), node));
    }
    switch (done.outcome) {
        case store::WriteOutcome::Done:
            return answer({{label, name},
                           {"generation", done.gen},
                           {"acked", done.acked},
                           {"wanted", done.wanted},
                           {"missing", std::move(missing)},
                           {"submission", to_hex(submission)}});
        case store::WriteOutcome::Exists:
            return http::json_error(409, "conflict", label + " '" + name + "' " + done.why);
        case store::WriteOutcome::NotEnough:
            return http::json_error(504, "timeout",
                                    "only " + std::to_string(done.acked) + " of " +
                                        std::to_string(done.wanted) +
                                        " nodes have it on disk, missing " + missing.dump(),
                                    "the write stands and keeps spreading");
        case store::WriteOutcome::Failed:
            return http::json_error(507, "disk", "the disk refused the write: " + done.why,
                                    "nothing was accepted; free space on this node or ask another");
        case store::WriteOutcome::TooLarge:
            return http::json_error(413, "too-large", done.why);
    }
    return http::json_error(500, "disk", "unknown outcome");
}

}  // namespace shoal::host
