#include "node/host/containerd/launch.h"

#include "node/base/process_words.h"
#include "node/host/containerd/image_store.h"
#include "node/host/containerd/log_files.h"
#include "node/host/containerd/mounting.h"
#include "node/host/containerd/root_files.h"

#include <csignal>
#include <memory>
#include <utility>

namespace shoal::host::ctrd {
namespace {

constexpr const char* kStopSignal = "shoal.stop-signal";
constexpr std::chrono::seconds kDeath{20};  // from SIGKILL to its end

// On the host's network a program has to listen where it was told to: PORT_<its own port>.
std::vector<std::string> node_environment(const placement::StartContainer& request,
                                          bool host_network) {
    std::vector<std::string> out{"SHOAL_JOB=" + request.id.slot.job,
                                 "SHOAL_SLOT=" + std::to_string(request.id.slot.index)};
    if (!host_network) return out;
    const auto& wishes = request.container.ports;
    for (std::size_t i = 0; i < wishes.size() && i < request.host_ports.size(); ++i) {
        const auto port = std::to_string(request.host_ports[i]);
        if (i == 0) out.push_back("PORT=" + port);
        out.push_back("PORT_" + std::to_string(wishes[i].container_port) + "=" + port);
    }
    return out;
}

Awaitable<Result<NetworkPlace>> attach(Site& site, const placement::StartContainer& request) {
    if (!site.settings.network.attach) {
        const auto& wished = request.container.process;
        const bool own_files = !wished.extra_hosts.empty() || !wished.dns.empty() ||
                               !wished.dns_search.empty() || !wished.dns_opt.empty();
        if (!own_files) co_return NetworkPlace{};
        co_return fail(Errc::Malformed,
                       "extra_hosts and dns: containers share this node's network and its files; "
                       "they need --network bridge");
    }
    const auto answer = std::make_shared<Result<NetworkPlace>>();
    co_await suspend([&](Wake wake) {
        const auto shared = std::make_shared<Wake>(std::move(wake));
        site.settings.network.attach(request, [answer, shared](Result<NetworkPlace> place) {
            *answer = std::move(place);
            (*shared)();
        });
    });
    co_return std::move(*answer);
}

Awaitable<Result<Image>> unpacked_image(Site& site, std::string name) {
    auto image = co_await find_image(site.client, std::move(name));
    if (!image || image->top.empty()) co_return image;
    const auto present = co_await site.client.has_snapshot(image->top);
    if (!present) co_return fail(present.error());
    if (*present) co_return image;
    const auto place = co_await site.unpacks.enter();
    const auto done = co_await unpack_image(site.client, image->manifest);
    if (!done) co_return fail(done.error());
    co_return image;
}

oci::ImageConfig image_as_wished(const Image& image, const placement::ProcessWish& wished) {
    auto out = image.config;
    if (!wished.user.empty()) out.user = wished.user;
    if (!wished.stop_signal.empty()) out.stop_signal = signal_number(wished.stop_signal);
    return out;
}

std::string hostname_for(const placement::StartContainer& request) {
    const auto& wished = request.container.process.hostname;
    return wished.empty() ? hostname_of(request.id.slot) : wished;
}

oci::SpecWish wish_of(const Site& site, const placement::StartContainer& request,
                      const Image& image, const NetworkPlace& network, const std::string& id) {
    return {
        .id = id,
        .hostname = hostname_for(request),
        .container = request.container,
        .image = image_as_wished(image, request.container.process),
        .cgroups_path = cgroups_path_of(site.settings, id),
        .network_namespace = network.namespace_path,
        .hosts_file = network.hosts_file,
        .resolver_file = network.resolver_file,
        .init_path = oci::needs_init(request.container) ? site.settings.init_path : std::string{},
        .environment = node_environment(request, network.namespace_path.empty()),
        .devices =
            request.container.process.privileged ? oci::host_devices() : std::vector<oci::Device>{},
        .host = site.settings.host};
}

Result<oci::User> user_of(const oci::SpecWish& wish, std::string_view passwd,
                          std::string_view group) {
    auto user = oci::find_user(wish.image.user, passwd, group);
    if (!user) return user;
    const auto added = oci::add_groups(*user, wish.container.process.groups, group);
    if (!added) return fail(added.error());
    return user;
}

// The wish with what its node mounts into it.
Result<oci::SpecWish> with_mounts(const Site& site, const placement::StartContainer& request,
                                  oci::SpecWish wish) {
    wish.container.mounts = on_this_host(site, request);
    auto files = write_files(site, wish.id, request.container.files);
    if (!files) return fail(files.error());
    wish.files = std::move(*files);
    return wish;
}

// A user by name stands in the image's own files, which are there once the snapshot is.
Awaitable<Result<void>> set_user(Site& site, oci::SpecWish wish, Mounts mounts) {
    const auto user =
        user_of(wish, read_root_file(mounts, "etc/passwd"), read_root_file(mounts, "etc/group"));
    if (!user) co_return fail(user.error());
    wish.user = *user;
    auto spec = oci::make_spec(wish);
    if (!spec) co_return fail(spec.error());
    const auto done = co_await site.client.set_spec(wish.id, std::move(*spec));
    co_return done;
}

// The root folder of a containerd is part of every path it hands out.
std::string storage_of(const Mounts& mounts) {
    constexpr std::string_view kUpper = "upperdir=";
    for (const Mount& mount : mounts) {
        for (const std::string_view option : mount.options) {
            const auto end = option.find("/io.containerd.snapshotter");
            if (!option.starts_with(kUpper) || end == std::string_view::npos) continue;
            return std::string{option.substr(kUpper.size(), end - kUpper.size())};
        }
    }
    return {};
}

// What is there already was made by a call of an earlier attempt, or of an agent that was killed,
// which containerd carried out after it was cleared away: worth another clearing.
Error unless_late(Error error) {
    if (error.code == Errc::Conflict) error.code = Errc::Unavailable;
    return error;
}

// The record first: containerd keeps the snapshot a record names, so its collector never takes the
// one and a crash never leaves the other without a name.
Awaitable<Result<Mounts>> create(Site& site, const placement::StartContainer& request,
                                 const Image& image, oci::SpecWish wish) {
    const bool by_name =
        oci::needs_files(wish.image.user) || oci::needs_files(wish.container.process.groups);
    if (!by_name) {
        const auto user = user_of(wish, "", "");
        if (!user) co_return fail(user.error());
        wish.user = *user;
    }
    auto spec = oci::make_spec(wish);
    if (!spec) co_return fail(spec.error());
    ContainerRecord record{
        .id = wish.id,
        .image = image.name,
        .labels = make_labels({site.settings.node, request.id}, request.container.labels),
        .snapshot_key = wish.id,
        .spec = std::move(*spec),
        .runc_root = site.settings.runc_root};
    if (wish.image.stop_signal != 0)
        record.labels[kStopSignal] = std::to_string(wish.image.stop_signal);
    const auto made = co_await site.client.create_container(std::move(record));
    if (!made) co_return fail(unless_late(made.error()));
    auto mounts = co_await site.client.prepare_snapshot(wish.id, image.top);
    if (mounts && site.storage.empty()) site.storage = storage_of(*mounts);
    // A containerd that was killed while it made a snapshot trips over the folder it left, until
    // its collector has been there: worth another attempt.
    if (!mounts && mounts.error().code == Errc::Refused) {
        co_return fail(Errc::Unavailable, mounts.error().detail);
    }
    if (!mounts) co_return fail(unless_late(mounts.error()));
    if (!by_name) co_return mounts;
    const auto done = co_await set_user(site, std::move(wish), *mounts);
    if (!done) co_return fail(done.error());
    co_return mounts;
}

Awaitable<Result<void>> kill_and_delete(const Client& client, std::string id) {
    const auto killed = co_await client.kill_task(id, SIGKILL, true);
    if (!killed && may_pass(killed.error())) co_return fail(killed.error());
    const auto ended = co_await client.wait_task(id, kDeath);
    if (!ended && may_pass(ended.error())) co_return fail(ended.error());
    const auto deleted = co_await client.delete_task(id);
    co_return deleted;
}

Result<TaskStreams> streams_of(const Site& site, const placement::ProcessWish& wished,
                               const LogFiles& logs) {
    const auto output = output_of(logs, site.settings.log_writer_path);
    if (wished.tty && site.settings.log_writer_path.empty()) {
        return fail(Errc::Malformed, "tty: nothing here could take what a terminal shows");
    }
    return TaskStreams{.out = output.out, .err = output.err, .terminal = wished.tty};
}

bool is_gone(const Result<void>& done) {
    return done || done.error().code == Errc::NotFound;
}

}  // namespace

std::string cgroups_path_of(const Settings& settings, const std::string& id) {
    return settings.cgroup_parent + "/" + settings.name_space + "/" + id;
}

Awaitable<Result<void>> launch(Site& site, placement::StartContainer request) {
    const auto id = containerd_id({site.settings.node, request.id});
    auto image = co_await unpacked_image(site, request.container.image);
    if (!image) co_return fail(image.error());
    const auto logs = log_files(site.settings.log_root, request.id);
    const auto made = make_log_files(logs);
    if (!made) co_return fail(made.error());
    const auto network = co_await attach(site, request);
    if (!network) co_return fail(network.error());
    auto wish = with_mounts(site, request, wish_of(site, request, *image, *network, id));
    if (!wish) co_return fail(wish.error());
    auto mounts = co_await create(site, request, *image, std::move(*wish));
    if (!mounts) co_return fail(mounts.error());
    const auto prepared = co_await prepare_mounts(site, request, *mounts);
    if (!prepared) co_return fail(prepared.error());
    auto streams = streams_of(site, request.container.process, logs);
    if (!streams) co_return fail(streams.error());
    const auto created =
        co_await site.client.create_task(id, std::move(*mounts), std::move(*streams));
    if (!created) co_return fail(unless_late(created.error()));
    const auto started = co_await site.client.start_task(id);
    co_return started;
}

Awaitable<Result<void>> remove(Site& site, std::string id) {
    const auto& client = site.client;
    auto task = co_await client.delete_task(id);
    if (!is_gone(task) && !may_pass(task.error())) task = co_await kill_and_delete(client, id);
    if (!is_gone(task)) co_return fail(task.error());
    const auto record = co_await client.delete_container(id);
    if (!is_gone(record)) co_return fail(record.error());
    const auto snapshot = co_await client.remove_snapshot(id);
    if (!is_gone(snapshot)) co_return fail(snapshot.error());
    remove_files(site, id);
    co_return Result<void>{};
}

Awaitable<int> stop_signal(Site& site, std::string id) {
    const auto record = co_await site.client.container(std::move(id));
    if (!record) co_return SIGTERM;
    const auto found = record->labels.find(kStopSignal);
    const int named = found == record->labels.end() ? 0 : signal_number(found->second);
    co_return named == 0 ? SIGTERM : named;
}

}  // namespace shoal::host::ctrd
