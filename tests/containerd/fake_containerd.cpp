#include "tests/containerd/fake_containerd.h"

#include <chrono>
#include <utility>

namespace shoal::tests {
namespace {

// One answer, and the end; a subscription stays open until its client goes.
class Answer final : public grpc::ServerGenericBidiReactor {
public:
    Answer(const std::string& method, const std::string& version) {
        if (method.ends_with("/Subscribe")) {
            StartSendInitialMetadata();
            return;
        }
        std::string message;
        if (method.ends_with(".Version/Version")) {
            // The first field of the message: its tag, its length, its bytes.
            message = "\x0a" + std::string(1, static_cast<char>(version.size())) + version;
        }
        grpc::Slice slice{message};
        bytes_ = grpc::ByteBuffer{&slice, 1};
        StartWriteAndFinish(&bytes_, {}, grpc::Status::OK);
    }

    void OnCancel() override { Finish(grpc::Status::CANCELLED); }

    void OnDone() override { delete this; }

private:
    grpc::ByteBuffer bytes_;
};

}  // namespace

FakeContainerd::FakeContainerd(const std::string& socket, std::string version)
    : version_(std::move(version)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + socket, grpc::InsecureServerCredentials());
    builder.RegisterCallbackGenericService(this);
    server_ = builder.BuildAndStart();
}

FakeContainerd::~FakeContainerd() {
    server_->Shutdown(std::chrono::system_clock::now());
}

void FakeContainerd::becomes(std::string version) {
    const std::lock_guard lock{mutex_};
    version_ = std::move(version);
}

std::string FakeContainerd::version() const {
    const std::lock_guard lock{mutex_};
    return version_;
}

grpc::ServerGenericBidiReactor* FakeContainerd::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
    return new Answer{context->method(), version()};
}

}  // namespace shoal::tests
