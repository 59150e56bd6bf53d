// `shoal scale NAME=N...` and `shoal rm NAME...`: the group `job`, for several at once, and
// waiting.
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/job.h"
#include "cli/text.h"
#include "cli/wait.h"
#include "cli/write.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace shoal::cli {
namespace {

struct Arguments {
    std::vector<std::string> words{};
    bool detach = false;
};

// Several writes, one after another. One that fails does not keep the others from being tried: each
// is a wish of its own.
struct Written {
    std::vector<Json> answers{};
    std::vector<std::string> names{};
    std::string text{};
    std::optional<Failure> failure{};  // the first; later ones are on standard error already
};

void write_one(Context& context, Request request, const std::string& name,
               const std::string& sentence, Written& out) {
    auto answer = write(context, std::move(request));
    if (answer) {
        out.text += sentence + ": " + written(*answer) + "\n";
        out.names.push_back(name);
        out.answers.push_back(std::move(*answer));
    } else if (out.failure) {
        print(answer.error(), context.world.err);
    } else {
        out.failure = answer.error();
    }
}

Outcome<Exit> answered(Context& context, const Written& done) {
    print(View{Json(done.answers), done.names, done.text, {}}, context.flags.shape,
          context.world.out);
    if (done.failure) return failed(*done.failure);
    return Exit::Ok;
}

Outcome<Exit> scale(Context& context, const Arguments& arguments) {
    std::vector<ScaleWord> words;
    for (const auto& text : arguments.words) {
        auto word = parse_scale(text);
        if (!word) return failed(word.error());
        words.push_back(std::move(*word));
    }
    Written done;
    for (const auto& word : words) {
        write_one(context, scale_request(word), word.name,
                  fmt::format("job '{}' scaled to {}", printable(word.name), word.replicas), done);
    }
    if (arguments.detach || done.failure) return answered(context, done);
    if (context.talkative()) context.world.err << done.text << std::flush;
    std::vector<Awaited> awaited;
    for (std::size_t i = 0; i < done.names.size(); ++i) {
        awaited.push_back({done.names[i], count_at(done.answers[i], "generation")});
    }
    return wait_until_settled(context, awaited, Ending::List);
}

Outcome<Exit> remove(Context& context, const Arguments& arguments) {
    const auto& names = arguments.words;
    const auto wanted =
        (names.size() == 1 ? "delete job '" : "delete the jobs '") + join(names, "', '") + "'";
    const auto sure = confirm(context, wanted, "all their replicas stop");
    if (!sure) return failed(sure.error());
    Written done;
    for (const auto& name : names) {
        write_one(context, removal_request(name), name,
                  fmt::format("job '{}' deleted", printable(name)), done);
    }
    return answered(context, done);
}

}  // namespace

void add_scale_commands(Program& program) {
    auto arguments = std::make_shared<Arguments>();
    auto& scaling = program.command(
        program.root(), "scale", "change how many replicas jobs have, and wait for them",
        [arguments](Context& context) { return scale(context, *arguments); },
        {.acks = true, .objects = Objects::Jobs});
    scaling.add_option("NAME=N", arguments->words, "a job, and how many replicas it shall have")
        ->required();
    scaling.add_flag("-d,--detach", arguments->detach, "do not wait");

    auto& removal =
        program.command(program.root(), "rm", "delete jobs and stop their replicas",
                        [arguments](Context& context) { return remove(context, *arguments); },
                        {.acks = true, .objects = Objects::Jobs});
    removal.add_option("NAME", arguments->words, "a job")->required();
}

}  // namespace shoal::cli
