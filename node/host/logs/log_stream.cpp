// A log stream as it is read, and how its files say what they are. rotation.cpp changes them.
#include "node/host/logs/log_stream.h"

#include "node/api/quantities.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace shoal::host::logs {
namespace {

namespace fs = std::filesystem;

Descriptor open_for_reading(const std::string& path) {
    return Descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
}

}  // namespace

LogStream::LogStream(std::string path) : path_(std::move(path)), times_(path_ + ".times") {
    look();
}

// Those named "stdout.DIGITS" and `ending`, oldest first.
std::vector<LogStream::Generation> LogStream::generations(std::string_view ending) const {
    std::vector<Generation> out;
    const fs::path path{path_};
    const auto prefix = path.filename().string() + ".";
    std::error_code error;
    for (fs::directory_iterator at{path.parent_path(), error}, end; !error && at != end;
         at.increment(error)) {
        const auto file = at->path().filename().string();
        if (!file.starts_with(prefix) || !file.ends_with(ending)) continue;
        if (file.size() < prefix.size() + ending.size()) continue;
        const auto digits = std::string_view{file}.substr(
            prefix.size(), file.size() - prefix.size() - ending.size());
        const auto begin = api::parse_number<std::uint64_t>(digits);
        std::error_code unreadable;
        const auto size = at->file_size(unreadable);
        if (!begin || unreadable || at->is_symlink(unreadable)) continue;
        if (*begin > UINT64_MAX / 4) continue;  // Nothing of ours; sums must not wrap.
        out.push_back({at->path().string(), *begin, size});
    }
    std::sort(out.begin(), out.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return out;
}

void LogStream::look() {
    older_.reset();
    older_file_ = {};
    if (auto all = generations(""); !all.empty()) {
        older_ = std::move(all.back());
        older_file_ = open_for_reading(older_->path);
    }
    current_begin_ = older_ ? older_->begin + older_->size : 0;
    current_ = open_for_reading(path_);

    struct stat facts {};

    const bool there = current_ && ::fstat(current_.get(), &facts) == 0 && S_ISREG(facts.st_mode);
    if (!there) current_ = {};
    current_size_ = there ? static_cast<std::uint64_t>(facts.st_size) : 0;
    written_ms_ = there ? facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1'000'000 : 0;
}

std::int64_t LogStream::time_of(std::uint64_t offset) const {
    const auto mark = times_.covering(offset);
    return mark ? mark->ms : written_ms_;
}

std::uint64_t LogStream::offset_since(std::int64_t ms) const {
    if (const auto before = times_.before(ms)) return std::clamp(*before, begin(), end());
    if (written_ms_ < ms) return end();
    // Written since the last mark, which is older.
    const auto last = times_.last();
    return last ? std::clamp(last->end, begin(), end()) : begin();
}

std::string LogStream::read(std::uint64_t offset, std::size_t size) const {
    if (offset < begin() || offset >= end()) return {};
    const bool in_older = offset < current_begin_;
    const auto left = (in_older ? current_begin_ : end()) - offset;
    const auto& file = in_older ? older_file_ : current_;
    const auto at = offset - (in_older ? older_->begin : current_begin_);
    std::string out(static_cast<std::size_t>(std::min<std::uint64_t>(size, left)), '\0');
    const auto got = file ? ::pread(file.get(), out.data(), out.size(), static_cast<off_t>(at)) : 0;
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
}

std::string LogStream::name(std::uint64_t begin) const {
    return path_ + "." + std::to_string(begin);
}

}  // namespace shoal::host::logs
