// Containers that are only remembered: `shoal agent --runtime fake`.
//
// For trying out placement, and for tests of real processes, on machines without containerd. What
// "runs" is kept in a file of the data directory, so that it outlives the agent as real containers
// do. Three images misbehave on purpose: "fake/exit:CODE" exits at once, "fake/missing" cannot be
// started, "fake/stubborn" takes its whole grace to stop. "fake/talk" says a few lines when it
// starts and one when it stops; what exits at once says why. "fake/checked:FILE" has a check of its
// own. Checks are played, not run: `true`, `false`, `sleep` (never ends) and `test -e FILE`.
#pragma once

#include "node/host/runtime/runtime.h"

#include <asio/io_context.hpp>

#include <filesystem>
#include <map>
#include <string>

namespace shoal::host {

class FakeRuntime final : public Runtime {
public:
    struct Places {
        std::filesystem::path file{};  // read now, and rewritten on every change
        std::string logs{};            // output goes below it, as that of real containers does
        std::string volumes{};         // and so do volumes; each start leaves a line in them
    };

    // `report` is called from `loop` only.
    FakeRuntime(asio::io_context& loop, Places places, Report report);

    void list(Listed done) override;
    void start(const placement::StartContainer& request) override;
    void stop(const placement::StopContainer& request) override;
    void check(const placement::CheckContainer& request, Checked done) override;

private:
    void load();
    void save() const;
    [[nodiscard]] Result<void> write_to_volumes(const placement::StartContainer& request) const;
    void say(placement::ContainerReport report);

    asio::io_context& loop_;
    Places places_;
    Report report_;
    std::map<placement::ContainerId, std::string> running_;  // -> image
};

}  // namespace shoal::host
