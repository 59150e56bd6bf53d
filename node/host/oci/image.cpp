#include "node/host/oci/image.h"

#include "node/base/process_words.h"
#include "node/host/oci/health.h"
#include "placement/job.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace shoal::host::oci {
namespace {

using Json = nlohmann::json;

Result<Json> parse(std::string_view document, const char* what) {
    if (document.size() > kDocumentMax)
        return fail(Errc::TooLarge, std::string{what} + ": too large");
    auto json = Json::parse(document, nullptr, false);
    if (!json.is_object()) return fail(Errc::Malformed, std::string{what} + ": not a JSON object");
    return json;
}

// The member, or an object that has nothing.
const Json& at(const Json& json, const char* key) {
    static const Json kNothing = Json::object();
    if (!json.is_object()) return kNothing;
    const auto found = json.find(key);
    return found == json.end() ? kNothing : *found;
}

std::string text(const Json& json, const char* key) {
    const Json& value = at(json, key);
    return value.is_string() ? value.get<std::string>() : std::string{};
}

Result<std::vector<std::string>> texts(const Json& json, const char* key) {
    std::vector<std::string> out;
    const Json& list = at(json, key);
    if (!list.is_array()) return out;
    for (const Json& item : list) {
        if (!item.is_string()) {
            return fail(Errc::Malformed, std::string{key} + ": not a list of strings");
        }
        out.push_back(item.get<std::string>());
    }
    return out;
}

Result<Descriptor> descriptor(const Json& json) {
    Descriptor out{.media_type = text(json, "mediaType"), .digest = text(json, "digest")};
    const Json& size = at(json, "size");
    if (!is_digest(out.digest)) {
        return fail(Errc::Malformed, "'" + out.digest.substr(0, 80) + "' is not a sha256 digest");
    }
    if (!size.is_number_unsigned() || size.get<std::uint64_t>() > (1ULL << 50U)) {
        return fail(Errc::Malformed, out.digest + ": no size");
    }
    out.size = size.get<std::int64_t>();
    return out;
}

bool runs_here(const Json& manifest) {
    const Json& platform = at(manifest, "platform");
    if (platform.empty()) return true;
    return text(platform, "os") == "linux" && text(platform, "architecture") == "amd64";
}

// What is no port is passed over: other engines take the image, too.
std::vector<placement::PlainPort> exposed_in(const Json& ports) {
    std::vector<placement::PlainPort> out;
    if (!ports.is_object()) return out;
    for (const auto& entry : ports.items()) {
        const auto port = parse_exposed(entry.key());
        if (port && out.size() < placement::kPortsMax) out.push_back(*port);
    }
    return out;
}

}  // namespace

std::optional<placement::PlainPort> parse_exposed(std::string_view text) {
    placement::PlainPort out;
    if (const auto slash = text.find('/'); slash != std::string_view::npos) {
        const auto protocol = text.substr(slash + 1);
        if (protocol != "tcp" && protocol != "udp") return std::nullopt;
        if (protocol == "udp") out.protocol = placement::Protocol::Udp;
        text = text.substr(0, slash);
    }
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out.number);
    if (error != std::errc{} || stop != end || out.number == 0) return std::nullopt;
    return out;
}

bool is_digest(std::string_view digest) {
    constexpr std::string_view kAlgorithm = "sha256:";
    if (!digest.starts_with(kAlgorithm) || digest.size() != kAlgorithm.size() + 64) return false;
    digest.remove_prefix(kAlgorithm.size());
    return digest.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string sha256(std::string_view bytes) {
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(bytes.data()),
                       bytes.size());
    std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), hash.data(), hash.size());
    return std::string{"sha256:"} + hex.data();
}

bool is_index(std::string_view document) {
    const auto json = parse(document, "index");
    return json && at(*json, "manifests").is_array();
}

Result<Manifest> parse_manifest(std::string_view document) {
    const auto json = parse(document, "image manifest");
    if (!json) return fail(json.error());
    auto config = descriptor(at(*json, "config"));
    if (!config) return fail(config.error());
    Manifest out{.config = std::move(*config)};
    const Json& layers = at(*json, "layers");
    if (!layers.is_array() || layers.size() > kLayersMax) {
        return fail(Errc::Malformed, "image manifest: no list of layers");
    }
    for (const Json& layer : layers) {
        auto one = descriptor(layer);
        if (!one) return fail(one.error());
        out.layers.push_back(std::move(*one));
    }
    return out;
}

Result<ImageConfig> parse_config(std::string_view document) {
    const auto json = parse(document, "image configuration");
    if (!json) return fail(json.error());
    const Json& config = at(*json, "config");
    auto entrypoint = texts(config, "Entrypoint");
    auto command = texts(config, "Cmd");
    auto environment = texts(config, "Env");
    auto diff_ids = texts(at(*json, "rootfs"), "diff_ids");
    for (const auto* list : {&entrypoint, &command, &environment, &diff_ids}) {
        if (!*list) return fail(list->error());
    }
    if (diff_ids->size() > kLayersMax ||
        !std::all_of(diff_ids->begin(), diff_ids->end(), is_digest)) {
        return fail(Errc::Malformed, "image configuration: rootfs.diff_ids are not digests");
    }
    auto check = parse_image_check(at(config, "Healthcheck"));
    if (!check) return fail(Errc::Malformed, "image configuration: " + check.error().detail);
    return ImageConfig{.entrypoint = std::move(*entrypoint),
                       .command = std::move(*command),
                       .environment = std::move(*environment),
                       .user = text(config, "User"),
                       .working_directory = text(config, "WorkingDir"),
                       .diff_ids = std::move(*diff_ids),
                       .stop_signal = signal_number(text(config, "StopSignal")),
                       .exposed = exposed_in(at(config, "ExposedPorts")),
                       .check = std::move(*check)};
}

Result<std::vector<Offer>> parse_index(std::string_view document) {
    const auto json = parse(document, "image index");
    if (!json) return fail(json.error());
    const Json& manifests = at(*json, "manifests");
    if (!manifests.is_array() || manifests.size() > kLayersMax) {
        return fail(Errc::Malformed, "image index: no list of manifests");
    }
    std::vector<Offer> out;
    for (const Json& manifest : manifests) {
        if (!runs_here(manifest)) continue;
        auto one = descriptor(manifest);
        if (!one) return fail(one.error());
        const Json& annotations = at(manifest, "annotations");
        auto name = text(annotations, "io.containerd.image.name");
        if (name.empty()) name = text(annotations, "org.opencontainers.image.ref.name");
        out.push_back({std::move(*one), std::move(name)});
    }
    return out;
}

std::vector<std::string> chain_ids(const std::vector<std::string>& diff_ids) {
    std::vector<std::string> out;
    for (const std::string& diff : diff_ids) {
        out.push_back(out.empty() ? diff : sha256(out.back() + " " + diff));
    }
    return out;
}

}  // namespace shoal::host::oci
