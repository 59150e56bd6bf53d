// `shoal join ADDR...`: hands the agent seeds and a token, then waits until a member has answered.
//
// The agent goes on trying whatever this command does; waiting only turns "never" into something a
// person sees at once, with the reason for every seed.
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/human.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWait{30'000};
constexpr milliseconds kPollEvery{200};

struct Arguments {
    std::vector<std::string> seeds{};
    std::string token_file{};
};

const std::string kWanted = "join the cluster";

// "[::1]" arrives without its brackets: CLI11 takes them for a list.
std::string seed_of(const std::string& word) {
    const bool bare = std::count(word.begin(), word.end(), ':') > 1 && !word.starts_with('[');
    return bare ? "[" + word + "]" : word;
}

// Only the first line: a terminal has no end of file.
Outcome<std::string> token_from_input(Context& context) {
    if (context.world.in_is_terminal) {
        context.world.err << "token: " << std::flush;
        auto line = context.world.read_secret();
        context.world.err << '\n';
        return line;
    }
    std::string line;
    std::getline(context.world.in, line);
    return line;
}

Outcome<std::string> token_text(Context& context, const Arguments& arguments) {
    if (arguments.token_file == "-") return token_from_input(context);
    if (!arguments.token_file.empty()) {
        const auto text = read_file(arguments.token_file);
        if (!text) return failed({Exit::Failed, kWanted, text.error().detail, {}});
        return *text;
    }
    if (auto token = context.world.variable("SHOAL_TOKEN"); !token.empty()) return token;
    if (context.world.in_is_terminal) return token_from_input(context);
    return failed({Exit::Usage, kWanted, "no token given, and no terminal to ask for it",
                   "--token-file FILE, --token-file - for standard input, or SHOAL_TOKEN"});
}

// One line for each seed: what the agent found, or that it has not tried yet.
std::string tried(const std::vector<std::string>& seeds, const Json& status) {
    std::vector<std::string> lines;
    std::vector<std::string> reported;
    for (const auto& seed : items_at(status, "seeds")) {
        const auto error = text_at(seed, "error");
        reported.push_back(text_at(seed, "address"));
        lines.push_back(reported.back() + ": " + (error.empty() ? "no answer yet" : error));
    }
    for (const auto& seed : seeds) {
        const bool known = std::any_of(reported.begin(), reported.end(), [&](const auto& address) {
            return address == seed || address.starts_with(seed + ":");
        });
        if (!known) lines.push_back(seed + ": not tried yet");
    }
    return join(lines, "\n");
}

// Waiting would change nothing.
bool all_reject(const Json& status) {
    const auto& seeds = items_at(status, "seeds");
    return !seeds.empty() && std::all_of(seeds.begin(), seeds.end(),
                                         [](const Json& seed) { return is_set(seed, "rejected"); });
}

Outcome<Exit> wait_for_membership(Context& context, const std::vector<std::string>& seeds) {
    const auto wait = context.flags.timeout.value_or(kWait);
    const auto deadline = context.world.now() + wait;
    for (;;) {
        const auto left = std::max(deadline - context.world.now(), kPollEvery);
        const auto status = context.client.call(
            {.wanted = "see whether it joined", .path = "/v1/status", .timeout = left});
        if (!status) return failed(status.error());
        const auto& body = status->body;
        if (text_at(body, "state") == "member") {
            const auto cluster = text_at(body, "cluster");
            const auto alive = count_at(member(body, "nodes"), "alive");
            const View view{body,
                            {cluster},
                            fmt::format("member of cluster {}, {} alive\n", printable(cluster),
                                        counted(alive, "node")),
                            ""};
            print(view, context.flags.shape, context.world.out);
            return Exit::Ok;
        }
        if (all_reject(body)) {
            return failed({Exit::Failed, kWanted, tried(seeds, body),
                           "shoal reset, then join with what 'shoal token' prints on a member"});
        }
        if (context.world.now() >= deadline || !context.world.pause(kPollEvery)) {
            return failed(
                {Exit::TimedOut,
                 fmt::format("say yet that this node joined: no member answered within {}s",
                             static_cast<double>(wait.count()) / 1000),
                 tried(seeds, body),
                 "nothing, if that passes: the agent keeps trying; shoal status shows it"});
        }
    }
}

Outcome<Exit> join_cluster(Context& context, const Arguments& arguments) {
    const auto text = token_text(context, arguments);
    if (!text) return failed(text.error());
    const auto token = trimmed(*text);
    if (token.empty()) {
        return failed(
            {Exit::Usage, kWanted, "the token is empty", "shoal token -q, on a member, prints it"});
    }
    std::vector<std::string> seeds;
    for (const auto& word : arguments.seeds) {
        seeds.push_back(seed_of(word));
    }
    const auto answer = context.client.call({.wanted = kWanted,
                                             .method = "POST",
                                             .path = "/v1/join",
                                             .body = Json{{"seeds", seeds}, {"token", token}}});
    if (!answer) return failed(answer.error());
    return wait_for_membership(context, seeds);
}

}  // namespace

void add_join_command(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    auto& command = program.command(
        program.root(), "join", "join the cluster of the node at an address",
        [arguments](Context& context) { return join_cluster(context, *arguments); });
    command
        .add_option("ADDR", arguments->seeds, "HOST or HOST:PORT of a member; several are tried")
        ->required();
    command
        .add_option("--token-file", arguments->token_file,
                    "file with the token ('-': standard input); default: SHOAL_TOKEN, or asked for")
        ->type_name("FILE");
}

}  // namespace shoal::cli
