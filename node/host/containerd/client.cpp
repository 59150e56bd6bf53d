// The part of Client that is about what runs: version, namespace, containers, tasks, events.
#include "node/host/containerd/client.h"

#include "node/host/containerd/stubs.h"

#include <asio/this_coro.hpp>

#include <github.com/containerd/cgroups/stats/v1/metrics.pb.h>
#include <github.com/containerd/cgroups/v2/stats/metrics.pb.h>
#include <github.com/containerd/containerd/api/events/task.pb.h>
#include <github.com/containerd/containerd/runtime/v2/runc/options/oci.pb.h>
#include <optional>
#include <utility>

namespace shoal::host::ctrd {
namespace {

namespace containers_v1 = services::containers::v1;
namespace tasks_v1 = services::tasks::v1;
namespace events_v1 = services::events::v1;

// containerd writes these names without the slash that protobuf's own packing wants.
constexpr const char* kSpecType = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
constexpr const char* kRuncOptionsType = "containerd.runc.v1.Options";

ContainerRecord record_of(const containers_v1::Container& from) {
    ContainerRecord out{.id = from.id(),
                        .image = from.image(),
                        .labels = {from.labels().begin(), from.labels().end()},
                        .snapshotter = from.snapshotter(),
                        .snapshot_key = from.snapshot_key(),
                        .spec = from.spec().value()};
    ::containerd::runc::v1::Options options;
    if (options.ParseFromString(from.runtime().options().value())) out.runc_root = options.root();
    return out;
}

TaskState state_of(::containerd::v1::types::Status status) {
    switch (status) {
        case ::containerd::v1::types::CREATED:
            return TaskState::Created;
        case ::containerd::v1::types::RUNNING:
            return TaskState::Running;
        case ::containerd::v1::types::STOPPED:
            return TaskState::Stopped;
        case ::containerd::v1::types::PAUSED:
            return TaskState::Paused;
        case ::containerd::v1::types::PAUSING:
            return TaskState::Pausing;
        default:
            return TaskState::Unknown;
    }
}

// Tasks.List and Tasks.Get put the container's id into `id`, whatever the field's name.
Task task_of(const ::containerd::v1::types::Process& from) {
    return {from.id(), state_of(from.status()), from.pid(), from.exit_status()};
}

Result<Usage> usage_of(const google::protobuf::Any& any) {
    namespace v1 = ::io::containerd::cgroups::v1;
    namespace v2 = ::io::containerd::cgroups::v2;
    if (any.type_url().ends_with("io.containerd.cgroups.v1.Metrics")) {
        v1::Metrics metrics;
        if (!metrics.ParseFromString(any.value())) return fail(Errc::Malformed, "metrics");
        return Usage{metrics.cpu().usage().total(), metrics.memory().usage().usage(),
                     metrics.pids().current(), metrics.memory_oom_control().oom_kill()};
    }
    if (any.type_url().ends_with("io.containerd.cgroups.v2.Metrics")) {
        v2::Metrics metrics;
        if (!metrics.ParseFromString(any.value())) return fail(Errc::Malformed, "metrics");
        return Usage{metrics.cpu().usage_usec() * 1000, metrics.memory().usage(),
                     metrics.pids().current(), metrics.memory_events().oom_kill()};
    }
    return fail(Errc::Malformed, "metrics of an unknown type: " + any.type_url());
}

Event event_of(const events_v1::Envelope& envelope) {
    const auto& any = envelope.event();
    if (envelope.topic() == "/tasks/oom") {
        ::containerd::events::TaskOOM oom;
        if (oom.ParseFromString(any.value())) return {Event::Kind::Oom, oom.container_id()};
    }
    if (envelope.topic() == "/tasks/exit") {
        ::containerd::events::TaskExit exit;
        // An exec of the container has an id of its own.
        if (exit.ParseFromString(any.value()) && exit.id() == exit.container_id()) {
            return {Event::Kind::Exit, exit.container_id()};
        }
    }
    return {};
}

class EventReader final : public grpc::ClientReadReactor<events_v1::Envelope> {
public:
    EventReader(const Scope& scope, asio::any_io_executor executor,
                std::shared_ptr<std::function<void(const Event&)>> on_event)
        : connection_(scope.connection.get()),
          executor_(std::move(executor)),
          on_event_(std::move(on_event)) {
        prepare(context_, scope, kForEver);
        request_.add_filters("namespace==" + scope.name_space + ",topic~=\"^/tasks/(exit|oom)\"");
    }

    [[nodiscard]] grpc::ClientContext& context() { return context_; }

    [[nodiscard]] std::shared_ptr<grpc::Status> outcome() const { return outcome_; }

