// Text a person pasted: join tokens, cluster.yaml, endpoints.
#include "node/base/check.h"
#include "node/host/identity/cluster_file.h"
#include "node/host/identity/token.h"
#include "node/host/net/address.h"

#include <string>

namespace {

using namespace shoal;        // NOLINT(google-build-using-namespace)
using namespace shoal::host;  // NOLINT(google-build-using-namespace)

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{data, data + size};
    for (const auto& candidate : {text, "shoal1-" + text}) {
        const auto token = parse_token(candidate);
        if (!token) continue;
        const auto again = parse_token(make_token(*token));
        SHOAL_CHECK(again.has_value() && again->cluster == token->cluster &&
                    again->key.same_as(token->key));
    }
    const auto file = read_cluster_file(text, 1, "cluster.yaml");
    if (file) SHOAL_CHECK(read_cluster_file(write_cluster_file(*file), 1, "x").has_value());
    const auto endpoint = parse_endpoint(text, 7373);
    if (endpoint) SHOAL_CHECK(parse_endpoint(to_string(*endpoint), 1) == *endpoint);
    return 0;
}
