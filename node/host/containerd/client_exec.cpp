// The part of Client that is about processes beside a task's own.
#include "node/host/containerd/client.h"
#include "node/host/containerd/stubs.h"

#include <utility>

namespace shoal::host::ctrd {
namespace {

namespace tasks_v1 = services::tasks::v1;

constexpr const char* kProcessType = "types.containerd.io/opencontainers/runtime-spec/1/Process";

}  // namespace

Awaitable<Result<void>> Client::create_exec(ExecId id, std::string process,
                                            std::string output) const {
    tasks_v1::ExecProcessRequest request;
    request.set_container_id(id.container);
    request.set_exec_id(id.exec);
    request.set_stdout(output);
    request.set_stderr(output);
    request.mutable_spec()->set_type_url(kProcessType);
    request.mutable_spec()->set_value(process);
    auto made = co_await call<Empty>("adding a process", scope(), kProcess, std::move(request),
                                     [&](auto... rest) { stubs_->tasks->async()->Exec(rest...); });
    if (!made) co_return fail(made.error());
    co_return Result<void>{};
}

Awaitable<Result<std::uint32_t>> Client::start_exec(ExecId id) const {
    tasks_v1::StartRequest request;
    request.set_container_id(id.container);
    request.set_exec_id(id.exec);
    auto started = co_await call<tasks_v1::StartResponse>(
        "starting a process", scope(), kProcess, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->Start(rest...); });
    if (!started) co_return fail(started.error());
    co_return started->pid();
}

Awaitable<Result<std::uint32_t>> Client::wait_exec(ExecId id,
                                                   std::chrono::milliseconds patience) const {
    tasks_v1::WaitRequest request;
    request.set_container_id(id.container);
    request.set_exec_id(id.exec);
    auto ended = co_await call<tasks_v1::WaitResponse>(
        "waiting for a process", scope(), patience, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->Wait(rest...); });
    if (!ended) co_return fail(ended.error());
    co_return ended->exit_status();
}

Awaitable<Result<void>> Client::kill_exec(ExecId id, int signal) const {
    tasks_v1::KillRequest request;
    request.set_container_id(id.container);
    request.set_exec_id(id.exec);
    request.set_signal(static_cast<std::uint32_t>(signal));
    auto done = co_await call<Empty>("signalling a process", scope(), kSoon, std::move(request),
                                     [&](auto... rest) { stubs_->tasks->async()->Kill(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<void>> Client::delete_exec(ExecId id) const {
    tasks_v1::DeleteProcessRequest request;
    request.set_container_id(id.container);
    request.set_exec_id(id.exec);
    auto done = co_await call<tasks_v1::DeleteResponse>(
        "removing a process", scope(), kProcess, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->DeleteProcess(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

}  // namespace shoal::host::ctrd
