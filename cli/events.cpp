// `shoal events [-f]`: what happened lately, as the answering node saw it.
#include "cli/commands.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

// Long enough to be quiet, short enough that a dead connection is noticed.
constexpr milliseconds kWait{20'000};
constexpr milliseconds kGrace{10'000};
constexpr milliseconds kRetryEvery{2'000};

Outcome<Answer> ask(Context& context, std::uint64_t since, bool wait) {
    Request request{.wanted = "read the events", .path = "/v1/events"};
    request.query.emplace_back("since", std::to_string(since));
    if (wait) {
        request.query.emplace_back("wait_ms", std::to_string(kWait.count()));
        request.timeout = kWait + kGrace;
    }
    return context.client.call(request);
}

std::uint64_t last_of(const Json& answer, std::uint64_t since) {
    for (const auto& event : items_at(answer, "events")) {
        since = std::max(since, count_at(event, "sequence"));
    }
    // A restarted agent counts from the start; ours would never come again.
    return count_at(answer, "next") < since ? 0 : since;
}

// One event as one line, so that followers can be read line by line in every format.
void print_line(Context& context, const Json& event) {
    auto& out = context.world.out;
    switch (context.flags.shape.format) {
        case Format::JsonText:
            out << dump(event) << '\n';
            return;
        case Format::YamlText:
            out << "---\n" << to_yaml(event) << '\n';
            return;
        case Format::Names:
            out << printable(text_at(event, "subject")) << '\n';
            return;
        case Format::Columns:
        case Format::WideColumns:
            out << fmt::format("{}  {:<7} {}\n", printable(text_at(event, "at")),
                               printable(text_at(event, "kind")),
                               printable(text_at(event, "text")));
            return;
    }
}

Outcome<View> events_view(Context& context) {
    auto answer = ask(context, 0, false);
    if (!answer) return failed(answer.error());
    const auto& events = items_at(answer->body, "events");
    Table table{{"AT", "KIND", "SUBJECT", "WHAT"}};
    for (const auto& event : events) {
        table.row({{text_at(event, "at")},
                   {text_at(event, "kind")},
                   {text_at(event, "subject")},
                   {text_at(event, "text")}});
    }
    return View{answer->body, texts_of(events, "subject"), context.printed(table), {}};
}

// Goes on when the node goes away and comes back, or another address answers.
Outcome<Exit> follow(Context& context) {
    std::uint64_t since = 0;
    bool begun = false;
    for (;;) {
        const auto answer = ask(context, since, begun);
        if (!answer) {
            if (!begun || answer.error().exit == Exit::Failed) return failed(answer.error());
            print(answer.error(), context.world.err);
            if (!context.world.pause(kRetryEvery)) return Exit::Ok;
            continue;
        }
        begun = true;
        for (const auto& event : items_at(answer->body, "events")) {
            print_line(context, event);
        }
        context.world.out.flush();
        since = last_of(answer->body, since);
        // No waiting here, the node does that; only a chance to stop.
        if (!context.world.pause(milliseconds{0})) return Exit::Ok;
    }
}

}  // namespace

void add_events_command(Program& program) {
    auto following = std::make_shared<bool>(false);
    auto& command = program.command(program.root(), "events", "what happened lately on this node",
                                    [following](Context& context) {
                                        // Watching what happens is following it.
                                        const bool on = *following || context.flags.watch;
                                        return on ? follow(context) : show(context, events_view);
                                    },
                                    {.watch = true});
    command.add_flag("-f,--follow", *following, "go on with what happens next");
}

}  // namespace shoal::cli
