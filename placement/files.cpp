#include "placement/files.h"

#include "placement/mounts.h"

#include <set>

namespace shoal::placement {

std::string fault_of(const std::vector<File>& files) {
    if (files.size() > kFilesMax) return "files: more than 64";
    std::set<std::string> targets;
    for (const File& file : files) {
        const auto where = "files: '" + file.target.substr(0, 64) + "': ";
        if (!is_plain_path(file.target) || file.target.ends_with('/')) {
            return where + "a target is an absolute path of a file, without '.' and '..'";
        }
        if (file.mode > 0777) return where + "a mode is 0 to 0777, octal";
        if (!targets.insert(file.target).second) return where + "is there twice";
    }
    return {};
}

std::size_t text_size(const std::vector<File>& files) {
    std::size_t out = 0;
    for (const File& file : files) {
        out += file.target.size() + file.content.size();
    }
    return out;
}

}  // namespace shoal::placement
