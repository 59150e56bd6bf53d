#include "node/host/network/hosts_file.h"

#include "node/host/network/files.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace shoal::network {
namespace {

constexpr const char* kMark = "# the services of this project, kept up to date from here on\n";

std::string lines_of(const std::vector<HostName>& names) {
    std::string out;
    for (const HostName& entry : names)
        out += to_string(entry.address) + "\t" + entry.name + "\n";
    return out;
}

// Over what is there and then cut to length: whoever reads meanwhile finds at least what both have.
Result<void> write_over(const std::string& path, const std::string& text) {
    const Descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file.open()) return fail(system_error("writing " + path, errno));
    const auto put = ::pwrite(file.get(), text.data(), text.size(), 0);
    if (put != static_cast<ssize_t>(text.size())) {
        return fail(system_error("writing " + path, put < 0 ? errno : ENOSPC));
    }
    if (::ftruncate(file.get(), put) != 0) return fail(system_error("cutting " + path, errno));
    return {};
}

}  // namespace

std::string with_services(const std::string& text, const std::vector<HostName>& services) {
    std::string out = text.substr(0, text.find(kMark));
    if (services.empty()) return out;
    if (!out.empty() && out.back() != '\n') out += '\n';
    return out + kMark + lines_of(services);
}

Result<void> refresh_hosts(const std::string& path, const std::vector<HostName>& services) {
    const auto old = read_file(path);
    if (!old) return fail(old.error());
    const std::string fresh = with_services(*old, services);
    if (fresh == *old) return {};
    return write_over(path, fresh);
}

}  // namespace shoal::network
