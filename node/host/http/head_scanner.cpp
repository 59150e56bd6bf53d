#include "node/host/http/head_scanner.h"

namespace shoal::host::http {

HeadScanner::Found HeadScanner::scan(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto verdict = look(bytes[i]);
        if (verdict == Verdict::End) return {verdict, i + 1};
        if (verdict != Verdict::More) return {verdict, i};
    }
    return {Verdict::More, bytes.size()};
}

HeadScanner::Verdict HeadScanner::look(char c) {
    if (++seen_ > limits_.head_max) return lines_ == 0 ? Verdict::LineTooLong : Verdict::TooLong;
    if ((c == '\n') != after_return_) return Verdict::Malformed;
    after_return_ = c == '\r';
    if (after_return_) return Verdict::More;
    if (c == '\n') return end_line();
    // RFC 9112 section 5.2: a line that goes on with the header before it is refused.
    const bool folds = lines_ > 0 && length_ == 0 && (c == ' ' || c == '\t');
    if (folds || c == '\0') return Verdict::Malformed;
    ++length_;
    if (lines_ == 0 && length_ > limits_.request_line_max) return Verdict::LineTooLong;
    return Verdict::More;
}

HeadScanner::Verdict HeadScanner::end_line() {
    const bool empty = length_ == 0;
    length_ = 0;
    // RFC 9112 section 2.2: empty lines before the first are skipped.
    if (empty) return lines_ == 0 ? Verdict::More : Verdict::End;
    ++lines_;
    return lines_ - 1 > limits_.headers_max ? Verdict::TooLong : Verdict::More;
}

}  // namespace shoal::host::http
