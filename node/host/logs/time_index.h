// When the bytes of a stream came: marks of (time, how much there was by then), 16 bytes each, in a
// file beside it.
//
// About one mark a second while something is written, so a line's time is right to about a second.
// Bounded: over kMarksMax every second one of the older half goes, which makes old times coarser.
// Losing marks (a full disk, a torn write) makes times coarser too, and harms nothing else.
#pragma once

#include "node/host/logs/descriptor.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host::logs {

struct Mark {
    std::int64_t ms = 0;    // since 1970
    std::uint64_t end = 0;  // bytes of the stream there were, counted from its very beginning

    friend bool operator==(const Mark&, const Mark&) = default;
};

class TimeIndex {
public:
    static constexpr std::uint64_t kMarksMax = 65'536;  // 1 MiB

    // A file that is not there is an index without marks; the first add() makes it.
    explicit TimeIndex(std::string path);

    // Does nothing if it is not beyond the last.
    void add(Mark mark);
    // Marks of bytes before `begin` are of no use any more.
    void forget_before(std::uint64_t begin);

    [[nodiscard]] std::optional<Mark> last() const;
    // The first mark beyond `offset`: by then the byte there was written.
    [[nodiscard]] std::optional<Mark> covering(std::uint64_t offset) const;
    // How much there was before `ms`, as far as the marks know; nothing if all of them are older.
    [[nodiscard]] std::optional<std::uint64_t> before(std::int64_t ms) const;

private:
    struct Range {  // what `covering` found last: most questions are about the next line
        std::uint64_t begin = 0;
        Mark mark{};
    };

    [[nodiscard]] std::uint64_t count() const;
    [[nodiscard]] Mark at(std::uint64_t number) const;
    void keep(const std::vector<Mark>& marks);

    std::string path_;
    Descriptor file_;
    mutable std::optional<Range> found_{};
};

}  // namespace shoal::host::logs
