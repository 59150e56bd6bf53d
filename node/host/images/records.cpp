#include "node/host/images/records.h"

#include "node/agent/facts.h"
#include "node/base/wire.h"
#include "node/host/images/reference.h"

#include <algorithm>
#include <utility>

namespace shoal::host::images {
namespace {

constexpr std::int64_t kBytesMax = std::int64_t{1} << 50U;

bool is_image_key(std::string_view key) {
    return key.starts_with(agent::kImagePrefix);
}

}  // namespace

Blob encode_record(const ImageRecord& record) {
    return Blob{wire::encode(record)};
}

Result<ImageRecord> decode_record(ByteView bytes) {
    auto record = wire::decode<ImageRecord>(bytes);
    if (!record) return record;
    const bool sane = oci::is_digest(record->digest) && record->size > 0 &&
                      record->size <= static_cast<std::int64_t>(oci::kDocumentMax) &&
                      record->total >= 0 && record->total <= kBytesMax &&
                      record->media_type.size() <= 255 &&
                      record->exposed.size() <= placement::kPortsMax;
    if (!sane) return fail(Errc::Malformed, "a record of an image that cannot be");
    return record;
}

std::string image_key(std::string_view name_or_digest) {
    return std::string{agent::kImagePrefix} + std::string{name_or_digest};
}

std::optional<ImageRecord> named(const agent::Agent& agent, const std::string& name) {
    const auto* version = agent.store().find(image_key(name));
    if (version == nullptr || version->tombstone) return std::nullopt;
    auto record = decode_record(version->body.view());
    if (!record) return std::nullopt;
    return std::move(*record);
}

std::vector<NamedImage> all_named(const agent::Agent& agent) {
    std::vector<NamedImage> out;
    const auto& map = agent.store().map();
    for (auto at = map.all().lower_bound(std::string{agent::kImagePrefix});
         at != map.all().end() && is_image_key(at->first); ++at) {
        const auto* version = map.find(at->first);
        if (version == nullptr || version->tombstone) continue;
        auto record = decode_record(version->body.view());
        if (!record) continue;
        out.push_back(
            {at->first.substr(agent::kImagePrefix.size()), std::move(*record), version->wall});
    }
    return out;
}

std::vector<Holder> all_held(const agent::Agent& agent) {
    std::vector<Holder> out;
    const auto take = [&](const NodeId& node, const store::OriginLog& log) {
        const auto& records = log.records();
        for (auto at = records.lower_bound(std::string{agent::kImagePrefix});
             at != records.end() && is_image_key(at->first); ++at) {
            const auto& fact = at->second.record;
            if (fact.tombstone) continue;
            auto record = decode_record(fact.value.view());
            if (record && image_key(record->digest) == at->first) {
                out.push_back({node, std::move(*record)});
            }
        }
    };
    take(agent.self(), agent.store().own_log());
    for (const auto& [node, log] : agent.store().logs()) {
        take(node, log);
    }
    return out;
}

std::vector<Holder> holders_of(const agent::Agent& agent, const std::string& digest) {
    auto out = all_held(agent);
    std::erase_if(out, [&](const Holder& holder) { return holder.record.digest != digest; });
    return out;
}

std::vector<placement::PlainPort> exposed_by(const agent::Agent& agent, std::string_view digest) {
    for (auto& holder : all_held(agent)) {
        if (holder.record.digest == digest) return std::move(holder.record.exposed);
    }
    for (auto& image : all_named(agent)) {
        if (image.record.digest == digest) return std::move(image.record.exposed);
    }
    return {};
}

std::vector<std::string> jobs_using(const agent::Agent& agent, std::string_view digest) {
    std::vector<std::string> out;
    for (const auto& [name, job] : agent.placement().view().jobs) {
        if (job.spec && digest_in(job.spec->container.image) == digest) out.push_back(name);
    }
    return out;
}

bool is_used(const agent::Agent& agent, std::string_view digest) {
    if (!jobs_using(agent, digest).empty()) return true;
    const auto& promises = agent.placement().ledger().all();
    return std::any_of(promises.begin(), promises.end(), [&](const auto& one) {
        return digest_in(one.second.spec.container.image) == digest;
    });
}

}  // namespace shoal::host::images
