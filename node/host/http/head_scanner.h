// Finds where the head of an HTTP/1 message ends, and refuses heads no honest client writes.
//
// http_parser reads the head too, but leniently: it joins folded lines, takes bare line feeds, and
// counts against one limit for the whole process. Two readers must agree on every head
// (message_parser.h); whatever only one of them would accept is refused.
//
// What always holds: the verdict depends on the bytes alone, never on how they were cut into
// pieces.
#pragma once

#include <cstddef>
#include <string_view>

namespace shoal::host::http {

struct HeadLimits {
    std::size_t head_max = 16U << 10U;
    std::size_t request_line_max = 8U << 10U;
    std::size_t headers_max = 100;
};

class HeadScanner {
public:
    enum class Verdict {
        More,         // all of it belongs to the head
        End,          // the head ends after `used` bytes
        LineTooLong,  // the first line
        TooLong,      // the head, or too many headers
        Malformed,
    };

    struct Found {
        Verdict verdict = Verdict::More;
        std::size_t used = 0;  // with an error: how many bytes before the offending one
    };

    explicit HeadScanner(const HeadLimits& limits) : limits_(limits) {}

    // Looks at the bytes that follow those seen so far.
    [[nodiscard]] Found scan(std::string_view bytes);

    // Bytes of this head so far.
    [[nodiscard]] std::size_t seen() const { return seen_; }

private:
    [[nodiscard]] Verdict look(char c);
    [[nodiscard]] Verdict end_line();

    HeadLimits limits_;
    std::size_t seen_ = 0;
    std::size_t lines_ = 0;   // finished ones that were not empty
    std::size_t length_ = 0;  // of this line, without its end
    bool after_return_ = false;
};

}  // namespace shoal::host::http
