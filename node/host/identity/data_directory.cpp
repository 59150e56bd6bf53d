#include "node/host/identity/data_directory.h"

#include "node/host/identity/cluster_file.h"
#include "node/host/identity/files.h"
#include "node/host/identity/token.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace shoal::host {
namespace {

constexpr const char* kIdentity = "identity.key";
constexpr const char* kClusterFile = "cluster.yaml";
constexpr const char* kClusterKey = "cluster.key";
constexpr const char* kLock = "lock";
constexpr std::size_t kSmall = 4096;
// Raise together with DataDirectory::kFormat, and add a step to format_plan: the first shoal that
// reads that format.
constexpr const char* kNeeds = "0.1.0";

Result<void> make_private_directory(const std::string& path) {
    std::error_code error;
    const auto parent = std::filesystem::path{path}.parent_path();
    if (!parent.empty()) std::filesystem::create_directories(parent, error);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        return fail(io_error("creating the data directory", path));
    }

    struct stat facts {};

    if (::stat(path.c_str(), &facts) != 0) return fail(io_error("reading", path));
    if (!S_ISDIR(facts.st_mode)) {
        return fail(Errc::Io, "data directory " + path + " is not a directory");
    }
    return check_private(path, {facts.st_mode & 07777U, facts.st_uid, true}, ::geteuid());
}

std::string holder_of(int lock) {
    std::array<char, 32> text{};
    const auto got = ::pread(lock, text.data(), text.size(), 0);
    std::string out{text.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
    while (!out.empty() && out.back() == '\n') {
        out.pop_back();
    }
    return out.empty() ? "" : " (process " + out + ")";
}

Result<int> take_lock(const std::string& directory) {
    const std::string path = directory + "/" + kLock;
    const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0) return fail(io_error("opening", path));
    if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
        Error error = io_error("locking", path);
        if (errno == EWOULDBLOCK) {
            error = {Errc::Conflict, "data directory " + directory +
                                         " is in use by another shoal agent" + holder_of(lock) +
                                         "; two agents need two directories (--data-dir)"};
        }
        (void)::close(lock);
        return fail(std::move(error));
    }
    const std::string pid = std::to_string(::getpid()) + "\n";
    // Only for the message above; the lock itself is what counts.
    if (::ftruncate(lock, 0) == 0) (void)!::pwrite(lock, pid.data(), pid.size(), 0);
    return lock;
}

// The ways back from a lost key.
constexpr const char* kWithoutIdentity =
    "; restore it from a backup, or delete it: this node is then a new one to the others";
constexpr const char* kWithoutClusterKey =
    "; restore it from a backup, or delete cluster.yaml and join again with a token";

Result<Secret> read_key(const std::string& path, std::size_t size, const char* remedy) {
    auto text = read_private_file(path, kSmall);
    if (!text && text.error().code == Errc::NotFound) {
        return fail(Errc::NotFound, path + " is missing" + remedy);
    }
    if (!text) return fail(text.error());
    if (text->size() != size) {
        const auto found = text->size();
        wipe(*text);
        return fail(Errc::Malformed, path + " is damaged: " + std::to_string(found) +
                                         " bytes instead of " + std::to_string(size) + remedy);
    }
    Bytes bytes{text->begin(), text->end()};
    wipe(*text);
    Secret key{ByteView{bytes}};
    wipe(bytes);
    return key;
}

std::string called(const ClusterId& id, const std::string& name) {
    return name.empty() ? to_short(id) : "\"" + name + "\" (" + to_short(id) + ")";
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
    std::string clean = path;
    while (clean.size() > 1 && clean.back() == '/') {
        clean.pop_back();
    }
    if (auto made = make_private_directory(clean); !made) return fail(made.error());
    const auto lock = take_lock(clean);
    if (!lock) return fail(lock.error());
    DataDirectory out{std::move(clean), *lock};
    auto migrated = migrate(out.path_, format_plan());
    if (!migrated) return fail(migrated.error());
    out.migrated_ = std::move(*migrated);
    return out;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)),
      lock_(std::exchange(other.lock_, -1)),
      migrated_(std::move(other.migrated_)) {}

DataDirectory& DataDirectory::operator=(DataDirectory&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    std::swap(migrated_, other.migrated_);
    return *this;
}

DataDirectory::~DataDirectory() {
    if (lock_ >= 0) (void)::close(lock_);
}

