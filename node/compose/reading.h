// Values as what they ought to be. Each complaint names the place, what stands there and what is
// allowed; reading goes on after one, so that a person sees all of them at once.
#pragma once

#include "node/base/result.h"
#include "node/compose/value.h"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::compose {

// The text of a file named in the Compose file, relative to its folder; or why there is none.
using FileReader = std::function<Result<std::string>(const std::string& path)>;

class Problems {
public:
    void add(Mark mark, std::string what);

    void add(Problem problem) { add(problem.mark, std::move(problem.what)); }

    // "'x' is not ...": `allowed` says what would be.
    void unfit(const Value& value, std::string_view key, std::string_view allowed);

    [[nodiscard]] bool empty() const { return list_.empty(); }

    // In the order of the file; what two services found of one place, once.
    [[nodiscard]] std::vector<Problem> take();

private:
    std::vector<Problem> list_{};
};

void sort_by_place(std::vector<Problem>& problems);

// A scalar, whatever it looks like. Nothing is no text.
std::optional<std::string> read_text(const Value& value, std::string_view key, Problems& problems);

// A whole number of at most `max`, also as a text: that is what `${N}` becomes.
std::optional<std::uint64_t> read_number(const Value& value, std::string_view key,
                                         std::uint64_t max, Problems& problems);

std::optional<bool> read_truth(const Value& value, std::string_view key, Problems& problems);

// A list of texts, or one text as a list of one.
std::vector<std::string> read_texts(const Value& value, std::string_view key, Problems& problems);

// What a variable or a label is set to; nothing for one that is only named.
struct Setting {
    std::optional<std::string> value{};
    Mark mark{};
};

// {K: V} or ["K=V", "K"].
std::map<std::string, Setting> read_settings(const Value& value, std::string_view key,
                                             Problems& problems);

// "1m30s", "500ms"; in milliseconds.
[[nodiscard]] std::optional<std::uint64_t> parse_span(std::string_view text);

// As a shell would take a line apart, without its variables, globs and operators.
[[nodiscard]] std::optional<std::vector<std::string>> split_words(std::string_view line);

// Two texts of which one may be a slip of the other.
[[nodiscard]] bool is_near(std::string_view a, std::string_view b);

}  // namespace shoal::compose
