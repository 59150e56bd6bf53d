#include "store/rocks_journal.h"

#include "node/base/check.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdarg>
#include <filesystem>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace shoal::store {
namespace {

namespace fs = std::filesystem;

// In the order of Table; RocksDB wants a family called "default", which stays empty.
constexpr std::array<const char*, 6> kFamilies{"meta", "members", "log", "heads", "map", "ledger"};

// RocksDB's own log file is one more thing that fails on a full disk, and its writer aborts the
// process when asked again after a failure. What matters is in the status of each call, but for one
// thing that is said nowhere else: that a damaged log was read up to the damage only.
class Ear final : public rocksdb::Logger {
public:
    using rocksdb::Logger::Logv;

    void Logv(const char* format, va_list /*arguments*/) override {
        if (std::string_view{format}.find("Point in time recovered") != std::string_view::npos) {
            cut_short_ = true;
        }
    }

    [[nodiscard]] bool cut_short() const { return cut_short_; }

private:
    std::atomic<bool> cut_short_{false};
};

rocksdb::Options options(std::shared_ptr<Ear> ear = std::make_shared<Ear>()) {
    rocksdb::Options out;
    out.info_log = std::move(ear);
    out.create_if_missing = true;
    out.create_missing_column_families = true;
    out.paranoid_checks = true;
    // A node's whole registry is a few tens of megabytes: keep RocksDB small.
    out.write_buffer_size = 4U << 20U;
    out.max_write_buffer_number = 2;
    out.max_total_wal_size = 16U << 20U;
    out.max_open_files = 64;
    return out;
}

Error describe(const std::string& path, const rocksdb::Status& status) {
    const std::string text = status.ToString();
    if (status.IsNoSpace()) return {Errc::Full, path + ": no space left (" + text + ")"};
    if (status.IsIOError() && text.find("lock") != std::string::npos) {
        return {Errc::Conflict, path + " is in use by another process (" + text + ")"};
    }
    if (status.IsCorruption() || status.IsPathNotFound() || status.IsNotFound() ||
        text.find("No such file") != std::string::npos) {
        return {Errc::Malformed,
                path + " is damaged: " + text +
                    ". Restore it from a backup, or move it away: this node then fetches the "
                    "registry from the others, and forgets only what no other node has"};
    }
    return {Errc::Io, path + ": " + text};
}

// RocksDB would quietly make a new database where the file that names the old one is gone, and go
// on without the last writes where their log is.
Result<void> check_complete(const std::string& path) {
    std::error_code error;
    if (!fs::exists(path, error)) return {};
    bool log = false;
    bool others = false;
    for (const auto& entry : fs::directory_iterator{path, error}) {
        const auto name = entry.path().filename().string();
        log = log || name.ends_with(".log");
        others = others || name.starts_with("MANIFEST") || name.ends_with(".sst");
    }
    const bool current = fs::exists(fs::path{path} / "CURRENT", error);
    const char* missing = !current && (log || others) ? "the file CURRENT is missing"
                          : current && !log           ? "its newest file, *.log, is missing"
                                                      : nullptr;
    if (missing == nullptr) return {};
    return fail(describe(path, rocksdb::Status::Corruption(missing)));
}

Result<void> check_known(const std::string& path) {
    std::vector<std::string> names;
    if (!rocksdb::DB::ListColumnFamilies(options(), path, &names).ok()) return {};  // Open tells.
    for (const auto& name : names) {
        const bool known = name == rocksdb::kDefaultColumnFamilyName ||
                           std::find(kFamilies.begin(), kFamilies.end(), name) != kFamilies.end();
        if (!known) {
            return fail(Errc::Refused, path + " was written by a newer shoal (it has a table '" +
                                           name +
                                           "'); this is " SHOAL_VERSION ". Nothing was changed");
        }
    }
    return {};
}

rocksdb::Slice slice(ByteView bytes) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are bytes.
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

class RocksJournal::Impl {
public:
    explicit Impl(std::string path) : path_(std::move(path)) {}

    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    ~Impl() {
        {
            const std::lock_guard lock{mutex_};
            stopping_ = true;
        }
        wake_.notify_one();
        if (writer_.joinable()) writer_.join();
        close_files();
    }

    Result<void> open() {
        auto opened = open_files();
        if (opened) writer_ = std::thread{[this] { run(); }};
        return opened;
    }

    [[nodiscard]] bool cut_short() const { return ear_->cut_short(); }

