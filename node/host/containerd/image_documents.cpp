#include "node/host/containerd/image_documents.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace shoal::host::ctrd {
namespace {

using Json = nlohmann::json;

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";

}  // namespace

Result<oci::Descriptor> manifest_in(const std::string& text, oci::Descriptor self) {
    if (!oci::is_index(text)) return self;
    auto offers = oci::parse_index(text);
    if (!offers) return fail(offers.error());
    if (offers->empty()) {
        return fail(Errc::NotFound, "the image has no variant for linux on amd64");
    }
    return std::move(offers->front().manifest);
}

Awaitable<Result<ImageDocuments>> read_documents(const Client& client, std::string digest) {
    auto text = co_await client.read_blob(digest);
    if (!text) co_return fail(text.error());
    const auto manifest_blob = manifest_in(*text, {.digest = digest});
    if (!manifest_blob) co_return fail(manifest_blob.error());
    if (manifest_blob->digest != digest) {
        digest = manifest_blob->digest;
        text = co_await client.read_blob(digest);
        if (!text) co_return fail(text.error());
    }
    auto manifest = oci::parse_manifest(*text);
    if (!manifest) co_return fail(manifest.error());
    const auto config_text = co_await client.read_blob(manifest->config.digest);
    if (!config_text) co_return fail(config_text.error());
    auto config = oci::parse_config(*config_text);
    if (!config) co_return fail(config.error());
    if (config->diff_ids.size() != manifest->layers.size()) {
        co_return fail(Errc::Malformed,
                       "the image's configuration and manifest differ in their layers");
    }
    co_return ImageDocuments{std::move(digest), std::move(*manifest), std::move(*config)};
}

Labels collector_labels(const std::string& text) {
    Labels out;
    if (oci::is_index(text)) {
        const auto json = Json::parse(text, nullptr, false);
        std::size_t number = 0;
        for (const auto& one : json["manifests"]) {
            const auto digest = one.is_object() ? one.value("digest", Json{}) : Json{};
            if (!digest.is_string()) continue;
            out["containerd.io/gc.ref.content.m." + std::to_string(number++)] =
                digest.get<std::string>();
        }
        return out;
    }
    const auto manifest = oci::parse_manifest(text);
    if (!manifest) return out;
    out["containerd.io/gc.ref.content.config"] = manifest->config.digest;
    for (std::size_t i = 0; i < manifest->layers.size(); ++i) {
        out["containerd.io/gc.ref.content.l." + std::to_string(i)] = manifest->layers[i].digest;
    }
    return out;
}

std::string media_type_of(const std::string& text) {
    const auto json = Json::parse(text, nullptr, false);
    if (json.is_object()) {
        const auto said = json.find("mediaType");
        if (said != json.end() && said->is_string() &&
            said->get_ref<const std::string&>().size() < 128) {
            return said->get<std::string>();
        }
    }
    return oci::is_index(text) ? kIndexType : kManifestType;
}

}  // namespace shoal::host::ctrd
