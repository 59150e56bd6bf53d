#include "node/host/daemon/log_routes.h"

#include "node/api/quantities.h"
#include "node/host/daemon/answers.h"
#include "node/host/daemon/views.h"
#include "node/host/logs/layout.h"
#include "placement/job.h"

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace shoal::host {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Respond = std::function<void(http::Response)>;

constexpr std::uint64_t kWaitMax = 30'000;
constexpr std::uint64_t kTailMax = 10'000;
constexpr std::uint64_t kTimeMax = 253'402'300'799'999;  // the last moment of the year 9999
constexpr milliseconds kLookAgain{200};                  // while somebody waits for the next line

struct Asked {
    logs::Question question{};
    milliseconds wait{};
};

// Nothing: not given.
Result<std::optional<std::uint64_t>> number(const http::Request& request, const std::string& name,
                                            std::uint64_t max) {
    const auto found = request.query.find(name);
    if (found == request.query.end()) return std::nullopt;
    const auto value = api::parse_number<std::uint64_t>(found->second);
    if (value && *value <= max) return value;
    return fail(Errc::Malformed, name + ": a whole number from 0 to " + std::to_string(max));
}

Result<Asked> read_question(const http::Request& request, const std::string& name) {
    if (!placement::is_job_name(name)) {
        return fail(Errc::Malformed, "'" + name.substr(0, 64) + "' is no name of a job");
    }
    const auto slot = number(request, "slot", std::numeric_limits<std::uint32_t>::max());
    if (!slot) return fail(slot.error());
    const auto tail = number(request, "tail", kTailMax);
    if (!tail) return fail(tail.error());
    const auto since = number(request, "since", kTimeMax);
    if (!since) return fail(since.error());
    const auto wait = number(request, "wait_ms", kWaitMax);
    if (!wait) return fail(wait.error());

    Asked out{.question = {.job = name}, .wait = milliseconds{wait->value_or(0)}};
    if (*slot) out.question.slot = static_cast<std::uint32_t>(**slot);
    if (*tail) out.question.tail = static_cast<std::size_t>(**tail);
    if (*since) out.question.since_ms = static_cast<std::int64_t>(**since);
    if (const auto cursor = request.query.find("cursor"); cursor != request.query.end()) {
        auto decoded = logs::decode_cursor(cursor->second);
        if (!decoded) return fail(decoded.error());
        out.question.cursor = std::move(*decoded);
    }
    return out;
}

json view_stream(const placement::ContainerId& id, std::size_t stream) {
    return {{"slot", id.slot.index}, {"epoch", id.epoch}, {"stream", logs::kStreams.at(stream)}};
}

json view_page(const std::string& node, const std::string& job, const logs::Page& page) {
    json lines = json::array();
    for (const auto& line : page.lines) {
        auto one = view_stream(line.id, line.stream);
        one["at"] = show_time({line.ms});
        one["text"] = line.text;
        if (line.partial) one["partial"] = true;
        lines.push_back(std::move(one));
    }
    json gaps = json::array();
    for (const auto& gap : page.gaps) {
        auto one = view_stream(gap.id, gap.stream);
        one["bytes"] = gap.bytes;
        gaps.push_back(std::move(one));
    }
    json containers = json::array();
    for (const auto& known : page.containers) {
        containers.push_back({{"slot", known.id.slot.index},
                              {"epoch", known.id.epoch},
                              {"live", known.live},
                              {"stdout_bytes", known.bytes[0]},
                              {"stderr_bytes", known.bytes[1]},
                              {"written", show_time({known.written_ms})}});
    }
    return {{"node", node},
            {"job", job},
            {"lines", std::move(lines)},
            {"gaps", std::move(gaps)},
            {"containers", std::move(containers)},
            {"cursor", logs::encode_cursor(page.next)},
            {"more", page.more}};
}

// One question until it has an answer: something to show, or the end of the wait.
class Reading : public std::enable_shared_from_this<Reading> {
public:
    Reading(asio::io_context& loop, Node& node, Asked asked, Respond respond)
        : node_(node),
          timer_(loop),
          question_(std::move(asked.question)),
          deadline_(steady_clock::now() + asked.wait),
          respond_(std::move(respond)) {}

    void look() {
        node_.logs().read(
            question_, [self = shared_from_this()](const logs::Page& page) { self->seen(page); });
    }

private:
    void seen(const logs::Page& page) {
        const bool said = !page.lines.empty() || !page.gaps.empty();
        if (said || steady_clock::now() >= deadline_) {
            const auto* member = node_.member();
            const auto name = member == nullptr
                                  ? std::string{}
                                  : display_name(member->agent(), member->agent().self());
            respond_(answer(view_page(name, question_.job, page)));
            return;
        }
        // What was asked of the beginning is answered: it is the next line that is waited for.
        question_.cursor = page.next;
        timer_.expires_at(std::min(steady_clock::now() + kLookAgain, deadline_));
        timer_.async_wait([self = shared_from_this()](const std::error_code& error) {
            if (!error) self->look();
        });
    }

    Node& node_;
    asio::steady_timer timer_;
    logs::Question question_;
    steady_clock::time_point deadline_;
    Respond respond_;
};

}  // namespace

void answer_logs(asio::io_context& loop, Node& node, const http::Request& request,
                 const std::string& name, const Respond& respond) {
    auto asked = read_question(request, name);
    if (!asked) {
        respond(error(asked.error().code, asked.error().detail));
        return;
    }
    std::make_shared<Reading>(loop, node, std::move(*asked), respond)->look();
}

}  // namespace shoal::host
