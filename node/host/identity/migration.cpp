#include "node/host/identity/migration.h"

#include "node/host/identity/cluster_file.h"
#include "node/host/identity/files.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace shoal::host {
namespace {

namespace fs = std::filesystem;

constexpr const char* kClusterFile = "cluster.yaml";
constexpr const char* kMark = "migrating";
constexpr const char* kBackup = "backup-format-";
constexpr std::size_t kSmall = 4096;

Error failed_at(const std::string& doing, const std::error_code& error) {
    return {error == std::errc::no_space_on_device ? Errc::Full : Errc::Io,
            doing + ": " + error.message()};
}

// What a format describes: copied, and put back. Anything else in the directory is never touched,
// above all not what containers keep and wrote. A step that changes more names it here.
bool travels(const std::string& name) {
    constexpr const char* kDescribed[] = {kClusterFile, "cluster.key", "identity.key",
                                          "state",      "api-token",   "bridge-subnet"};
    return std::any_of(std::begin(kDescribed), std::end(kDescribed),
                       [&](const char* described) { return name == described; });
}

Result<std::vector<std::string>> belongings(const std::string& folder) {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
        auto name = at->path().filename().string();
        if (travels(name)) out.push_back(std::move(name));
    }
    if (error) return fail(failed_at("reading " + folder, error));
    std::sort(out.begin(), out.end());
    return out;
}

Result<void> copy_belongings(const std::string& from, const std::string& to) {
    const auto names = belongings(from);
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        std::error_code error;
        fs::copy(from + "/" + name, to + "/" + name,
                 fs::copy_options::recursive | fs::copy_options::copy_symlinks, error);
        if (error) return fail(failed_at("copying " + from + "/" + name + " to " + to, error));
    }
    // All of it, however many files: one call for their file system.
    const int folder = ::open(to.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return fail(io_error("opening", to));
    const bool synced = ::syncfs(folder) == 0;
    (void)::close(folder);
    if (!synced) return fail(io_error("syncing", to));
    return {};
}

std::string free_name(const std::string& directory, unsigned format) {
    const auto first = kBackup + std::to_string(format);
    std::string name = first;
    for (unsigned i = 2; exists(directory + "/" + name); ++i) {
        name = first + "." + std::to_string(i);
    }
    return name;
}

// Under its name only once it is whole.
Result<std::string> back_up(const std::string& directory, unsigned format) {
    const auto name = free_name(directory, format);
    const auto fresh = directory + "/" + kBackup + "unfinished";
    std::error_code error;
    fs::remove_all(fresh, error);
    fs::create_directory(fresh, directory, error);  // with its permissions
    if (error) return fail(failed_at("creating " + fresh, error));
    if (const auto copied = copy_belongings(directory, fresh); !copied) {
        fs::remove_all(fresh, error);
        return fail(copied.error());
    }
    fs::rename(fresh, directory + "/" + name, error);
    if (error) return fail(failed_at("renaming " + fresh, error));
    if (const auto synced = sync_directory(directory); !synced) return fail(synced.error());
    return name;
}

Result<void> put_back(const std::string& directory, const std::string& backup) {
    const auto names = belongings(directory);
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        std::error_code error;
        fs::remove_all(directory + "/" + name, error);
        if (error) return fail(failed_at("deleting " + directory + "/" + name, error));
    }
    return copy_belongings(directory + "/" + backup, directory);
}

// The backup of an attempt that was cut short, put back; or a new one.
Result<std::string> backup_for(const std::string& directory, unsigned format) {
    const auto mark = directory + "/" + kMark;
    const auto marked = read_private_file(mark, kSmall);
    if (!marked && marked.error().code != Errc::NotFound) return fail(marked.error());
    if (marked) {
        if (const auto done = put_back(directory, *marked); !done) return fail(done.error());
        return *marked;
    }
    auto name = back_up(directory, format);
    if (!name) return name;
    if (const auto kept = write_private_file(mark, to_bytes(*name)); !kept) {
        return fail(kept.error());
    }
    return name;
}

Result<ClusterFile> read_format(const std::string& directory, unsigned newest) {
    const auto path = directory + "/" + kClusterFile;
    const auto text = read_private_file(path, kSmall);
    if (!text) return fail(text.error());
    return read_cluster_file(*text, newest, path);
}

Result<void> unmark(const std::string& directory) {
    const auto mark = directory + "/" + kMark;
    if (!exists(mark)) return {};
    if (::unlink(mark.c_str()) != 0) return fail(io_error("deleting", mark));
    return sync_directory(directory);
}

const MigrationStep* step_from(const FormatPlan& plan, unsigned format) {
    for (const auto& step : plan.steps) {
        if (step.from == format) return &step;
    }
    return nullptr;
}

Result<void> check_way(const FormatPlan& plan, unsigned from, const std::string& directory) {
    for (auto format = from; format < plan.newest; ++format) {
        if (step_from(plan, format) != nullptr) continue;
        return fail(Errc::Refused, "data directory " + directory + " is of format " +
                                       std::to_string(from) +
                                       ", which shoal " SHOAL_VERSION
                                       " no longer reads: start an older shoal on it first");
    }
    return {};
}

Result<std::vector<std::string>> take_steps(const std::string& directory, const FormatPlan& plan,
                                            ClusterFile file) {
    std::vector<std::string> did;
    for (; file.format < plan.newest; ++file.format) {
        const auto* step = step_from(plan, file.format);
        if (const auto done = step->apply(directory); !done) {
            return fail(done.error().code,
                        "from format " + std::to_string(file.format) + ": " + done.error().detail);
        }
        did.push_back(step->what);
    }
    file.needs = plan.needs;
    const auto written =
        write_private_file(directory + "/" + kClusterFile, to_bytes(write_cluster_file(file)));
    if (!written) return fail(written.error());
    return did;
}

}  // namespace

std::vector<std::string> backups(const std::string& directory) {
    std::vector<std::string> out;
    std::error_code error;
    for (fs::directory_iterator at{directory, error}, end; !error && at != end;
         at.increment(error)) {
        if (at->path().filename().string().starts_with(kBackup)) out.push_back(at->path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

Result<std::optional<Migrated>> migrate(const std::string& directory, const FormatPlan& plan) {
    const bool cut_short = exists(directory + "/" + kMark);
    if (!cut_short && !exists(directory + "/" + kClusterFile)) return std::optional<Migrated>{};
    auto file = read_format(directory, plan.newest);
    // A crash in the middle of putting back leaves none, or half of one.
    if (!file && (!cut_short || file.error().code == Errc::Refused)) return fail(file.error());
    if (file && file->format == plan.newest) {
        if (const auto done = unmark(directory); !done) return fail(done.error());
        return std::optional<Migrated>{};
    }
    if (file) {
        if (const auto way = check_way(plan, file->format, directory); !way) {
            return fail(way.error());
        }
    }
    const auto backup = backup_for(directory, file ? file->format : 0);
    if (!backup) return fail(backup.error());
    file = read_format(directory, plan.newest);
    if (!file) return fail(file.error());
    auto did = take_steps(directory, plan, *file);
    if (!did) {
        return fail(did.error().code, "data directory " + directory + " could not be migrated " +
                                          did.error().detail + "; what it was is in " + directory +
                                          "/" + *backup + " and is put back by the next start");
    }
    if (const auto done = unmark(directory); !done) return fail(done.error());
    return std::optional<Migrated>{
        Migrated{file->format, plan.newest, directory + "/" + *backup, std::move(*did)}};
}

}  // namespace shoal::host
