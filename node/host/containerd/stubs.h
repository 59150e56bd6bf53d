// containerd's generated services, and the stubs a client holds. Internal: takes long to compile,
// so it is for the sources of Client alone.
#pragma once

#include "node/host/containerd/client.h"
#include "node/host/containerd/connection.h"

#include <chrono>
#include <github.com/containerd/containerd/api/services/containers/v1/containers.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/content/v1/content.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/diff/v1/diff.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/events/v1/events.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/images/v1/images.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/leases/v1/leases.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/namespaces/v1/namespace.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/snapshots/v1/snapshots.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/tasks/v1/tasks.grpc.pb.h>
#include <github.com/containerd/containerd/api/services/version/v1/version.grpc.pb.h>
#include <memory>

namespace shoal::host::ctrd {

namespace services = ::containerd::services;
using google::protobuf::Empty;

struct Client::Stubs {
    explicit Stubs(const std::shared_ptr<grpc::Channel>& channel)
        : version(services::version::v1::Version::NewStub(channel)),
          namespaces(services::namespaces::v1::Namespaces::NewStub(channel)),
          images(services::images::v1::Images::NewStub(channel)),
          content(services::content::v1::Content::NewStub(channel)),
          snapshots(services::snapshots::v1::Snapshots::NewStub(channel)),
          diff(services::diff::v1::Diff::NewStub(channel)),
          leases(services::leases::v1::Leases::NewStub(channel)),
          containers(services::containers::v1::Containers::NewStub(channel)),
          tasks(services::tasks::v1::Tasks::NewStub(channel)),
          events(services::events::v1::Events::NewStub(channel)) {}

    std::unique_ptr<services::version::v1::Version::Stub> version;
    std::unique_ptr<services::namespaces::v1::Namespaces::Stub> namespaces;
    std::unique_ptr<services::images::v1::Images::Stub> images;
    std::unique_ptr<services::content::v1::Content::Stub> content;
    std::unique_ptr<services::snapshots::v1::Snapshots::Stub> snapshots;
    std::unique_ptr<services::diff::v1::Diff::Stub> diff;
    std::unique_ptr<services::leases::v1::Leases::Stub> leases;
    std::unique_ptr<services::containers::v1::Containers::Stub> containers;
    std::unique_ptr<services::tasks::v1::Tasks::Stub> tasks;
    std::unique_ptr<services::events::v1::Events::Stub> events;
};

// containerd answers in milliseconds; a machine at its limits may need longer.
inline constexpr std::chrono::seconds kSoon{10};
// Starts and ends processes.
inline constexpr std::chrono::seconds kProcess{60};
// Unpacks gigabytes.
inline constexpr std::chrono::minutes kBulk{15};

inline constexpr const char* kSnapshotter = "overlayfs";

inline void put_mounts(google::protobuf::RepeatedPtrField<::containerd::types::Mount>& to,
                       const Mounts& from) {
    for (const Mount& one : from) {
        auto& mount = *to.Add();
        mount.set_type(one.type);
        mount.set_source(one.source);
        mount.set_target(one.target);
        for (const auto& option : one.options) {
            mount.add_options(option);
        }
    }
}

}  // namespace shoal::host::ctrd