    static void start(std::unique_ptr<EventReader> self, events_v1::Events::Stub& stub, Wake wake) {
        auto* reader = self.release();  // Deleted by OnDone.
        reader->wake_.emplace(std::move(wake));
        stub.async()->Subscribe(&reader->context_, &reader->request_, reader);
        reader->StartRead(&reader->envelope_);
        reader->StartCall();
    }

    void OnReadDone(bool ok) override {
        if (!ok) return;
        asio::post(executor_, [on_event = on_event_, event = event_of(envelope_)] {
            if (event.kind != Event::Kind::Other) (*on_event)(event);
        });
        StartRead(&envelope_);
    }

    void OnDone(const grpc::Status& status) override {
        auto* connection = connection_;
        *outcome_ = status;
        connection->retire(context_);
        (*wake_)();
        delete this;
        connection->leave();
    }

private:
    Connection* connection_;  // outlives every call: see Client::close
    asio::any_io_executor executor_;
    std::shared_ptr<std::function<void(const Event&)>> on_event_;
    std::shared_ptr<grpc::Status> outcome_ = std::make_shared<grpc::Status>();
    grpc::ClientContext context_;
    events_v1::SubscribeRequest request_;
    events_v1::Envelope envelope_;
    std::optional<Wake> wake_;
};

}  // namespace

Client::Client(const std::string& socket, std::string name_space)
    : connection_(std::make_shared<Connection>(socket)),
      stubs_(std::make_shared<Stubs>(connection_->channel())),
      name_space_(std::move(name_space)) {}

Client::~Client() = default;
Client::Client(const Client&) = default;
Client::Client(Client&&) noexcept = default;

void Client::close() {
    connection_->close();
}

Client Client::with_lease(std::string lease) const {
    Client out{*this};
    out.lease_ = std::move(lease);
    return out;
}

Scope Client::scope() const {
    return {connection_, name_space_, lease_};
}

Awaitable<Result<std::string>> Client::version() const {
    auto answer = co_await call<services::version::v1::VersionResponse>(
        "asking for the version", scope(), kSoon, Empty{},
        [&](auto... rest) { stubs_->version->async()->Version(rest...); });
    if (!answer) co_return fail(answer.error());
    co_return answer->version();
}

Awaitable<Result<void>> Client::ensure_namespace() const {
    services::namespaces::v1::CreateNamespaceRequest request;
    request.mutable_namespace_()->set_name(name_space_);
    auto made = co_await call<services::namespaces::v1::CreateNamespaceResponse>(
        "making the namespace", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->namespaces->async()->Create(rest...); });
    if (!made && made.error().code != Errc::Conflict) co_return fail(made.error());
    co_return Result<void>{};
}

// ---- containers

Awaitable<Result<void>> Client::create_container(ContainerRecord record) const {
    containers_v1::CreateContainerRequest request;
    auto& to = *request.mutable_container();
    to.set_id(record.id);
    to.set_image(record.image);
    to.set_snapshotter(kSnapshotter);
    to.set_snapshot_key(record.snapshot_key);
    for (const auto& [key, value] : record.labels) {
        (*to.mutable_labels())[key] = value;
    }
    to.mutable_runtime()->set_name("io.containerd.runc.v2");
    if (!record.runc_root.empty()) {
        ::containerd::runc::v1::Options options;
        options.set_root(record.runc_root);
        to.mutable_runtime()->mutable_options()->set_type_url(kRuncOptionsType);
        to.mutable_runtime()->mutable_options()->set_value(options.SerializeAsString());
    }
    to.mutable_spec()->set_type_url(kSpecType);
    to.mutable_spec()->set_value(record.spec);
    auto made = co_await call<containers_v1::CreateContainerResponse>(
        "creating the container", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->containers->async()->Create(rest...); });
    if (!made) co_return fail(made.error());
    co_return Result<void>{};
}

