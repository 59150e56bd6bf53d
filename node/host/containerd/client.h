// containerd's API, as far as shoal uses it: one method per call, each with a deadline.
//
// A handle: copies share the connection. A method runs on the executor of the coroutine that awaits
// it, whatever threads gRPC has. Errors: NotFound and Conflict as containerd means them,
// Unavailable when it cannot be reached or the connection is closed, TimedOut, Refused for
// everything containerd says in prose.
#pragma once

#include "node/base/result.h"
#include "node/host/containerd/await.h"
#include "node/host/containerd/types.h"
#include "node/host/oci/image.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace shoal::host::ctrd {

class Connection;
struct Scope;

class Client {
public:
    Client(const std::string& socket, std::string name_space);
    ~Client();
    Client(const Client&);
    Client(Client&&) noexcept;
    Client& operator=(const Client&) = delete;
    Client& operator=(Client&&) = delete;

    // Ends every call under way, of all copies; later ones fail at once. Blocks until the last
    // callback has returned: after this no other thread touches an executor. Whoever made the first
    // handle calls this before it goes.
    void close();

    // The same connection; what this one makes is kept as long as the lease.
    [[nodiscard]] Client with_lease(std::string lease) const;

    [[nodiscard]] const std::string& name_space() const { return name_space_; }

    [[nodiscard]] Awaitable<Result<std::string>> version() const;
    [[nodiscard]] Awaitable<Result<void>> ensure_namespace() const;

    // ---- images and what they are made of

    [[nodiscard]] Awaitable<Result<oci::Descriptor>> image(std::string name) const;
    [[nodiscard]] Awaitable<Result<std::vector<ImageName>>> image_names() const;
    // Made, or moved to another target.
    [[nodiscard]] Awaitable<Result<void>> put_image(std::string name, oci::Descriptor target) const;
    [[nodiscard]] Awaitable<Result<void>> remove_image(std::string name) const;
    // A whole document.
    [[nodiscard]] Awaitable<Result<std::string>> read_blob(std::string digest) const;
    // Bytes from `offset` on, at most `size`; none behind the end.
    [[nodiscard]] Awaitable<Result<std::string>> read_piece(std::string digest,
                                                            std::uint64_t offset,
                                                            std::size_t size) const;
    // How many bytes it has.
    [[nodiscard]] Awaitable<Result<std::int64_t>> blob_size(std::string digest) const;

    // Fills `into` from `offset`; returns how many bytes, 0 only at the end.
    using Source = std::function<Result<std::size_t>(char* into, std::size_t size)>;
    // A blob that is there already is left, and labelled. Fails if the digest is not that of the
    // bytes.
    [[nodiscard]] Awaitable<Result<void>> write_blob(oci::Descriptor blob, Source source,
                                                     Labels labels) const;
    [[nodiscard]] Awaitable<Result<void>> label_blob(std::string digest, Labels labels) const;

    [[nodiscard]] Awaitable<Result<std::string>> make_lease(std::string id,
                                                            std::chrono::seconds life) const;
    // Collects at once what only the lease kept.
    [[nodiscard]] Awaitable<Result<void>> end_lease(std::string id) const;

    // ---- snapshots, all of overlayfs

    [[nodiscard]] Awaitable<Result<bool>> has_snapshot(std::string key) const;
    [[nodiscard]] Awaitable<Result<Mounts>> prepare_snapshot(std::string key,
                                                             std::string parent) const;
    [[nodiscard]] Awaitable<Result<void>> commit_snapshot(std::string key, std::string name) const;
    [[nodiscard]] Awaitable<Result<void>> remove_snapshot(std::string key) const;
    // Unpacks a layer into `mounts`; returns the digest of what was unpacked.
    [[nodiscard]] Awaitable<Result<std::string>> apply(oci::Descriptor layer, Mounts mounts) const;

    // ---- containers and their tasks

    [[nodiscard]] Awaitable<Result<void>> create_container(ContainerRecord record) const;
    [[nodiscard]] Awaitable<Result<void>> set_spec(std::string id, std::string spec) const;
    [[nodiscard]] Awaitable<Result<std::vector<ContainerRecord>>> containers() const;
    [[nodiscard]] Awaitable<Result<ContainerRecord>> container(std::string id) const;
    [[nodiscard]] Awaitable<Result<void>> delete_container(std::string id) const;

    // `out` and `err`: regular files that exist, or a "binary://" URI twice.
    [[nodiscard]] Awaitable<Result<void>> create_task(std::string id, Mounts root,
                                                      TaskStreams streams) const;
    [[nodiscard]] Awaitable<Result<void>> start_task(std::string id) const;
    [[nodiscard]] Awaitable<Result<void>> kill_task(std::string id, int signal, bool all) const;
    // Its exit code, also of one that has ended already. `patience` 0: waits for ever.
    [[nodiscard]] Awaitable<Result<std::uint32_t>> wait_task(
        std::string id, std::chrono::milliseconds patience) const;
    [[nodiscard]] Awaitable<Result<void>> delete_task(std::string id) const;
    // A process beside the task's own. `process`: OCI process spec; `output`: a named pipe that
    // somebody reads. Returns its pid, on the host, once it is started.
    [[nodiscard]] Awaitable<Result<void>> create_exec(ExecId id, std::string process,
                                                      std::string output) const;
    [[nodiscard]] Awaitable<Result<std::uint32_t>> start_exec(ExecId id) const;
    [[nodiscard]] Awaitable<Result<std::uint32_t>> wait_exec(
        ExecId id, std::chrono::milliseconds patience) const;
    [[nodiscard]] Awaitable<Result<void>> kill_exec(ExecId id, int signal) const;
    [[nodiscard]] Awaitable<Result<void>> delete_exec(ExecId id) const;
    [[nodiscard]] Awaitable<Result<Task>> task(std::string id) const;
    [[nodiscard]] Awaitable<Result<std::vector<Task>>> tasks() const;
    [[nodiscard]] Awaitable<Result<Usage>> usage(std::string id) const;

    // Calls `on_event` for each event of this namespace, until the stream ends: always with an
    // error.
    [[nodiscard]] Awaitable<Error> events(std::function<void(const Event&)> on_event) const;

private:
    struct Stubs;

    [[nodiscard]] Scope scope() const;
    [[nodiscard]] Awaitable<Result<std::string>> read_range(std::string digest,
                                                            std::uint64_t offset, std::size_t size,
                                                            std::size_t limit) const;

    std::shared_ptr<Connection> connection_;
    std::shared_ptr<Stubs> stubs_;
    std::string name_space_;
    std::string lease_;
};

}  // namespace shoal::host::ctrd
