// A Compose file, its .env and its env_file, as anybody may write them.
#include "node/base/check.h"
#include "node/compose/render.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using namespace shoal;           // NOLINT(google-build-using-namespace)
using namespace shoal::compose;  // NOLINT(google-build-using-namespace)

Source source_of(std::string text, std::string variables) {
    return {
        .text = std::move(text),
        .folder = "fuzz",
        .environment = {{"A", "1"}, {"EMPTY", ""}, {"DOLLAR", "$A"}},
        .profiles = {"p"},
        .read = [variables = std::move(variables)](const std::string& path) -> Result<std::string> {
            if (path == ".env" || path == "v") return variables;
            return fail(Errc::NotFound, "not there");
        }};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text{data, data + size};
    std::string variables;
    // What follows a line of "%%%" is the file of variables.
    if (const auto cut = text.find("%%%"); cut != std::string::npos) {
        variables = text.substr(cut + 3);
        text.resize(cut);
    }
    const auto project = load(source_of(text, variables));
    (void)load_name(source_of(text, variables));
    if (!project) {
        SHOAL_CHECK(!project.error().empty());
        return 0;
    }
    const auto once = resolved(*project);
    const auto again =
        load(source_of(once.dump(-1, ' ', false, Json::error_handler_t::replace), ""));
    SHOAL_CHECK(again.has_value());
    SHOAL_CHECK(resolved(*again) == once);
    for (std::size_t i = 0; i < project->services.size(); ++i) {
        SHOAL_CHECK(job_of(*again, again->services[i], "") ==
                    job_of(*project, project->services[i], ""));
    }
    return 0;
}
