#include "node/host/containerd/init_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <sys/stat.h>

// One program to install, whatever its containers need: the bytes are in it.
asm(R"(
    .section .rodata
    .global shoal_init_begin
    .global shoal_init_end
shoal_init_begin:
    .incbin ")" SHOAL_INIT R"("
shoal_init_end:
    .previous
)");

extern "C" {
extern const char shoal_init_begin[];
extern const char shoal_init_end[];
}

namespace shoal::host::ctrd {
namespace {

namespace fs = std::filesystem;

bool holds(const fs::path& path, std::string_view bytes) {
    std::ifstream in{path, std::ios::binary};
    return in && std::string{std::istreambuf_iterator<char>{in}, {}} == bytes;
}

}  // namespace

Result<std::string> place_init(const std::string& folder) {
    const std::string_view bytes{shoal_init_begin, shoal_init_end};
    const fs::path path = fs::path{folder} / "shoal-init";
    if (holds(path, bytes)) return path.string();
    std::error_code error;
    fs::create_directories(folder, error);
    // Beside it and renamed: what is half written is never run, and what runs is never changed.
    const fs::path fresh = path.string() + ".new";
    std::ofstream out{fresh, std::ios::trunc | std::ios::binary};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out || ::chmod(fresh.c_str(), 0555) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0) {
        const int why = errno;
        fs::remove(fresh, error);
        return fail(why == ENOSPC ? Errc::Full : Errc::Io,
                    "cannot write " + path.string() + ": " + std::strerror(why));
    }
    return path.string();
}

}  // namespace shoal::host::ctrd
