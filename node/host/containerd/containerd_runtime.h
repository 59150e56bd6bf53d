// Containers that really run: the Runtime that speaks to containerd.
//
// Crash-only: what runs is containerd's knowledge, found again by labels; nothing is kept here that
// is not asked for anew after a restart of either side.
#pragma once

#include "node/host/containerd/site.h"
#include "node/host/runtime/runtime.h"

#include <asio/io_context.hpp>

#include <memory>

namespace shoal::host::ctrd {

class ContainerdRuntime final : public Runtime {
public:
    ContainerdRuntime(asio::io_context& loop, Settings settings, Report report);
    // Blocks until no thread of gRPC touches the loop any more. Containers run on.
    ~ContainerdRuntime() override;
    ContainerdRuntime(const ContainerdRuntime&) = delete;
    ContainerdRuntime& operator=(const ContainerdRuntime&) = delete;

    void list(Listed done) override;
    void start(const placement::StartContainer& request) override;
    void stop(const placement::StopContainer& request) override;
    void check(const placement::CheckContainer& request, Checked done) override;
    void on_trouble(Trouble tell) override;

    [[nodiscard]] std::optional<oci::Usage> usage(const placement::ContainerId& id) override;

    [[nodiscard]] Images* images() override { return images_.get(); }

private:
    class Keeper;
    std::shared_ptr<Keeper> keeper_;
    std::unique_ptr<Images> images_;
};

}  // namespace shoal::host::ctrd
