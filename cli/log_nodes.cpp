#include "cli/log_nodes.h"

#include "cli/human.h"
#include "cli/job.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{10'000};  // for one page of one node
constexpr milliseconds kAskAway{5'000};    // how often a node that does not answer is asked again
constexpr std::size_t kSmallCluster = 16;  // so few can all be asked all the time

Request request_for(const LogWish& wish) {
    Request out{.wanted = "read the logs of '" + wish.job + "'",
                .path = "/v1/logs/" + url_escaped(wish.job)};
    if (wish.slot) out.query.emplace_back("slot", std::to_string(*wish.slot));
    return out;
}

std::string last_written(const Json& page) {
    std::string out;
    for (const auto& container : items_at(page, "containers")) {
        out = std::max(out, text_at(container, "written"));
    }
    return out;
}

}  // namespace

LogNodes::LogNodes(Context& context, LogWish wish, Until until)
    : context_(context),
      wish_(std::move(wish)),
      until_(until),
      started_ms_(context.world.wall().ms) {}

LogNodes::Node& LogNodes::node_of(const Json& member) {
    const auto id = text_at(member, "id");
    const auto same = [&](const Node& node) { return node.id == id; };
    const auto found = std::find_if(nodes_.begin(), nodes_.end(), same);
    if (found != nodes_.end()) return *found;
    Node fresh;
    fresh.id = id;
    nodes_.push_back(std::move(fresh));
    return nodes_.back();
}

// Where its replicas are now; nothing if that cannot be had.
std::set<std::string> LogNodes::nodes_of_job() const {
    std::set<std::string> out;
    const auto job = context_.client.call({.path = job_path(wish_.job)});
    if (!job) return out;
    for (const auto& slot : items_at(job->body, "slots")) {
        out.insert(text_at(slot, "node"));
    }
    return out;
}

Outcome<void> LogNodes::discover() {
    const auto members =
        context_.client.call({.wanted = request_for(wish_).wanted, .path = "/v1/nodes"});
    if (!members) return failed(members.error());
    const auto& all = members->body;
    const bool few = all.size() <= kSmallCluster;
    const auto places = few || !begun_ ? std::set<std::string>{} : nodes_of_job();
    for (auto& node : nodes_) {
        node.present = false;
    }
    for (const auto& member : all) {
        const auto standing = text_at(member, "standing");
        if (standing == "left") continue;
        auto& node = node_of(member);
        node.name = text_at(member, "name");
        node.present = standing == "alive" || standing == "suspect";
        const bool first = !node.cursor;
        node.expected = few || first || node.had_containers || places.contains(node.name);
        if (!node.present) tell_away(node, "it is " + standing);
    }
    return {};
}

Request LogNodes::question(const Node& node, milliseconds wait) const {
    auto out = request_for(wish_);
    out.timeout = std::min(kPatience, context_.client.settings().timeout) + wait;
    if (wait > milliseconds{0}) out.query.emplace_back("wait_ms", std::to_string(wait.count()));
    if (node.cursor) {
        out.query.emplace_back("cursor", *node.cursor);
        return out;
    }
    // One that comes along while we follow is asked for what it has said since, unless all was
    // wanted anyway.
    const bool late = begun_ && wish_.tail;
    const auto since = late ? std::optional{started_ms_} : wish_.since_ms;
    if (wish_.tail && !late) out.query.emplace_back("tail", std::to_string(*wish_.tail));
    if (since) out.query.emplace_back("since", std::to_string(*since));
    return out;
}

void LogNodes::tell_away(Node& node, const std::string& why) {
    node.more = false;
    if (std::exchange(node.away, true)) return;
    warn(context_, fmt::format("{} cannot be asked, its lines are missing: {}", node.name, why));
}

void LogNodes::learn(Node& node, const Json& page) {
    if (!node.cursor) node.written = last_written(page);
    node.away = false;
    const auto& lines = items_at(page, "lines");
    node.more = is_set(page, "more") && !lines.empty();
    if (node.more && until_ == Until::Now) node.more = text_at(lines.back(), "at") <= node.written;
    node.cursor = text_at(page, "cursor");
    node.had_containers = node.had_containers || !items_at(page, "containers").empty();
    for (const auto& gap : items_at(page, "gaps")) {
        warn(context_, fmt::format("{}.{}@{}: {} of {} were dropped before they were read",
                                   wish_.job, count_at(gap, "slot"), node.name,
                                   human_size(count_at(gap, "bytes")), text_at(gap, "stream")));
    }
    for (const auto& item : lines) {
        node.lines.push_back(read_log_line(wish_.job, node.name, item));
    }
}

// False: it did not answer.
bool LogNodes::ask(Node& node, milliseconds wait) {
    const auto answer = context_.client.call_at(node.id, question(node, wait));
    if (answer) {
        learn(node, answer->body);
        return true;
    }
    node.ask_after = context_.world.now() + kAskAway;
    tell_away(node, answer.error().happened);
    return false;
}

void LogNodes::ask_all(milliseconds wait) {
    std::vector<Node*> asked;
    const auto now = context_.world.now();
    for (auto& node : nodes_) {
        const bool due = !node.away || now >= node.ask_after;
        if (node.present && node.expected && due) asked.push_back(&node);
    }
    const bool waits = asked.size() == 1 && wait > milliseconds{0};
    has_waited_ = false;
    for (auto* node : asked) {
        has_waited_ = ask(*node, waits ? wait : milliseconds{0}) && waits;
    }
    begun_ = true;
}

std::optional<LogLine> LogNodes::take() {
    Node* first = nullptr;
    for (auto& node : nodes_) {
        while (node.lines.empty() && node.more) {
            ask(node, {});
        }
        if (node.lines.empty()) continue;
        if (first == nullptr || node.lines.front().at < first->lines.front().at) first = &node;
    }
    if (first == nullptr) return std::nullopt;
    auto line = std::move(first->lines.front());
    first->lines.pop_front();
    return line;
}

bool LogNodes::anything() const {
    return std::any_of(nodes_.begin(), nodes_.end(),
                       [](const Node& node) { return node.had_containers; });
}

std::vector<LogLine> last_log_lines(Context& context, const LogWish& wish,
                                    const std::string& node) {
    std::vector<LogLine> out;
    auto request = request_for(wish);
    request.timeout = kPatience;
    if (wish.tail) request.query.emplace_back("tail", std::to_string(*wish.tail));
    const auto answer = context.client.call_at(node, request);
    if (!answer) return out;
    for (const auto& item : items_at(answer->body, "lines")) {
        out.push_back(read_log_line(wish.job, node, item));
    }
    return out;
}

}  // namespace shoal::cli
