#include "node/host/network/run_directory.h"

#include "node/host/network/files.h"
#include "node/host/network/names.h"
#include "node/host/network/namespaces.h"

#include <set>

namespace shoal::network {
namespace {

constexpr const char* kEnding = ".json";

}  // namespace

Result<void> RunDirectory::make() const {
    if (auto made = make_directory(path_ + "/netns"); !made) return made;
    return make_directory(path_ + "/containers");
}

std::string RunDirectory::namespace_path(const std::string& container) const {
    return path_ + "/netns/" + container;
}

std::string RunDirectory::services_path() const {
    return path_ + "/services.json";
}

std::string RunDirectory::record_path(const std::string& container) const {
    return path_ + "/containers/" + container + kEnding;
}

Result<void> RunDirectory::keep(const Record& record) const {
    return replace_file(record_path(record.container), write_record(record));
}

Result<void> RunDirectory::forget(const std::string& container) const {
    return remove_file(record_path(container));
}

Result<RunDirectory::Contents> RunDirectory::read() const {
    Contents out;
    std::set<std::string> known;
    const auto files = list_directory(path_ + "/containers");
    if (!files) return fail(files.error());
    for (const std::string& name : *files) {
        const std::string path = path_ + "/containers/" + name;
        const auto text = read_file(path);
        if (!text) return fail(text.error());
        const auto record = read_record(*text, path);
        // A half-written file of a run killed while writing, or none of ours.
        if (!record || !check_container_id(record->container) ||
            record_path(record->container) != path) {
            out.stray.push_back(path);
            continue;
        }
        known.insert(record->container);
        const bool alive = is_namespace(namespace_path(record->container));
        (alive ? out.alive : out.dead).push_back(*record);
    }
    const auto spaces = list_directory(path_ + "/netns");
    if (!spaces) return fail(spaces.error());
    for (const std::string& name : *spaces) {
        if (!known.contains(name)) out.stray.push_back(namespace_path(name));
    }
    return out;
}

Result<void> RunDirectory::remove_stray(const std::string& path) {
    return remove_namespace(path);  // unmounts what is mounted, removes the file
}

}  // namespace shoal::network
