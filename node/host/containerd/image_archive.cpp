#include "node/host/containerd/image_archive.h"

#include "node/host/containerd/archive.h"
#include "node/host/containerd/image_documents.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace shoal::host::ctrd {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kEntriesMax = 100'000;
constexpr std::size_t kDocumentsMax = 64U << 20U;  // bytes kept in memory
constexpr std::string_view kBlobs = "blobs/sha256/";
constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar";

struct File {
    std::string digest{};
    std::int64_t size = 0;
    std::string compression{};  // "", "+gzip", "+zstd"
    std::string text{};         // of a document
};

struct Contents {
    std::map<std::string, File> files{};
    std::map<std::string, std::string> links{};

    // Follows links of the archive; nothing if it ends nowhere.
    [[nodiscard]] const File* find(std::string path) const {
        for (int hops = 0; hops < 8; ++hops) {
            const auto file = files.find(path);
            if (file != files.end()) return &file->second;
            const auto link = links.find(path);
            if (link == links.end()) return nullptr;
            const auto beside = std::filesystem::path{path}.parent_path() / link->second;
            path = beside.lexically_normal().string();
        }
        return nullptr;
    }
};

std::string compression_of(std::string_view start) {
    if (start.starts_with("\x1f\x8b")) return "+gzip";
    if (start.starts_with("\x28\xb5\x2f\xfd")) return "+zstd";
    return "";
}

Result<File> read_file(Archive& archive, const Archive::Entry& entry) {
    crypto_hash_sha256_state hash{};
    crypto_hash_sha256_init(&hash);
    std::vector<char> piece(1U << 20U);
    File out;
    for (bool first = true;; first = false) {
        const auto got = archive.read(piece.data(), piece.size());
        if (!got) return fail(got.error());
        if (*got == 0) break;
        const std::string_view bytes{piece.data(), *got};
        if (first) out.compression = compression_of(bytes);
        crypto_hash_sha256_update(&hash, reinterpret_cast<const unsigned char*>(bytes.data()),
                                  bytes.size());
        out.size += static_cast<std::int64_t>(bytes.size());
        const bool document =
            entry.size <= static_cast<std::int64_t>(oci::kDocumentMax) &&
            (first ? bytes.starts_with('{') || bytes.starts_with('[') : !out.text.empty());
        if (document) out.text += bytes;
    }
    std::array<unsigned char, crypto_hash_sha256_BYTES> digest{};
    crypto_hash_sha256_final(&hash, digest.data());
    std::array<char, crypto_hash_sha256_BYTES * 2 + 1> hex{};
    sodium_bin2hex(hex.data(), hex.size(), digest.data(), digest.size());
    out.digest = std::string{"sha256:"} + hex.data();
    return out;
}

Result<Contents> read_all(const std::string& path) {
    auto archive = Archive::open(path);
    if (!archive) return fail(archive.error());
    Contents out;
    std::size_t kept = 0;
    for (;;) {
        auto entry = archive->next();
        if (!entry) return fail(entry.error());
        if (!*entry) return out;
        if (out.files.size() + out.links.size() >= kEntriesMax) {
            return fail(Errc::TooLarge, path + ": more than 100000 entries");
        }
        if (!(*entry)->links_to.empty()) {
            out.links[(*entry)->path] = (*entry)->links_to;
            continue;
        }
        auto file = read_file(*archive, **entry);
        if (!file) return fail(file.error());
        kept += file->text.size();
        if (kept > kDocumentsMax) return fail(Errc::TooLarge, path + ": too many documents");
        out.files[(*entry)->path] = std::move(*file);
    }
}

Result<void> take_layout(const Contents& contents, ImageArchive& out) {
    for (const auto& [path, file] : contents.files) {
        if (!path.starts_with(kBlobs)) continue;
        if (file.digest != "sha256:" + path.substr(kBlobs.size())) {
            return fail(Errc::Malformed, path + " has another digest than its name says");
        }
        out.files[path] = {{"", file.digest, file.size}, collector_labels(file.text)};
    }
    auto offers = oci::parse_index(contents.files.at("index.json").text);
    if (!offers) return fail(offers.error());
    for (auto& offer : *offers) {
        ArchivedImage image{.target = std::move(offer.manifest)};
        if (!offer.name.empty()) image.names.push_back(std::move(offer.name));
        out.images.push_back(std::move(image));
    }
    return {};
}

const Json& member(const Json& json, const char* key) {
    static const Json kNothing;
    return json.is_object() && json.contains(key) ? json[key] : kNothing;
}

void add_tags(const Json& saved, ArchivedImage& image) {
    for (const Json& tag : member(saved, "RepoTags")) {
        if (!tag.is_string()) continue;
        auto name = tag.get<std::string>();
        if (std::find(image.names.begin(), image.names.end(), name) == image.names.end()) {
            image.names.push_back(std::move(name));
        }
    }
}

