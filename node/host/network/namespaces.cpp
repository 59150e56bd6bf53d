#include "node/host/network/namespaces.h"

#include "node/host/network/links.h"

#include <cerrno>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace shoal::network {
namespace {

Result<void> in_a_thread(const std::function<Result<void>()>& what) {
    Result<void> out;
    try {
        std::thread{[&] { out = what(); }}.join();
    } catch (const std::system_error& wrong) {
        return fail(Errc::Unavailable, std::string{"starting a thread: "} + wrong.what());
    }
    return out;
}

Result<void> loopback_up() {
    auto kernel = Netlink::routing();
    if (!kernel) return fail(kernel.error());
    return set_up(*kernel, 1);  // The loopback is the first link of every namespace.
}

Result<void> unshare_and_mount(const std::string& path) {
    if (::unshare(CLONE_NEWNET) != 0) {
        return fail(system_error("making a network namespace", errno));
    }
    if (auto up = loopback_up(); !up) return up;
    if (::mount("/proc/thread-self/ns/net", path.c_str(), nullptr, MS_BIND, nullptr) != 0) {
        return fail(system_error("mounting a network namespace at " + path, errno));
    }
    return {};
}

}  // namespace

Result<void> make_namespace(const std::string& path) {
    {
        const Descriptor file{::open(path.c_str(), O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400)};
        if (!file.open()) return fail(system_error("making " + path, errno));
    }
    auto made = in_a_thread([&] { return unshare_and_mount(path); });
    if (!made) (void)remove_file(path);
    return made;
}

Result<void> remove_namespace(const std::string& path) {
    // As often as it was mounted: a mount that is shared may have come back over itself.
    while (::umount2(path.c_str(), MNT_DETACH | UMOUNT_NOFOLLOW) == 0) {
    }
    if (errno != EINVAL && errno != ENOENT) return fail(system_error("unmounting " + path, errno));
    return remove_file(path);
}

bool is_namespace(const std::string& path) {
    struct statfs facts {};

    return ::statfs(path.c_str(), &facts) == 0 && facts.f_type == NSFS_MAGIC;
}

Result<void> run_inside(const std::string& path, const std::function<Result<void>()>& what) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.open()) return fail(system_error("opening namespace " + path, errno));
    return in_a_thread([&]() -> Result<void> {
        if (::setns(file.get(), CLONE_NEWNET) != 0) {
            return fail(system_error("entering namespace " + path, errno));
        }
        return what();
    });
}

}  // namespace shoal::network
