#include "node/host/logs/lines.h"

#include <algorithm>
#include <string_view>

namespace shoal::host::logs {
namespace {

constexpr std::size_t kBlock = 64U << 10U;

// How much of a line to take so that no character of UTF-8 is cut in two: none begins in the last
// three bytes that would need more than there are.
std::size_t whole_characters(std::string_view text) {
    for (std::size_t back = 1; back <= 3 && back < text.size(); ++back) {
        const auto c = static_cast<unsigned char>(text[text.size() - back]);
        const bool continues = (c & 0xC0U) == 0x80U;
        if (continues) continue;
        const std::size_t length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC0 ? 2 : 1;
        return length > back ? text.size() - back : text.size();
    }
    return text.size();
}

}  // namespace

std::optional<Piece> LineReader::next() {
    for (;;) {
        const auto rest = std::string_view{buffer_}.substr(used_);
        const auto feed = rest.substr(0, kLineMax + 1).find('\n');
        const bool feed_found = feed != std::string_view::npos;
        std::string more;
        if (!feed_found && rest.size() <= kLineMax) {
            more = stream_->read(at_ + rest.size(), kBlock);
            if (!more.empty()) {
                buffer_ = std::string{rest} + more;
                used_ = 0;
                continue;
            }
            if (rest.empty() || unfinished_ == Unfinished::Left) return std::nullopt;
        }
        const auto length = feed_found               ? feed
                            : rest.size() > kLineMax ? whole_characters(rest.substr(0, kLineMax))
                                                     : rest.size();
        const auto taken = length + (feed_found ? 1 : 0);
        Piece piece{std::string{rest.substr(0, length)}, at_, at_ + taken, feed_found};
        at_ = piece.next;
        used_ += taken;
        return piece;
    }
}

std::vector<std::uint64_t> last_lines(const LogStream& stream, std::size_t count) {
    std::vector<std::uint64_t> out;
    if (count == 0 || stream.end() == stream.begin()) return out;
    const auto room = std::min(stream.end() - stream.begin(), kTailBytesMax);
    const auto first = stream.end() - room;
    // Backwards in blocks; a line feed at the very end begins nothing.
    for (auto end = stream.end(); end > first && out.size() < count;) {
        const auto begin = end - std::min<std::uint64_t>(kBlock, end - first);
        std::string block;
        while (begin + block.size() < end) {
            const auto more = stream.read(begin + block.size(),
                                          static_cast<std::size_t>(end - begin) - block.size());
            if (more.empty()) return out;  // The disk says no.
            block += more;
        }
        for (std::size_t i = block.size(); i > 0 && out.size() < count; --i) {
            const auto behind = begin + i;
            if (block[i - 1] == '\n' && behind < stream.end()) out.push_back(behind);
        }
        end = begin;
    }
    if (out.size() < count) out.push_back(first);
    std::reverse(out.begin(), out.end());
    return out;
}

std::uint64_t line_from(const LogStream& stream, std::uint64_t offset) {
    if (offset <= stream.begin()) return stream.begin();
    for (auto at = offset - 1; at < stream.end();) {
        const auto block = stream.read(at, kBlock);
        if (block.empty()) break;
        const auto feed = block.find('\n');
        if (feed != std::string::npos) return at + feed + 1;
        at += block.size();
    }
    return stream.end();
}

}  // namespace shoal::host::logs