Awaitable<Result<void>> Client::set_spec(std::string id, std::string spec) const {
    containers_v1::UpdateContainerRequest request;
    request.mutable_container()->set_id(id);
    request.mutable_container()->mutable_spec()->set_type_url(kSpecType);
    request.mutable_container()->mutable_spec()->set_value(spec);
    request.mutable_update_mask()->add_paths("spec");
    auto done = co_await call<containers_v1::UpdateContainerResponse>(
        "completing the container", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->containers->async()->Update(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<std::vector<ContainerRecord>>> Client::containers() const {
    auto answer = co_await call<containers_v1::ListContainersResponse>(
        "listing containers", scope(), kSoon, containers_v1::ListContainersRequest{},
        [&](auto... rest) { stubs_->containers->async()->List(rest...); });
    if (!answer) co_return fail(answer.error());
    std::vector<ContainerRecord> out;
    for (const auto& one : answer->containers()) {
        out.push_back(record_of(one));
    }
    co_return out;
}

Awaitable<Result<ContainerRecord>> Client::container(std::string id) const {
    containers_v1::GetContainerRequest request;
    request.set_id(id);
    auto answer = co_await call<containers_v1::GetContainerResponse>(
        "looking up a container", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->containers->async()->Get(rest...); });
    if (!answer) co_return fail(answer.error());
    co_return record_of(answer->container());
}

Awaitable<Result<void>> Client::delete_container(std::string id) const {
    containers_v1::DeleteContainerRequest request;
    request.set_id(id);
    auto done =
        co_await call<Empty>("deleting the container", scope(), kSoon, std::move(request),
                             [&](auto... rest) { stubs_->containers->async()->Delete(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

// ---- tasks

Awaitable<Result<void>> Client::create_task(std::string id, Mounts root,
                                            TaskStreams streams) const {
    tasks_v1::CreateTaskRequest request;
    request.set_container_id(id);
    put_mounts(*request.mutable_rootfs(), root);
    request.set_stdout(streams.out);
    request.set_stderr(streams.terminal ? std::string{} : streams.err);
    request.set_terminal(streams.terminal);
    auto made = co_await call<tasks_v1::CreateTaskResponse>(
        "creating the task", scope(), kProcess, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->Create(rest...); });
    if (!made) co_return fail(made.error());
    co_return Result<void>{};
}

Awaitable<Result<void>> Client::start_task(std::string id) const {
    tasks_v1::StartRequest request;
    request.set_container_id(id);
    auto done = co_await call<tasks_v1::StartResponse>(
        "starting the task", scope(), kProcess, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->Start(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<void>> Client::kill_task(std::string id, int signal, bool all) const {
    tasks_v1::KillRequest request;
    request.set_container_id(id);
    request.set_signal(static_cast<std::uint32_t>(signal));
    request.set_all(all);
    auto done = co_await call<Empty>("signalling the task", scope(), kSoon, std::move(request),
                                     [&](auto... rest) { stubs_->tasks->async()->Kill(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<std::uint32_t>> Client::wait_task(std::string id,
                                                   std::chrono::milliseconds patience) const {
    tasks_v1::WaitRequest request;
    request.set_container_id(id);
    auto ended = co_await call<tasks_v1::WaitResponse>(
        "waiting for the task", scope(), patience, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->Wait(rest...); });
    if (!ended) co_return fail(ended.error());
    co_return ended->exit_status();
}

Awaitable<Result<void>> Client::delete_task(std::string id) const {
    tasks_v1::DeleteTaskRequest request;
    request.set_container_id(id);
    auto done = co_await call<tasks_v1::DeleteResponse>(
        "deleting the task", scope(), kProcess, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->Delete(rest...); });
    if (!done) co_return fail(done.error());
    co_return Result<void>{};
}

Awaitable<Result<Task>> Client::task(std::string id) const {
    tasks_v1::GetRequest request;
    request.set_container_id(id);
    auto answer = co_await call<tasks_v1::GetResponse>(
        "looking up a task", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->Get(rest...); });
    if (!answer) co_return fail(answer.error());
    co_return task_of(answer->process());
}

Awaitable<Result<std::vector<Task>>> Client::tasks() const {
    auto answer = co_await call<tasks_v1::ListTasksResponse>(
        "listing tasks", scope(), kSoon, tasks_v1::ListTasksRequest{},
        [&](auto... rest) { stubs_->tasks->async()->List(rest...); });
    if (!answer) co_return fail(answer.error());
    std::vector<Task> out;
    for (const auto& one : answer->tasks()) {
        out.push_back(task_of(one));
    }
    co_return out;
}

Awaitable<Result<Usage>> Client::usage(std::string id) const {
    tasks_v1::MetricsRequest request;
    request.add_filters("id==" + id);
    auto answer = co_await call<tasks_v1::MetricsResponse>(
        "measuring a task", scope(), kSoon, std::move(request),
        [&](auto... rest) { stubs_->tasks->async()->Metrics(rest...); });
    if (!answer) co_return fail(answer.error());
    if (answer->metrics().empty()) co_return fail(Errc::NotFound, "no metrics of " + id);
    co_return usage_of(answer->metrics(0).data());
}

Awaitable<Error> Client::events(std::function<void(const Event&)> on_event) const {
    const auto connection = connection_;
    const auto stubs = stubs_;
    auto executor = co_await asio::this_coro::executor;
    auto shared = std::make_shared<std::function<void(const Event&)>>(std::move(on_event));
    auto reader = std::make_unique<EventReader>(scope(), executor, shared);
    auto outcome = reader->outcome();
    if (!connection->enter(reader->context())) co_return closed_error();
    co_await suspend(
        [&](Wake wake) { EventReader::start(std::move(reader), *stubs->events, std::move(wake)); });
    if (outcome->ok()) co_return Error{Errc::Unavailable, "containerd ended the stream of events"};
    co_return to_error("listening for events", *outcome);
}

}  // namespace shoal::host::ctrd
