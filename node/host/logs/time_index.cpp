#include "node/host/logs/time_index.h"

#include <array>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace shoal::host::logs {
namespace {

constexpr std::size_t kMarkBytes = 16;

using MarkBytes = std::array<unsigned char, kMarkBytes>;

void put(MarkBytes& bytes, std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 8; ++i) {
        bytes[at + i] = static_cast<unsigned char>(value >> (8 * i));
    }
}

std::uint64_t get(const MarkBytes& bytes, std::size_t at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) {
        value |= std::uint64_t{bytes[at + i]} << (8 * i);
    }
    return value;
}

MarkBytes encode(const Mark& mark) {
    MarkBytes bytes{};
    put(bytes, 0, static_cast<std::uint64_t>(mark.ms));
    put(bytes, 8, mark.end);
    return bytes;
}

// The number of the first mark for which `is_beyond` holds; it holds for all behind it.
template <class Predicate>
std::uint64_t first(std::uint64_t count, Predicate is_beyond) {
    std::uint64_t low = 0;
    while (low < count) {
        const auto middle = low + (count - low) / 2;
        if (is_beyond(middle)) {
            count = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

}  // namespace

TimeIndex::TimeIndex(std::string path)
    : path_(std::move(path)), file_(::open(path_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW)) {}

std::uint64_t TimeIndex::count() const {
    struct stat facts {};

    if (!file_ || ::fstat(file_.get(), &facts) != 0) return 0;
    return static_cast<std::uint64_t>(facts.st_size) / kMarkBytes;  // a torn mark is none
}

Mark TimeIndex::at(std::uint64_t number) const {
    MarkBytes bytes{};
    const auto got =
        ::pread(file_.get(), bytes.data(), kMarkBytes, static_cast<off_t>(number * kMarkBytes));
    if (got != static_cast<ssize_t>(kMarkBytes)) return {};
    return {static_cast<std::int64_t>(get(bytes, 0)), get(bytes, 8)};
}

std::optional<Mark> TimeIndex::last() const {
    const auto all = count();
    if (all == 0) return std::nullopt;
    return at(all - 1);
}

void TimeIndex::add(Mark mark) {
    const auto all = count();
    if (all > 0 && at(all - 1).end >= mark.end) return;
    if (!file_) {
        file_ = Descriptor{::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
        if (!file_) return;
    }
    found_.reset();
    // Over what a torn write may have left there.
    const auto bytes = encode(mark);
    (void)!::pwrite(file_.get(), bytes.data(), kMarkBytes, static_cast<off_t>(all * kMarkBytes));
    if (all < kMarksMax) return;
    std::vector<Mark> kept;
    for (std::uint64_t i = 0; i <= all; ++i) {
        if (i >= all / 2 || i % 2 == 1) kept.push_back(at(i));
    }
    keep(kept);
}

void TimeIndex::forget_before(std::uint64_t begin) {
    const auto all = count();
    const auto from = first(all, [&](std::uint64_t i) { return at(i).end > begin; });
    if (from == 0 || all == 0) return;
    std::vector<Mark> kept;
    // The last one stays in any case: it says how much there ever was.
    for (auto i = from < all ? from : all - 1; i < all; ++i) {
        kept.push_back(at(i));
    }
    keep(kept);
}

void TimeIndex::keep(const std::vector<Mark>& marks) {
    std::string bytes;
    for (const auto& mark : marks) {
        const auto one = encode(mark);
        bytes.append(one.begin(), one.end());
    }
    const auto fresh = path_ + ".new";
    Descriptor file{
        ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    const bool written = file && ::write(file.get(), bytes.data(), bytes.size()) ==
                                     static_cast<ssize_t>(bytes.size());
    if (!written || std::rename(fresh.c_str(), path_.c_str()) != 0) {
        ::unlink(fresh.c_str());
        return;
    }
    found_.reset();
    file_ = std::move(file);
}

std::optional<Mark> TimeIndex::covering(std::uint64_t offset) const {
    if (found_ && offset >= found_->begin && offset < found_->mark.end) return found_->mark;
    const auto all = count();
    const auto number = first(all, [&](std::uint64_t i) { return at(i).end > offset; });
    if (number == all) return std::nullopt;
    found_ = Range{number == 0 ? 0 : at(number - 1).end, at(number)};
    return found_->mark;
}

std::optional<std::uint64_t> TimeIndex::before(std::int64_t ms) const {
    const auto all = count();
    const auto number = first(all, [&](std::uint64_t i) { return at(i).ms >= ms; });
    if (number == all) return std::nullopt;
    return number == 0 ? 0 : at(number - 1).end;
}

}  // namespace shoal::host::logs
