#include "cli/tail.h"

#include <cstddef>

namespace shoal::cli {
namespace {

bool is_flag(const std::string& word) {
    return word.size() > 1 && word.front() == '-';
}

// "--replicas=3" -> "--replicas", "-eK=V" -> "-e"
std::string name_in(const std::string& word) {
    return word.starts_with("--") ? word.substr(0, word.find('=')) : word.substr(0, 2);
}

const CLI::Option* option_of(const CLI::App& command, const std::string& word) {
    for (const auto* app = &command; app != nullptr; app = app->get_parent()) {
        if (const auto* option = app->get_option_no_throw(name_in(word))) return option;
    }
    return nullptr;
}

// How many words the flag takes, itself included.
std::size_t length_of(const CLI::Option& option, const std::string& word) {
    const bool has_value = word.size() > name_in(word).size();
    return option.get_items_expected_min() > 0 && !has_value ? 2 : 1;
}

}  // namespace

std::vector<std::string> cut_tail(const CLI::App& command, std::vector<std::string>& words) {
    bool named = false;  // has the command's own name come?
    bool begun = false;  // has its first argument?
    for (std::size_t i = 0; i < words.size();) {
        const auto& word = words[i];
        const auto* option = is_flag(word) ? option_of(command, word) : nullptr;
        if (option != nullptr) {
            i += length_of(*option, word);
        } else if (!named) {
            // A flag nobody knows is CLI11's to complain of.
            if (!is_flag(word) && word != command.get_name()) return {};
            named = !is_flag(word);
            ++i;
        } else if (!begun) {
            begun = !is_flag(word);
            ++i;
        } else {
            const auto from = words.begin() + static_cast<std::ptrdiff_t>(i);
            std::vector<std::string> tail(word == "--" ? from + 1 : from, words.end());
            words.erase(from, words.end());
            return tail;
        }
    }
    return {};
}

}  // namespace shoal::cli
