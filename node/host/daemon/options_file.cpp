// agent.yaml: the words of the flags as a file, and where in it something is wrong.
#include "node/host/daemon/options.h"
#include "node/host/identity/files.h"

#include <set>
#include <string>
#include <yaml-cpp/yaml.h>

namespace shoal::host {
namespace {

constexpr std::size_t kLargest = 1U << 20U;

std::string place(const std::string& path, const YAML::Mark& mark) {
    if (mark.is_null()) return path + ": ";
    return path + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) +
           ": ";
}

Result<void> apply_one(AgentOptions& options, const std::string& word, const YAML::Node& value,
                       const std::string& path) {
    const auto where = place(path, value.Mark());
    if (!value.IsScalar()) return fail(Errc::Malformed, where + word + ": expected a plain value");
    const auto done = apply_word(options, word, value.Scalar());
    if (!done) return fail(done.error().code, where + done.error().detail);
    return {};
}

Result<void> apply_value(AgentOptions& options, const OptionWord& word, const YAML::Node& value,
                         const std::string& path) {
    if (!value.IsSequence()) return apply_one(options, word.name, value, path);
    if (!word.repeatable) {
        return fail(Errc::Malformed,
                    place(path, value.Mark()) + word.name + ": expected one value, not a list");
    }
    for (const auto& item : value) {
        if (auto done = apply_one(options, word.name, item, path); !done) return done;
    }
    return {};
}

const OptionWord* find_word(const std::string& name) {
    for (const auto& word : option_words()) {
        if (word.name == name) return &word;
    }
    return nullptr;
}

Result<void> apply_line(AgentOptions& options, const YAML::Node& key, const YAML::Node& value,
                        const std::string& path, std::set<std::string>& seen) {
    const auto where = place(path, key.Mark());
    if (!key.IsScalar()) return fail(Errc::Malformed, where + "expected 'word: value'");
    const auto* word = find_word(key.Scalar());
    if (word == nullptr) {
        return fail(Errc::NotFound, where + "no such setting: " + key.Scalar() +
                                        "; the words are those of `shoal agent --help`");
    }
    if (!word->in_file) {
        return fail(Errc::Malformed, where + word->name + " belongs on the command line");
    }
    if (!seen.insert(word->name).second) {
        return fail(Errc::Malformed, where + word->name + " is there twice; which one counts?");
    }
    return apply_value(options, *word, value, path);
}

Result<void> apply_root(AgentOptions& options, const YAML::Node& root, const std::string& path) {
    if (root.IsNull()) return {};
    if (!root.IsMap()) {
        return fail(Errc::Malformed, place(path, root.Mark()) + "expected 'word: value' lines");
    }
    std::set<std::string> seen;
    for (const auto& line : root) {
        if (auto done = apply_line(options, line.first, line.second, path, seen); !done) {
            return done;
        }
    }
    return {};
}

}  // namespace

Result<void> apply_file(AgentOptions& options, const std::string& path) {
    const auto file = read_small_file(path, kLargest);
    if (!file) return fail(file.error());
    // yaml-cpp reports by exception; this is where that ends.
    try {
        return apply_root(options, YAML::Load(file->text), path);
    } catch (const YAML::Exception& error) {
        return fail(Errc::Malformed, place(path, error.mark) + error.msg);
    }
}

}  // namespace shoal::host
