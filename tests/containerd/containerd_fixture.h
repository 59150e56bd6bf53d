// A node's runtime against a containerd of its own, and short words for what a test does to them.
#pragma once

#include "node/host/containerd/client.h"
#include "node/host/containerd/containerd_runtime.h"
#include "node/host/containerd/helper_files.h"
#include "node/host/containerd/import.h"
#include "node/host/containerd/labels.h"
#include "node/host/containerd/log_files.h"
#include "tests/containerd/private_containerd.h"

#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace shoal::tests {

using host::ctrd::Client;
using host::ctrd::ContainerdRuntime;
using host::ctrd::ContainerRecord;
using placement::ContainerId;
using placement::ContainerReport;
using placement::ContainerState;

inline constexpr NodeId kSelf{7, 7};
inline constexpr const char* kImage = "test/busybox:1";

class ContainerdTest : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(::geteuid(), 0U) << "these tests drive a containerd of their own, and need root";
        daemon_.start();
        client_.emplace(daemon_.socket(), name_space());
        import(SHOAL_TEST_IMAGE);
    }

    void TearDown() override {
        runtime_.reset();
        if (client_) client_->close();
    }

    [[nodiscard]] std::string name_space() const { return daemon_.id(); }

    void import(const std::string& archive) {
        const auto done = host::ctrd::import_images(
            {.socket = daemon_.socket(), .name_space = name_space(), .archive = archive});
        ASSERT_TRUE(done) << done.error().detail;
    }

    host::ctrd::Settings settings() const {
        return {.socket = daemon_.socket(),
                .name_space = name_space(),
                .node = kSelf,
                .log_root = daemon_.folder() + "/logs",
                .runc_root = daemon_.folder() + "/runc",
                .checks_root = daemon_.folder() + "/checks",
                .cgroup_parent = daemon_.cgroup_parent(),
                .init_path = host::ctrd::place_init(daemon_.folder()).value_or(""),
                .log_writer_path = host::ctrd::place_log_writer({daemon_.folder()}).value_or(""),
                .host = host::oci::detect_host()};
    }

    // The agent starts, asks what there is, and gets its answer.
    std::vector<ContainerReport> agent_starts() { return agent_starts(settings()); }

    std::vector<ContainerReport> agent_starts(host::ctrd::Settings with) {
        runtime_ = std::make_unique<ContainerdRuntime>(
            loop_, std::move(with),
            [this](const ContainerReport& report) { reports_.push_back(report); });
        std::optional<std::vector<ContainerReport>> all;
        runtime_->list([&](std::vector<ContainerReport> found) { all = std::move(found); });
        run_until("the list", [&] { return all.has_value(); });
        return all.value_or(std::vector<ContainerReport>{});
    }

    void agent_ends() { runtime_.reset(); }

    void run_until(const char* what, const std::function<bool()>& done) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{90};
        while (!done()) {
            loop_.restart();
            ASSERT_LT(std::chrono::steady_clock::now(), end) << "never came: " << what;
            loop_.run_one_for(std::chrono::milliseconds{20});
        }
    }

    ContainerReport next_report() {
        run_until("a report", [&] { return !reports_.empty(); });
        if (reports_.empty()) return {};
        auto out = reports_.front();
        reports_.pop_front();
        return out;
    }

    // What another coroutine has to say, on the loop of the agent.
    template <class T>
    T ask(host::ctrd::Awaitable<T> question) {
        std::optional<T> answer;
        asio::co_spawn(loop_, std::move(question),
                       [&](const std::exception_ptr&, T got) { answer = std::move(got); });
        run_until("an answer", [&] { return answer.has_value(); });
        return std::move(*answer);
    }

    static placement::StartContainer request(ContainerId id, std::vector<std::string> command) {
        placement::StartContainer out{.id = std::move(id)};
        out.container.image = kImage;
        out.container.command = std::move(command);
        return out;
    }

    static ContainerId slot(std::uint32_t index) { return {{"app/web", index}, 3}; }

    static placement::StartContainer shell(ContainerId id, const std::string& script) {
        return request(std::move(id), {"sh", "-c", script});
    }

    // Starts and waits for the report that it runs.
    void runs(const placement::StartContainer& what) {
        runtime_->start(what);
        const auto report = next_report();
        EXPECT_EQ(report.state, ContainerState::Running) << report.detail;
        EXPECT_EQ(report.id, what.id);
    }

    std::string output(const ContainerId& id, const char* stream = "stdout") const {
        const auto files = host::ctrd::log_files(daemon_.folder() + "/logs", id);
        std::ifstream in{std::string{stream} == "stdout" ? files.out : files.err};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    void says(const ContainerId& id, const std::string& text) {
        run_until("its output", [&] { return output(id).find(text) != std::string::npos; });
    }

    static std::string name_of(const ContainerId& id) {
        return host::ctrd::containerd_id({kSelf, id});
    }

    pid_t pid_of(const ContainerId& id) {
        const auto task = ask(client_->task(name_of(id)));
        return task ? static_cast<pid_t>(task->pid) : -1;
    }

    std::vector<std::string> records() {
        std::vector<std::string> out;
        const auto all = ask(client_->containers());
        if (!all) return {"error: " + all.error().detail};
        for (const auto& one : *all) {
            out.push_back(one.id);
        }
        return out;
    }

    // Reports come before the removal of what they are about.
    void nothing_is_left() {
        run_until("an empty namespace", [&] { return records().empty(); });
    }

    PrivateContainerd daemon_;
    asio::io_context loop_{1};
    std::optional<Client> client_;
    std::unique_ptr<ContainerdRuntime> runtime_;
    std::deque<ContainerReport> reports_;
};

}  // namespace shoal::tests
