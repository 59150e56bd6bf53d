#include "node/compose/problem.h"

namespace shoal::compose {
namespace {

constexpr std::size_t kShownMax = 80;

}  // namespace

std::string place(std::string_view file, Mark mark) {
    std::string out{file};
    if (mark.line != 0) {
        out += ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column);
    }
    return out;
}

std::string to_string(std::string_view file, const Problem& problem) {
    return place(file, problem.mark) + ": " + problem.what;
}

std::string shown(std::string_view text) {
    std::string out = "'";
    for (const char c : text.substr(0, kShownMax)) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(byte < 0x20 || byte == 0x7F ? '?' : c);
    }
    // Never half a character.
    if (text.size() > kShownMax) {
        while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0x80U) != 0)
            out.pop_back();
        out += "...";
    }
    return out + "'";
}

}  // namespace shoal::compose
