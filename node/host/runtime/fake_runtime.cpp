#include "node/host/runtime/fake_runtime.h"

#include "node/host/logs/layout.h"
#include "node/host/volumes/directories.h"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace shoal::host {

using placement::ContainerReport;
using placement::ContainerState;

namespace {

constexpr std::string_view kTalks = "fake/talk";
constexpr std::string_view kChecked = "fake/checked:";

placement::HealthCheck image_check(std::string_view image) {
    if (!image.starts_with(kChecked)) return {};
    return {.kind = placement::HealthCheck::Kind::Program,
            .test = {"test", "-e", std::string{image.substr(kChecked.size())}},
            .interval_ms = 200,
            .start_interval_ms = 100};
}

ContainerReport runs(const placement::ContainerId& id, std::string_view image) {
    return {.id = id, .state = ContainerState::Running, .image_check = image_check(image)};
}

// The words of the check; a line for the shell is one without quotes.
std::vector<std::string> words_of(const placement::HealthCheck& check) {
    if (check.kind != placement::HealthCheck::Kind::Shell) return check.test;
    std::istringstream line{check.test.front()};
    return {std::istream_iterator<std::string>{line}, {}};
}

placement::CheckReport play(const placement::CheckContainer& request) {
    using placement::CheckOutcome;
    placement::CheckReport out{.id = request.id, .number = request.number};
    const auto words = words_of(request.check);
    const auto fails = [&](std::string why) {
        out.outcome = CheckOutcome::Failed;
        out.output = std::move(why);
        return out;
    };
    if (words == std::vector<std::string>{"false"}) return fails("false");
    if (words.size() == 3 && words[0] == "test" && words[1] == "-e") {
        std::error_code ignored;
        if (!std::filesystem::exists(words[2], ignored)) return fails("there is no " + words[2]);
    } else if (words != std::vector<std::string>{"true"}) {
        return fails("no program the fake runtime knows: true, false, sleep, test -e FILE");
    }
    out.outcome = CheckOutcome::Passed;
    return out;
}

void print(const std::string& log_root, const placement::ContainerId& id, const char* stream,
           std::string_view text) {
    const auto folder = logs::folder_of(log_root, id);
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    std::ofstream{folder + stream, std::ios::app} << text;
}

}  // namespace

FakeRuntime::FakeRuntime(asio::io_context& loop, Places places, Report report)
    : loop_(loop), places_(std::move(places)), report_(std::move(report)) {
    load();
}

void FakeRuntime::list(Listed done) {
    std::vector<ContainerReport> all;
    for (const auto& [id, image] : running_) {
        all.push_back(runs(id, image));
    }
    asio::post(loop_,
               [done = std::move(done), all = std::move(all)]() mutable { done(std::move(all)); });
}

void FakeRuntime::start(const placement::StartContainer& request) {
    const std::string_view image = request.container.image;
    constexpr std::string_view kExits = "fake/exit:";
    if (image == "fake/missing") {
        say({.id = request.id,
             .state = ContainerState::StartFailed,
             .detail = "image fake/missing is nowhere to be found"});
        return;
    }
    if (image.starts_with(kExits)) {
        const auto code = std::atoi(std::string{image.substr(kExits.size())}.c_str());
        print(places_.logs, request.id, "stderr",
              "fake: exits with status " + std::to_string(code) + "\n");
        say({.id = request.id, .state = ContainerState::Running});
        say({.id = request.id,
             .state = ContainerState::Exited,
             .exit_code = code,
             .detail = "exited with status " + std::to_string(code)});
        return;
    }
    if (image == kTalks) {
        const auto& slot = request.id.slot;
        const auto name = slot.job + "." + std::to_string(slot.index);
        print(places_.logs, request.id, "stdout", name + " says hello\n" + name + " is up\n");
        print(places_.logs, request.id, "stderr", name + " has something to complain about\n");
    }
    if (const auto written = write_to_volumes(request); !written) {
        say({.id = request.id,
             .state = ContainerState::StartFailed,
             .detail = written.error().detail});
        return;
    }
    running_[request.id] = request.container.image;
    save();
    say(runs(request.id, image));
}

void FakeRuntime::check(const placement::CheckContainer& request, Checked done) {
    if (!running_.contains(request.id)) {
        asio::post(loop_, [done = std::move(done), id = request.id, number = request.number] {
            done({.id = id, .number = number});
        });
        return;
    }
    const auto words = words_of(request.check);
    if (words.empty() || words.front() != "sleep") {
        asio::post(loop_, [done = std::move(done), answer = play(request)] { done(answer); });
        return;
    }
    const std::chrono::milliseconds timeout{request.check.timeout_ms};
    auto timer = std::make_shared<asio::steady_timer>(loop_, timeout);
    timer->async_wait([timer, done = std::move(done), request](const std::error_code&) {
        done({.id = request.id,
              .number = request.number,
              .outcome = placement::CheckOutcome::Failed,
              .output = "took longer than " + std::to_string(request.check.timeout_ms) + " ms"});
    });
}

Result<void> FakeRuntime::write_to_volumes(const placement::StartContainer& request) const {
    const auto& slot = request.id.slot;
    for (const auto& id : placement::volumes_of(request.container.mounts, slot.index)) {
        if (auto made = volumes::make(places_.volumes, id, {}); !made) return made;
        std::ofstream{volumes::path_of(places_.volumes, id) + "/starts", std::ios::app}
            << to_string(slot) << ' ' << request.id.epoch << '\n';
    }
    return {};
}

void FakeRuntime::stop(const placement::StopContainer& request) {
    const auto found = running_.find(request.id);
    if (found == running_.end()) {
        say({.id = request.id, .state = ContainerState::Gone});
        return;
    }
    const auto grace = found->second == "fake/stubborn"
                           ? std::chrono::milliseconds{request.grace_ms}
                           : std::chrono::milliseconds{0};
    auto timer = std::make_shared<asio::steady_timer>(loop_, grace);
    timer->async_wait([this, timer, id = request.id](const std::error_code&) {
        const auto at = running_.find(id);
        if (at == running_.end()) return;
        if (at->second == kTalks) print(places_.logs, id, "stdout", "says goodbye\n");
        running_.erase(at);
        save();
        report_({.id = id, .state = ContainerState::Gone});
    });
}

void FakeRuntime::say(ContainerReport report) {
    asio::post(loop_, [this, report = std::move(report)] { report_(report); });
}

void FakeRuntime::load() {
    std::ifstream in{places_.file};
    const auto root = nlohmann::json::parse(in, nullptr, false);
    if (!root.is_array()) return;  // Nothing ran yet, or the file is not ours to trust.
    for (const auto& item : root) {
        if (!item.is_object()) continue;
        running_[{{item.value("job", ""), item.value("slot", 0U)}, item.value("epoch", 0ULL)}] =
            item.value("image", "");
    }
}

void FakeRuntime::save() const {
    auto root = nlohmann::json::array();
    for (const auto& [id, image] : running_) {
        root.push_back(
            {{"job", id.slot.job}, {"slot", id.slot.index}, {"epoch", id.epoch}, {"image", image}});
    }
    const auto fresh = places_.file.string() + ".new";
    std::ofstream{fresh} << root.dump() << '\n';
    std::error_code ignored;
    std::filesystem::rename(fresh, places_.file, ignored);
}

}  // namespace shoal::host
