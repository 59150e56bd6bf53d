#include "cli/write.h"

#include "cli/human.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace shoal::cli {

Request write_request(const Context& context, Request request) {
    const bool has_one =
        std::any_of(request.query.begin(), request.query.end(),
                    [](const auto& parameter) { return parameter.first == "submission"; });
    if (!has_one) request.query.emplace_back("submission", context.world.draw_id());
    if (context.flags.acks) {
        request.query.emplace_back("acks", std::to_string(*context.flags.acks));
    }
    request.repeatable = true;
    return request;
}

std::string written(const Json& answer) {
    const auto wanted = count_at(answer, "wanted");
    return fmt::format("generation {}, on {} of {}", count_at(answer, "generation"),
                       count_at(answer, "acked"), counted(wanted, "disk"));
}

void warn_of_missing(Context& context, const Json& answer) {
    const auto acked = count_at(answer, "acked");
    const auto wanted = count_at(answer, "wanted");
    if (acked >= wanted) return;
    const auto missing = texts_at(answer, "missing");
    warn(context, fmt::format("{} of {} have it on disk{}; it keeps spreading", acked,
                              counted(wanted, "node"),
                              missing.empty() ? "" : ", not yet " + join(missing, ", ")));
}

Outcome<Json> write(Context& context, Request request) {
    auto answer = context.client.call(write_request(context, std::move(request)));
    if (!answer) return failed(answer.error());
    warn_of_missing(context, answer->body);
    return std::move(answer->body);
}

void show_written(Context& context, const Json& answer, const std::string& name,
                  const std::string& sentence) {
    print(View{answer, {name}, sentence + ": " + written(answer) + "\n", {}}, context.flags.shape,
          context.world.out);
}

Outcome<Exit> send_write(Context& context, Request request, const std::string& name,
                         const std::string& sentence) {
    const auto answer = write(context, std::move(request));
    if (!answer) return failed(answer.error());
    show_written(context, *answer, name, sentence);
    return Exit::Ok;
}

}  // namespace shoal::cli
