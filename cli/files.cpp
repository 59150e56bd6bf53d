#include "cli/files.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace shoal::cli {

Result<std::string> read_all(std::istream& in) {
    std::string text(kInputMax + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (in.bad()) return fail(Errc::Io, "cannot be read");
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > kInputMax) return fail(Errc::TooLarge, "is larger than 1 MiB");
    return text;
}

Result<std::string> read_file(const std::string& path) {
    errno = 0;
    std::ifstream in{path, std::ios::binary};
    if (!in) return fail(Errc::NotFound, path + ": " + std::strerror(errno));
    auto text = read_all(in);
    if (!text) return fail(text.error().code, path + " " + text.error().detail);
    return text;
}

}  // namespace shoal::cli