// One image of manifest.json, which has no digests: a manifest is made of what was found.
Result<ArchivedImage> take_saved(const Contents& contents, const Json& saved, ImageArchive& out) {
    const auto find = [&](const Json& path) -> const File* {
        return path.is_string() ? contents.find(path.get<std::string>()) : nullptr;
    };
    const File* config = find(member(saved, "Config"));
    const Json& layers = member(saved, "Layers");
    if (config == nullptr || !layers.is_array() || layers.size() > oci::kLayersMax) {
        return fail(Errc::Malformed, "manifest.json names files the archive does not hold");
    }
    Json manifest = {
        {"schemaVersion", 2},
        {"mediaType", kManifestType},
        {"config",
         {{"mediaType", kConfigType}, {"digest", config->digest}, {"size", config->size}}},
        {"layers", Json::array()}};
    std::vector<const File*> wanted{config};
    for (const Json& path : layers) {
        const File* layer = find(path);
        if (layer == nullptr)
            return fail(Errc::Malformed, "manifest.json names a layer the archive does not hold");
        manifest["layers"].push_back({{"mediaType", kLayerType + layer->compression},
                                      {"digest", layer->digest},
                                      {"size", layer->size}});
        wanted.push_back(layer);
    }
    for (const auto& [path, file] : contents.files) {
        if (std::find(wanted.begin(), wanted.end(), &file) == wanted.end()) continue;
        out.files[path] = {{"", file.digest, file.size}, {}};
    }
    const auto text = manifest.dump();
    ArchivedImage image{
        .target = {kManifestType, oci::sha256(text), static_cast<std::int64_t>(text.size())}};
    out.documents[image.target.digest] = text;
    out.made.push_back({image.target, collector_labels(text)});
    add_tags(saved, image);
    return image;
}

constexpr int kHopsToConfig = 2;  // from an index to a manifest, and from there

// Whether a document of the layout is the one of this digest, or names it.
bool leads_to(const Contents& contents, const std::string& from, const std::string& config,
              int hops) {
    if (from == config) return true;
    const auto* file = contents.find(std::string{kBlobs} + from.substr(from.find(':') + 1));
    if (hops == 0 || file == nullptr) return false;
    const auto json = Json::parse(file->text, nullptr, false);
    const auto goes_on = [&](const Json& descriptor) {
        const Json& digest = member(descriptor, "digest");
        return digest.is_string() &&
               leads_to(contents, digest.get<std::string>(), config, hops - 1);
    };
    if (goes_on(member(json, "config"))) return true;
    const Json& parts = member(json, "manifests");
    return parts.is_array() && parts.size() <= oci::kLayersMax &&
           std::any_of(parts.begin(), parts.end(), goes_on);
}

// `docker save` writes a layout and manifest.json both: the short names stand in the latter, beside
// the config of their image.
void add_short_names(const Contents& contents, ImageArchive& out) {
    const auto file = contents.files.find("manifest.json");
    if (file == contents.files.end()) return;
    const auto list = Json::parse(file->second.text, nullptr, false);
    if (!list.is_array()) return;
    for (const Json& saved : list) {
        const Json& path = member(saved, "Config");
        const auto* config = path.is_string() ? contents.find(path.get<std::string>()) : nullptr;
        if (config == nullptr) continue;
        const auto image =
            std::find_if(out.images.begin(), out.images.end(), [&](const ArchivedImage& one) {
                return leads_to(contents, one.target.digest, config->digest, kHopsToConfig);
            });
        if (image != out.images.end()) add_tags(saved, *image);
    }
}

}  // namespace

Result<ImageArchive> survey_archive(const std::string& path) {
    const auto contents = read_all(path);
    if (!contents) return fail(contents.error());
    ImageArchive out;
    if (contents->files.contains("index.json")) {
        if (const auto taken = take_layout(*contents, out); !taken) return fail(taken.error());
        add_short_names(*contents, out);
    } else if (const auto saved = contents->files.find("manifest.json");
               saved != contents->files.end()) {
        const auto list = Json::parse(saved->second.text, nullptr, false);
        if (!list.is_array()) return fail(Errc::Malformed, path + ": manifest.json is not a list");
        for (const Json& one : list) {
            auto image = take_saved(*contents, one, out);
            if (!image) return fail(image.error());
            out.images.push_back(std::move(*image));
        }
    } else {
        return fail(
            Errc::Malformed,
            path + ": neither an OCI layout (index.json) nor an image archive (manifest.json)");
    }
    if (out.images.empty())
        return fail(Errc::NotFound, path + ": holds no image for linux on amd64");
    return out;
}

}  // namespace shoal::host::ctrd