    Result<Snapshot> load() const {
        Snapshot rows;
        for (std::size_t table = 0; table < kFamilies.size(); ++table) {
            rocksdb::ReadOptions read;
            read.verify_checksums = true;
            const std::unique_ptr<rocksdb::Iterator> at{
                db_->NewIterator(read, families_[table + 1])};
            for (at->SeekToFirst(); at->Valid(); at->Next()) {
                const auto value = at->value();
                rows.push_back({static_cast<Table>(table), at->key().ToString(),
                                Blob{Bytes{value.data(), value.data() + value.size()}}});
            }
            if (!at->status().ok()) return fail(describe(path_, at->status()));
        }
        return rows;
    }

    void hand_over(Batch batch, Done done) {
        {
            const std::lock_guard lock{mutex_};
            waiting_.push_back({std::move(batch), std::move(done)});
        }
        wake_.notify_one();
    }

private:
    Result<void> open_files() {
        std::vector<rocksdb::ColumnFamilyDescriptor> wanted{
            {rocksdb::kDefaultColumnFamilyName, {}}};
        for (const char* name : kFamilies) {
            wanted.emplace_back(name, rocksdb::ColumnFamilyOptions{options()});
        }
        rocksdb::DB* db = nullptr;
        const auto status = rocksdb::DB::Open(options(ear_), path_, wanted, &families_, &db);
        if (!status.ok()) return fail(describe(path_, status));
        db_.reset(db);
        return {};
    }

    void close_files() {
        for (auto* family : families_) {
            (void)db_->DestroyColumnFamilyHandle(family);
        }
        families_.clear();
        if (db_ != nullptr) (void)db_->Close();
        db_.reset();
    }

    struct Waiting {
        Batch batch{};
        Done done{};
    };

    void run() {
        std::unique_lock lock{mutex_};
        while (true) {
            wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
            if (waiting_.empty()) return;
            const auto group = std::exchange(waiting_, {});
            lock.unlock();
            const auto refused = write(group);
            for (const Waiting& one : group) {
                if (one.done) one.done(refused);
            }
            lock.lock();
        }
    }

    std::optional<std::string> write(const std::vector<Waiting>& group) {
        // After a failed write RocksDB 7.8 never writes to that log again, whatever Resume() says:
        // only opening anew, which drops what was half written, leads on.
        if (broken_) close_files();
        if (db_ == nullptr) {
            if (const auto opened = open_files(); !opened) return opened.error().detail;
            broken_ = false;
        }
        rocksdb::WriteBatch all;
        rocksdb::WriteOptions how;
        for (const Waiting& one : group) {
            how.sync = how.sync || one.done != nullptr;
            for (const Row& row : one.batch) {
                auto* family = families_.at(static_cast<std::size_t>(row.table) + 1);
                if (row.value) {
                    (void)all.Put(family, row.key, slice(row.value->view()));
                } else {
                    (void)all.Delete(family, row.key);
                }
            }
        }
        const auto status = db_->Write(how, &all);
        if (status.ok()) return std::nullopt;
        broken_ = true;
        return status.ToString();
    }

    std::string path_;
    std::shared_ptr<Ear> ear_ = std::make_shared<Ear>();
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> families_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::vector<Waiting> waiting_;
    bool stopping_ = false;
    bool broken_ = false;  // writer thread only
    std::thread writer_;
};

Result<std::unique_ptr<RocksJournal>> RocksJournal::open(const std::string& path) {
    if (const auto complete = check_complete(path); !complete) return fail(complete.error());
    if (const auto known = check_known(path); !known) return fail(known.error());
    auto impl = std::make_unique<Impl>(path);
    if (const auto opened = impl->open(); !opened) return fail(opened.error());
    return std::unique_ptr<RocksJournal>{new RocksJournal{std::move(impl)}};
}

RocksJournal::RocksJournal(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RocksJournal::~RocksJournal() = default;

bool RocksJournal::cut_short() const {
    return impl_->cut_short();
}

Result<Snapshot> RocksJournal::load() const {
    return impl_->load();
}

void RocksJournal::write(Batch batch) {
    impl_->hand_over(std::move(batch), nullptr);
}

void RocksJournal::write_synced(Batch batch, Done done) {
    SHOAL_CHECK(done != nullptr);
    impl_->hand_over(std::move(batch), std::move(done));
}

}  // namespace shoal::store
