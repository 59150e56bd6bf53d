// A containerd of any version with nothing in it: it says its version, lists nothing and takes
// every other call for done.
#pragma once

#include <atomic>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <memory>
#include <mutex>
#include <string>

namespace shoal::tests {

class FakeContainerd final : public grpc::CallbackGenericService {
public:
    FakeContainerd(const std::string& socket, std::string version);
    ~FakeContainerd() override;
    FakeContainerd(const FakeContainerd&) = delete;
    FakeContainerd& operator=(const FakeContainerd&) = delete;

    // As after an upgrade.
    void becomes(std::string version);

    [[nodiscard]] std::string version() const;

    grpc::ServerGenericBidiReactor* CreateReactor(
        grpc::GenericCallbackServerContext* context) override;

private:
    mutable std::mutex mutex_;
    std::string version_;
    std::unique_ptr<grpc::Server> server_;
};

}  // namespace shoal::tests
