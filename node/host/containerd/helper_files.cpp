#include "node/host/containerd/helper_files.h"

#include "node/host/identity/files.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <sys/stat.h>
#include <sys/statvfs.h>

// One program to install, whatever its containers need: the bytes are in it.
asm(R"(
    .section .rodata
    .global shoal_init_begin
    .global shoal_init_end
    .global shoal_log_begin
    .global shoal_log_end
shoal_init_begin:
    .incbin ")" SHOAL_HELPERS R"(/shoal-init"
shoal_init_end:
shoal_log_begin:
    .incbin ")" SHOAL_HELPERS R"(/shoal-log"
shoal_log_end:
    .previous
)");

extern "C" {
extern const char shoal_init_begin[];
extern const char shoal_init_end[];
extern const char shoal_log_begin[];
extern const char shoal_log_end[];
}

namespace shoal::host::ctrd {
namespace {

namespace fs = std::filesystem;

bool holds(const fs::path& path, std::string_view bytes) {
    const auto there = read_small_file(path.string(), bytes.size());
    return there && there->text == bytes;
}

bool runs_programs(const std::string& folder) {
    std::error_code ignored;
    fs::create_directories(folder, ignored);

    struct statvfs found {};

    return ::statvfs(folder.c_str(), &found) == 0 && (found.f_flag & ST_NOEXEC) == 0;
}

Result<std::string> place(const std::string& folder, const char* name, std::string_view bytes) {
    const fs::path path = fs::path{folder} / name;
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

}  // namespace

Result<std::string> place_init(const std::string& folder) {
    return place(folder, "shoal-init", {shoal_init_begin, shoal_init_end});
}

Result<std::string> place_log_writer(const std::vector<std::string>& folders) {
    std::string all;
    for (const auto& folder : folders) {
        if (runs_programs(folder)) {
            return place(folder, "shoal-log", {shoal_log_begin, shoal_log_end});
        }
        all += (all.empty() ? "" : ", ") + folder;
    }
    return fail(Errc::Denied, "no program may run from any of " + all + " (noexec)");
}

}  // namespace shoal::host::ctrd
