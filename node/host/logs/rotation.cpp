// How a log stream is kept small: the part of LogStream that changes files.
//
// The order is: copy to ".part"; rename to "<begin>.copied"; truncate; rename to "<begin>"; delete
// the generation before. Whoever finds a ".copied" tells by its content whether the truncation was
// still to come.
#include "node/host/logs/log_stream.h"

#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

namespace shoal::host::logs {
namespace {

constexpr const char* kCopied = ".copied";
constexpr std::size_t kBlock = 64U << 10U;

bool write_all(const Descriptor& file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(file.get(), bytes.data(), bytes.size());
        if (written <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

std::string read_at(const Descriptor& file, std::uint64_t at) {
    std::string out(kBlock, '\0');
    const auto got = ::pread(file.get(), out.data(), out.size(), static_cast<off_t>(at));
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
}

}  // namespace

void LogStream::note() {
    if (!current_) return;
    finish_rotation();
    notice_truncation();
    times_.add({written_ms_, end()});
}

void LogStream::tend(std::uint64_t generation_max) {
    note();
    if (current_size_ <= generation_max) return;
    rotate(generation_max);
    look();
    times_.add({written_ms_, end()});
    times_.forget_before(begin());
}

void LogStream::finish_rotation() {
    ::unlink((path_ + ".part").c_str());
    const auto pending = generations(kCopied);
    for (const auto& copy : pending) {
        if (still_has(copy)) {
            ::unlink(copy.path.c_str());  // Not truncated yet: as if nothing had happened.
        } else {
            (void)std::rename(copy.path.c_str(), name(copy.begin).c_str());
        }
    }
    auto all = generations("");
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        ::unlink(all[i].path.c_str());
    }
    if (!pending.empty() || all.size() > 1) look();
}

// Is what the copy was made of still there?
bool LogStream::still_has(const Generation& copy) const {
    const Descriptor file{::open(copy.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file || copy.begin < current_begin_) return false;
    const auto theirs = read_at(file, 0);
    const auto ours = read_at(current_, copy.begin - current_begin_);
    return ours.size() >= theirs.size() && std::equal(theirs.begin(), theirs.end(), ours.begin());
}

// Somebody else truncated the file: there was more than there is now. What is gone is counted, so
// that readers do not take what comes now for what they have seen.
void LogStream::notice_truncation() {
    const auto last = times_.last();
    if (!last || last->end <= end()) return;
    if (!make_empty(name(last->end))) return;
    for (const auto& one : generations("")) {
        if (one.begin < last->end) ::unlink(one.path.c_str());
    }
    look();
}

bool LogStream::make_empty(const std::string& path) const {
    return static_cast<bool>(
        Descriptor{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)});
}

void LogStream::rotate(std::uint64_t generation_max) {
    // Written faster than anybody looked: then the beginning is not worth a copy.
    const bool far_over = current_size_ > 2 * generation_max;
    const auto skipped = far_over ? current_size_ - generation_max : 0;
    const auto from = current_begin_ + skipped;
    const auto part = path_ + ".part";
    if (copy_from(skipped, part)) return replace_by(part, from);
    // No room for two generations: the older one makes room for the copy.
    if (older_ && older_->size > 0 && make_empty(name(current_begin_))) {
        ::unlink(older_->path.c_str());
        if (copy_from(skipped, part)) return replace_by(part, from);
    }
    ::unlink(part.c_str());
    if (make_empty(part)) replace_by(part, end());
}

// To the end, also of what comes meanwhile; what comes faster than it can be copied is left.
bool LogStream::copy_from(std::uint64_t from, const std::string& path) const {
    const Descriptor copy{
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!copy) return false;
    const auto most = 2 * current_size_;
    for (auto at = from; at < most;) {
        const auto block = read_at(current_, at);
        if (block.empty()) break;
        if (!write_all(copy, block)) {
            ::unlink(path.c_str());
            return false;
        }
        at += block.size();
    }
    return true;
}

void LogStream::replace_by(const std::string& path, std::uint64_t begin) {
    const auto copied = name(begin) + kCopied;
    if (std::rename(path.c_str(), copied.c_str()) != 0) return;
    const Descriptor file{::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!file || ::ftruncate(file.get(), 0) != 0) {
        ::unlink(copied.c_str());
        return;
    }
    (void)std::rename(copied.c_str(), name(begin).c_str());
    for (const auto& one : generations("")) {
        if (one.begin < begin) ::unlink(one.path.c_str());
    }
}

}  // namespace shoal::host::logs
