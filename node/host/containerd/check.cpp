#include "node/host/containerd/check.h"

#include "node/host/containerd/check_output.h"
#include "node/host/containerd/labels.h"
#include "node/host/identity/secret.h"
#include "node/host/oci/health.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace shoal::host::ctrd {
namespace {

using placement::CheckOutcome;
using placement::CheckReport;

constexpr std::chrono::seconds kDeath{20};  // from SIGKILL to its end

// The container may have ended meanwhile; that will be told in its own time.
bool says_nothing(const Error& error) {
    return may_pass(error) || error.code == Errc::NotFound;
}

std::string shortened(std::string text) {
    // runc tells its whole way there first.
    constexpr std::string_view kNews = "exec failed: ";
    if (const auto at = text.rfind(kNews); at != std::string::npos)
        text.erase(0, at + kNews.size());
    if (text.size() > placement::kCheckOutputMax) text.resize(placement::kCheckOutputMax);
    return text;
}

// A check often is a shell that waits for something else, which outlives it: all of its group goes,
// if the process is what we take it for. Each has a session of its own.
void kill_group(std::uint32_t pid, const std::string& container) {
    std::ifstream in{"/proc/" + std::to_string(pid) + "/cgroup"};
    const std::string groups{std::istreambuf_iterator<char>{in}, {}};
    if (groups.find(container) == std::string::npos) return;
    (void)::kill(-static_cast<pid_t>(pid), SIGKILL);
}

struct Ended {
    std::uint32_t code = 0;
    bool too_late = false;
};

Awaitable<Result<Ended>> wait_or_kill(Site& site, ExecId id, std::uint32_t pid,
                                      std::chrono::milliseconds timeout) {
    const auto code = co_await site.client.wait_exec(id, timeout);
    if (code) co_return Ended{*code, false};
    if (code.error().code != Errc::TimedOut) co_return fail(code.error());
    kill_group(pid, id.container);
    const auto killed = co_await site.client.kill_exec(id, SIGKILL);
    if (!killed && may_pass(killed.error())) co_return fail(killed.error());
    const auto late = co_await site.client.wait_exec(id, kDeath);
    if (!late) co_return fail(late.error());
    co_return Ended{*late, true};
}

// From its start to its end; nothing is left of it in containerd afterwards.
Awaitable<Result<Ended>> run_process(Site& site, ExecId id, std::string process, std::string output,
                                     std::chrono::milliseconds timeout) {
    const auto created = co_await site.client.create_exec(id, std::move(process), output);
    if (!created) co_return fail(created.error());
    Result<Ended> ended;
    const auto pid = co_await site.client.start_exec(id);
    if (pid) {
        ended = co_await wait_or_kill(site, id, *pid, timeout);
    } else {
        ended = fail(pid.error());
    }
    (void)co_await site.client.delete_exec(id);
    co_return ended;
}

void judge(const Result<Ended>& ended, std::string said, std::chrono::milliseconds timeout,
           CheckReport& out) {
    if (!ended) {
        if (says_nothing(ended.error())) return;
        out.outcome = CheckOutcome::Failed;
        out.output = shortened(ended.error().detail);
        return;
    }
    out.output = std::move(said);
    out.outcome =
        ended->code == 0 && !ended->too_late ? CheckOutcome::Passed : CheckOutcome::Failed;
    if (ended->too_late) {
        out.output = fmt::format("took longer than {} ms and was killed{}{}", timeout.count(),
                                 out.output.empty() ? "" : ": ", out.output);
    } else if (out.output.empty() && ended->code != 0) {
        out.output = fmt::format("exited with status {}", ended->code);
    }
    if (out.output.size() > placement::kCheckOutputMax) {
        out.output = shortened(std::move(out.output));
    }
}

}  // namespace

Awaitable<CheckReport> run_check(std::shared_ptr<Site> site, placement::CheckContainer request) {
    CheckReport out{.id = request.id, .number = request.number};
    const auto place = co_await site->checks.enter();
    if (site->closed || !site->connected) co_return out;
    const auto name = containerd_id({site->settings.node, request.id});
    const auto record = co_await site->client.container(name);
    if (!record) co_return out;
    auto process = oci::process_beside(record->spec, oci::check_words(request.check));
    if (!process) co_return out;
    const auto exec = fmt::format("check-{:016x}", random_u64());
    auto pipe = CheckOutput::open(site->executor, site->settings.checks_root, exec);
    if (!pipe) {
        spdlog::warn("{} cannot be checked: {}", to_string(request.id.slot), pipe.error().detail);
        co_return out;
    }
    const std::chrono::milliseconds timeout{request.check.timeout_ms};
    const ExecId id{name, exec};
    const auto ended =
        co_await run_process(*site, id, std::move(*process), (*pipe)->path(), timeout);
    judge(ended, (*pipe)->finish(), timeout, out);
    co_return out;
}

}  // namespace shoal::host::ctrd