bool DataDirectory::has_identity() const {
    return exists(file(kIdentity));
}

Result<SodiumSigner> DataDirectory::identity() {
    const auto path = file(kIdentity);
    if (!exists(path)) {
        const auto seed = Secret::random(SodiumSigner::kSeedBytes);
        if (auto written = write_private_file(path, seed.view()); !written) {
            return fail(written.error());
        }
    }
    const auto seed = read_key(path, SodiumSigner::kSeedBytes, kWithoutIdentity);
    if (!seed) return fail(seed.error());
    return SodiumSigner::from_seed(*seed);
}

Result<std::optional<Membership>> DataDirectory::membership() const {
    const auto path = file(kClusterFile);
    if (!exists(path)) return std::optional<Membership>{};
    const auto text = read_private_file(path, kSmall);
    if (!text) return fail(text.error());
    auto read = read_cluster_file(*text, kFormat, path);
    if (!read) return fail(read.error());
    auto key = read_key(file(kClusterKey), kClusterKeyBytes, kWithoutClusterKey);
    if (!key) return fail(key.error());
    return std::optional<Membership>{
        Membership{read->cluster, std::move(read->name), std::move(*key)}};
}

Result<void> DataDirectory::enter(const Membership& membership) {
    const auto present = this->membership();
    if (!present) return fail(present.error());
    if (*present) {
        const auto& now = **present;
        if (now.cluster != membership.cluster) {
            return fail(Errc::Conflict, "this node is in cluster " + called(now.cluster, now.name) +
                                            ", not " + called(membership.cluster, membership.name) +
                                            ": use another --data-dir, or `shoal reset` first");
        }
        if (!now.key.same_as(membership.key)) {
            return fail(Errc::Conflict, "this node is in cluster " + called(now.cluster, now.name) +
                                            " already, but under another key than the one given");
        }
        return {};
    }
    if (auto written = write_private_file(file(kClusterKey), membership.key.view()); !written) {
        return written;
    }
    const auto text = write_cluster_file({kFormat, kNeeds, membership.cluster, membership.name});
    return write_private_file(file(kClusterFile), to_bytes(text));
}

Result<void> DataDirectory::claim_state(const ClusterId& cluster) {
    if (::mkdir(state_path().c_str(), 0700) != 0 && errno != EEXIST) {
        return fail(io_error("creating", state_path()));
    }
    const std::string mark = state_path() + "/cluster";
    const std::string wanted = to_hex(cluster) + "\n";
    const auto found = read_private_file(mark, kSmall);
    if (!found && found.error().code != Errc::NotFound) return fail(found.error());
    if (found && *found == wanted) return {};
    // Without a mark, it is of the cluster named beside it.
    const bool ours = !found && exists(file(kClusterFile));
    if (exists(journal_path()) && !ours) {
        return fail(Errc::Conflict,
                    journal_path() + " is the journal of " +
                        (found ? "cluster " + found->substr(0, 32) : "an unknown cluster") +
                        ", not of cluster " + to_hex(cluster) +
                        "; move it away, or delete it with `shoal reset`");
    }
    return write_private_file(mark, to_bytes(wanted));
}

std::vector<std::string> DataDirectory::belongings() const {
    std::vector<std::string> out;
    for (const auto& path : {file(kClusterFile), file(kClusterKey), state_path(), log_path(),
                             spool_path(), file(kIdentity)}) {
        if (exists(path)) out.push_back(path);
    }
    for (auto& path : backups(path_)) {
        out.push_back(std::move(path));
    }
    return out;
}

Result<std::vector<std::string>> DataDirectory::reset() {
    const auto found = belongings();
    for (const auto& path : found) {
        std::error_code error;
        std::filesystem::remove_all(path, error);
        if (error) return fail(Errc::Io, "deleting " + path + ": " + error.message());
        if (auto synced = sync_directory(path_); !synced) return fail(synced.error());
    }
    return found;
}

const FormatPlan& format_plan() {
    static const FormatPlan plan{.newest = DataDirectory::kFormat, .needs = kNeeds, .steps = {}};
    return plan;
}

Membership found_cluster(std::string name) {
    std::array<std::uint8_t, 16> id{};
    fill_random(id);
    return {id_from_bytes<ClusterTag>(id), std::move(name), Secret::random(kClusterKeyBytes)};
}

}  // namespace shoal::host
