// `shoal init`, `token`, `leave`, `reset`: this node's place in a cluster. `join` has its own file.
#include "cli/commands.h"
#include "cli/duration.h"
#include "cli/human.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <memory>

namespace shoal::cli {
namespace {

// Two lines to paste into the next machine's terminal as they are: the second answers the prompt of
// the first, so the token is in no argument list and in no shell history.
std::string join_lines(const Json& token) {
    return fmt::format("    sudo shoal join {} --token-file -\n    {}\n",
                       printable(text_at(token, "address")), printable(text_at(token, "token")));
}

Outcome<Answer> ask_token(Context& context) {
    return context.client.call({.wanted = "read the join token", .path = "/v1/token"});
}

Outcome<Exit> init(Context& context) {
    const auto answer = context.client.call({.wanted = "found a cluster",
                                             .method = "POST",
                                             .path = "/v1/init",
                                             .body = Json::object()});
    if (!answer) return failed(answer.error());
    const auto cluster = text_at(answer->body, "cluster");
    View view{answer->body, {cluster}, {}, {}};
    view.text = is_set(answer->body, "created")
                    ? fmt::format("founded cluster {}; this node is {}\n", printable(cluster),
                                  printable(text_at(answer->body, "address")))
                    : fmt::format("this node is already in cluster {}\n", printable(cluster));
    if (context.talkative()) {
        // The token is only told on the node's own socket; elsewhere init is still done.
        if (const auto token = ask_token(context)) {
            view.text += "On the next machine, with its agent running, paste both lines:\n\n" +
                         join_lines(token->body);
        } else {
            view.text += "On this machine, 'shoal token' prints the line for the next one.\n";
        }
    }
    print(view, context.flags.shape, context.world.out);
    return Exit::Ok;
}

Outcome<Exit> token(Context& context) {
    const auto answer = ask_token(context);
    if (!answer) return failed(answer.error());
    const auto secret = text_at(answer->body, "token");
    print(View{answer->body, {secret}, join_lines(answer->body), {}}, context.flags.shape,
          context.world.out);
    return Exit::Ok;
}

struct LeaveArguments {
    bool now = false;
    std::string deadline{};
};

Outcome<Exit> leave(Context& context, const LeaveArguments& arguments) {
    const std::string wanted = "leave the cluster";
    Json body = {{"now", arguments.now}};
    if (!arguments.deadline.empty()) {
        const auto deadline = parse_duration(arguments.deadline);
        if (!deadline) {
            return failed({Exit::Usage, wanted, "--deadline: " + deadline.error().detail, {}});
        }
        body["deadline_ms"] = deadline->count();
    }
    const auto sure = confirm(context, wanted, "this node stops what it runs and its agent ends");
    if (!sure) return failed(sure.error());
    const auto answer = context.client.call(
        {.wanted = wanted, .method = "POST", .path = "/v1/leave", .body = std::move(body)});
    if (!answer) return failed(answer.error());
    const View view{answer->body,
                    {text_at(answer->body, "state")},
                    "leaving; the agent ends when its containers have stopped and the others "
                    "know\n",
                    ""};
    print(view, context.flags.shape, context.world.out);
    return Exit::Ok;
}

Outcome<Exit> reset(Context& context) {
    const std::string wanted = "reset this node";
    const auto sure = confirm(
        context, wanted, "its copy of the cluster's key and of all replicated data is deleted");
    if (!sure) return failed(sure.error());
    const auto answer = context.client.call(
        {.wanted = wanted, .method = "POST", .path = "/v1/reset", .body = Json::object()});
    if (!answer) return failed(answer.error());
    const auto deleted = texts_at(answer->body, "deleted");
    View view{answer->body, deleted, {}, ""};
    for (const auto& name : deleted) {
        view.text += "deleted " + printable(name) + "\n";
    }
    view.text += "this node is idle, with a new identity\n";
    print(view, context.flags.shape, context.world.out);
    return Exit::Ok;
}

}  // namespace

void add_cluster_commands(Program& program) {
    auto& root = program.root();
    program.command(root, "init", "found a cluster on this node", init);
    program.command(root, "token", "print the line that lets the next machine join", token);
    auto arguments = std::make_shared<LeaveArguments>();
    auto& leaving =
        program.command(root, "leave", "take this node out of its cluster for good",
                        [arguments](Context& context) { return leave(context, *arguments); });
    leaving.add_flag("--now", arguments->now, "do not wait for containers to stop");
    leaving.add_option("--deadline", arguments->deadline, "how long containers may take to stop")
        ->type_name("DURATION");
    program.command(root, "reset", "forget the cluster, so that this node may join another", reset);
}

}  // namespace shoal::cli
