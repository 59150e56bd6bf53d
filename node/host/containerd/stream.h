// Streams of gRPC, driven from its own callbacks until they end. Internal.
//
// Nothing here waits for the coroutine in between: closing the connection ends a stream although
// the loop does not run any more. A stream owns itself; what it found out is in an Outcome shared
// with the coroutine, which is woken when the stream has ended.
#pragma once

#include "node/host/containerd/client.h"
#include "node/host/containerd/connection.h"

#include <cstddef>
#include <github.com/containerd/containerd/api/services/content/v1/content.grpc.pb.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace shoal::host::ctrd {

// One blob, as a whole; stops when it is over `limit`.
class BlobReader final
    : public grpc::ClientReadReactor<::containerd::services::content::v1::ReadContentResponse> {
public:
    struct Outcome {
        std::string bytes{};
        bool too_large = false;
        grpc::Status status{};
    };

    BlobReader(const Scope& scope, std::size_t limit);

    [[nodiscard]] grpc::ClientContext& context() { return context_; }

    [[nodiscard]] std::shared_ptr<Outcome> outcome() const { return outcome_; }

    // The context must have been entered.
    static void start(std::unique_ptr<BlobReader> self,
                      ::containerd::services::content::v1::Content::Stub& stub,
                      ::containerd::services::content::v1::ReadContentRequest request, Wake wake);

    void OnReadDone(bool ok) override;
    void OnDone(const grpc::Status& status) override;

private:
    Connection* connection_;  // outlives every call: see Client::close
    std::size_t limit_;
    std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
    grpc::ClientContext context_;
    ::containerd::services::content::v1::ReadContentRequest request_;
    ::containerd::services::content::v1::ReadContentResponse piece_;
    std::optional<Wake> wake_;
};

// One blob, in pieces of a mebibyte, committed with the last one.
class BlobWriter final
    : public grpc::ClientBidiReactor<::containerd::services::content::v1::WriteContentRequest,
                                     ::containerd::services::content::v1::WriteContentResponse> {
public:
    struct Outcome {
        std::optional<Error> source_error{};
        grpc::Status status{};
    };

    BlobWriter(const Scope& scope, oci::Descriptor blob, Client::Source source, Labels labels);

    [[nodiscard]] grpc::ClientContext& context() { return context_; }

    [[nodiscard]] std::shared_ptr<Outcome> outcome() const { return outcome_; }

    static void start(std::unique_ptr<BlobWriter> self,
                      ::containerd::services::content::v1::Content::Stub& stub, Wake wake);

    void OnWriteDone(bool ok) override;
    void OnReadDone(bool ok) override;
    void OnDone(const grpc::Status& status) override;

private:
    [[nodiscard]] bool next_piece();

    Connection* connection_;  // outlives every call: see Client::close
    oci::Descriptor blob_;
    Client::Source source_;
    Labels labels_;
    std::int64_t offset_ = 0;
    bool committed_ = false;  // the last piece was handed over
    bool half_closed_ = false;
    std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
    grpc::ClientContext context_;
    ::containerd::services::content::v1::WriteContentRequest request_;
    ::containerd::services::content::v1::WriteContentResponse answer_;
    std::optional<Wake> wake_;
};

}  // namespace shoal::host::ctrd
