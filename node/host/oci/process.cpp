#include "node/host/oci/process.h"

#include "node/base/process_words.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace shoal::host::oci {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPath =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Later ones win; the order is that of first appearance, with PATH first.
std::vector<std::string> environment(const SpecWish& wish) {
    std::vector<std::string> out;
    const auto add = [&](std::string_view line) {
        const auto name = line.substr(0, line.find('=') + 1);
        if (name.empty()) return;
        const auto same = std::find_if(out.begin(), out.end(), [&](const std::string& other) {
            return std::string_view{other}.starts_with(name);
        });
        if (same != out.end()) {
            *same = line;
        } else {
            out.emplace_back(line);
        }
    };
    add(kPath);
    if (!wish.hostname.empty()) add("HOSTNAME=" + wish.hostname);
    for (const auto& line : wish.image.environment) {
        add(line);
    }
    for (const auto& [name, value] : wish.container.environment) {
        add(name + "=" + value);
    }
    for (const auto& line : wish.environment) {
        add(line);
    }
    return out;
}

// All is all there is here: a host, or a container that is one, may lack some. What was asked for
// by its name is not left out in silence.
std::vector<std::string> capabilities(const SpecWish& wish) {
    const auto& wished = wish.container.process;
    const auto given = [&](const std::string& one) {
        const auto number = capability_number(one);
        return number && ((wish.host.capabilities >> *number) & 1U) != 0;
    };
    const auto named = [&](const std::string& one) {
        return std::find(wished.cap_add.begin(), wished.cap_add.end(), one) != wished.cap_add.end();
    };
    std::vector<std::string> out;
    for (const auto& one : placement::capabilities_of(wished)) {
        if (given(one) || named(one)) out.push_back("CAP_" + one);
    }
    return out;
}

Json bound(const std::string& name, std::uint64_t soft, std::uint64_t hard) {
    std::string type = "RLIMIT_" + name;
    std::transform(type.begin(), type.end(), type.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return {{"type", std::move(type)}, {"hard", hard}, {"soft", soft}};
}

Json rlimits(const SpecWish& wish) {
    const auto& wished = wish.container.process.ulimits;
    auto out = Json::array();
    if (!wished.contains("nofile")) {
        out.push_back(bound("nofile", std::min(kOpenFiles, wish.host.open_files_max),
                            std::min(kOpenFilesMax, wish.host.open_files_max)));
    }
    for (const auto& [name, limit] : wished) {
        // -1, for none, is the greatest number there is.
        out.push_back(bound(name, static_cast<std::uint64_t>(limit.soft),
                            static_cast<std::uint64_t>(limit.hard)));
    }
    return out;
}

}  // namespace

Json process_section(const SpecWish& wish, std::vector<std::string> words) {
    if (!wish.init_path.empty()) {
        words.insert(words.begin(), "--");
        const auto& about = wish.container.process;
        if (about.stdin_open && !about.tty) words.insert(words.begin(), "--open-input");
        words.insert(words.begin(), kInitInside);
    }
    const auto& wished = wish.container.process;
    const auto& directory =
        wished.working_dir.empty() ? wish.image.working_directory : wished.working_dir;
    const auto granted = capabilities(wish);
    Json user = {{"uid", wish.user.uid}, {"gid", wish.user.gid}};
    if (!wish.user.groups.empty()) user["additionalGids"] = wish.user.groups;
    Json out = {
        {"terminal", wished.tty},
        {"user", std::move(user)},
        {"args", std::move(words)},
        {"env", environment(wish)},
        {"cwd", directory.starts_with('/') ? directory : "/" + directory},
        {"capabilities", {{"bounding", granted}, {"effective", granted}, {"permitted", granted}}},
        {"rlimits", rlimits(wish)},
        {"noNewPrivileges", wished.no_new_privileges && !wished.privileged}};
    if (wished.oom_score_adj != 0) out["oomScoreAdj"] = wished.oom_score_adj;
    return out;
}

}  // namespace shoal::host::oci
