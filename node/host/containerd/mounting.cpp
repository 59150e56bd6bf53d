#include "node/host/containerd/mounting.h"

#include "node/host/containerd/root_folder.h"
#include "node/host/identity/files.h"
#include "node/host/volumes/directories.h"

#include <asio/post.hpp>

#include <filesystem>
#include <fstream>
#include <linux/magic.h>
#include <memory>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <utility>

namespace shoal::host::ctrd {
namespace {

namespace fs = std::filesystem;
using placement::MountKind;
using placement::VolumeId;

VolumeId volume_of(const placement::Mount& mount, const placement::ContainerId& id) {
    return {mount.source, mount.shared ? 0 : id.slot.index};
}

Awaitable<Result<void>> make_volume(Site& site, VolumeId id, std::string target, Mounts root) {
    const auto done = std::make_shared<Result<void>>();
    co_await suspend([&](Wake wake) {
        const auto shared = std::make_shared<Wake>(std::move(wake));
        asio::post(site.disk, [done, shared, root, target, id, where = site.settings.volumes] {
            *done = volumes::make(where, id, [&](const std::string& folder) {
                return target.empty() ? Result<void>{} : copy_root_folder(root, target, folder);
            });
            (*shared)();
        });
    });
    co_return std::move(*done);
}

Result<void> make_memory(const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail(Errc::Io, "making " + folder + ": " + error.message());
    if (::chmod(folder.c_str(), 0700) != 0) return fail(io_error("closing", folder));

    struct statfs facts {};

    if (::statfs(folder.c_str(), &facts) != 0) return fail(io_error("looking at", folder));
    if (facts.f_type == TMPFS_MAGIC) return {};
    if (::mount("shoal", folder.c_str(), "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
                "mode=0700,size=64m") != 0) {
        return fail(io_error("mounting memory on", folder));
    }
    return {};
}

Result<void> write_file(const std::string& path, const placement::File& file) {
    const auto view = file.content.view();
    std::ofstream out{path, std::ios::binary};
    out.write(reinterpret_cast<const char*>(view.data()),
              static_cast<std::streamsize>(view.size()));
    out.close();
    if (!out || ::chown(path.c_str(), file.uid, file.gid) != 0 ||
        ::chmod(path.c_str(), file.mode) != 0) {
        return fail(Errc::Io, "a file for " + file.target + " cannot be written to " + path);
    }
    return {};
}

}  // namespace

std::vector<placement::Mount> on_this_host(const Site& site,
                                           const placement::StartContainer& request) {
    auto out = request.container.mounts;
    for (auto& mount : out) {
        if (mount.kind != MountKind::Volume) continue;
        mount.source = volumes::path_of(site.settings.volumes, volume_of(mount, request.id));
    }
    return out;
}

Awaitable<Result<void>> prepare_mounts(Site& site, placement::StartContainer request, Mounts root) {
    for (const auto& mount : request.container.mounts) {
        std::error_code ignored;
        if (mount.kind == MountKind::Bind && !fs::exists(mount.source, ignored)) {
            co_return fail(Errc::NotFound,
                           "this node has no " + mount.source + " to mount on " + mount.target);
        }
        if (mount.kind != MountKind::Volume) continue;
        const auto id = volume_of(mount, request.id);
        if (volumes::is_there(site.settings.volumes, id)) continue;
        auto from = mount.copy ? mount.target : std::string{};
        const auto made = co_await make_volume(site, id, std::move(from), root);
        if (!made) co_return fail(made.error());
    }
    co_return Result<void>{};
}

Result<std::vector<oci::FileMount>> write_files(const Site& site, const std::string& id,
                                                const std::vector<placement::File>& files) {
    std::vector<oci::FileMount> out;
    if (files.empty()) return out;
    if (auto made = make_memory(site.settings.files); !made) return fail(made.error());
    const auto folder = site.settings.files + "/" + id;
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fail(Errc::Io, "making " + folder + ": " + error.message());
    for (const auto& file : files) {
        const auto path = folder + "/" + std::to_string(out.size());
        if (auto written = write_file(path, file); !written) return fail(written.error());
        out.push_back({path, file.target});
    }
    return out;
}

void remove_files(const Site& site, const std::string& id) {
    std::error_code ignored;
    fs::remove_all(site.settings.files + "/" + id, ignored);
}

}  // namespace shoal::host::ctrd
