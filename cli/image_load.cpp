#include "cli/image_load.h"

#include "cli/human.h"
#include "cli/progress.h"
#include "cli/text.h"

#include <fmt/format.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <istream>
#include <utility>

namespace shoal::cli {
namespace {

using std::chrono::milliseconds;

// Below what the API takes as one body.
constexpr std::size_t kPiece = 768U << 10U;
constexpr milliseconds kPollEvery{200};
constexpr milliseconds kUnpacking{30 * 60'000};  // of something very large

class Loading {
public:
    Loading(Context& context, const LoadWords& words)
        : context_(context),
          words_(words),
          wanted_("load " + (words.file == "-" ? "standard input" : words.file)) {}

    Outcome<Json> run(std::istream& in) {
        if (context_.world.heed_interrupt) context_.world.heed_interrupt();
        auto begun = ask({.method = "POST", .path = "/v1/uploads", .body = Json::object()});
        if (!begun) return failed(begun.error());
        path_ = "/v1/uploads/" + url_escaped(text_at(begun->body, "id"));
        auto sent = send(in);
        if (!sent) {
            (void)ask({.method = "DELETE", .path = path_});  // It would go by itself, later.
            return failed(sent.error());
        }
        Json body = Json::object();
        if (!words_.name.empty()) body["name"] = words_.name;
        auto asked = ask({.method = "POST", .path = path_ + "/load", .body = std::move(body)});
        if (!asked) return failed(asked.error());
        return wait();
    }

private:
    Outcome<Answer> ask(Request request) {
        request.wanted = wanted_;
        return context_.client.call(request);
    }

    Outcome<void> send(std::istream& in) {
        std::string piece;
        while (in) {
            piece.resize(kPiece);
            in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
            piece.resize(static_cast<std::size_t>(in.gcount()));
            if (piece.empty()) break;
            const auto size = piece.size();
            auto taken = ask({.method = "PUT",
                              .path = path_,
                              .query = {{"offset", std::to_string(sent_)}},
                              .bytes = std::move(piece)});
            if (!taken) return failed(taken.error());
            sent_ += size;
        }
        if (in.bad()) {
            return failed({Exit::Failed, wanted_, words_.file + ": " + std::strerror(errno), {}});
        }
        if (sent_ == 0) {
            return failed({Exit::Failed, wanted_, "there is nothing in it",
                           "an OCI archive, or what 'docker save' writes"});
        }
        return {};
    }

    Outcome<Json> wait() {
        Progress progress{context_};
        const auto deadline = context_.world.now() + context_.flags.timeout.value_or(kUnpacking);
        for (bool told = false;; told = true) {
            auto answer = ask({.path = path_});
            if (!answer) return failed(answer.error());
            if (text_at(answer->body, "state") == "done") return member(answer->body, "images");
            if (!told && context_.talkative()) {
                progress.say(fmt::format("{} sent; unpacking", human_size(sent_)));
            }
            if (context_.world.now() >= deadline) {
                return failed({Exit::TimedOut, wanted_, "the node is still unpacking it",
                               "shoal image ls shows it once it is there"});
            }
            if (!context_.world.pause(kPollEvery)) {
                return failed({Exit::Interrupted, wanted_, "stopped waiting; the node goes on",
                               "shoal image ls shows it once it is there"});
            }
        }
    }

    Context& context_;
    const LoadWords& words_;
    std::string wanted_;
    std::string path_{};
    std::uint64_t sent_ = 0;
};

View view_of(const Json& images) {
    View view{images, texts_of(images, "name"), {}, {}};
    for (const auto& image : images) {
        view.text +=
            fmt::format("{}  {}  {}\n", printable(text_at(image, "name")),
                        short_image(text_at(image, "digest")), human_size(count_at(image, "size")));
    }
    return view;
}

}  // namespace

Outcome<Exit> load_image(Context& context, const LoadWords& words) {
    std::ifstream file;
    if (words.file != "-") {
        file.open(words.file, std::ios::binary);
        if (!file) {
            return failed({Exit::Failed, "load " + words.file, std::strerror(errno),
                           "a file, or - for standard input"});
        }
    }
    Loading loading{context, words};
    const auto images = loading.run(words.file == "-" ? context.world.in : file);
    if (!images) return failed(images.error());
    print(view_of(*images), context.flags.shape, context.world.out);
    if (context.talkative() && !images->empty()) {
        context.world.out << fmt::format("next: shoal run {}\n",
                                         printable(text_at(images->front(), "name")));
    }
    return Exit::Ok;
}

}  // namespace shoal::cli
