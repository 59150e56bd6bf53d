#include "node/host/containerd/labels.h"

#include "node/host/oci/image.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace shoal::host::ctrd {
namespace {

constexpr const char* kNode = "shoal.node";
constexpr const char* kJob = "shoal.job";
constexpr const char* kSlot = "shoal.slot";
constexpr const char* kEpoch = "shoal.epoch";
// A label of containerd is at most 4096 characters, key included; a longer one refuses the
// container.
constexpr std::size_t kLabelMax = 4096;
constexpr std::size_t kNameInIdMax = 32;

template <class Number>
std::optional<Number> number(const Labels& labels, const char* key) {
    const auto found = labels.find(key);
    if (found == labels.end()) return std::nullopt;
    const auto& text = found->second;
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return out;
}

// Letters and digits, with single dashes between them.
std::string plain(std::string_view text, std::size_t max) {
    std::string out;
    for (const char c : text) {
        const bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (word) {
            out.push_back(c);
        } else if (!out.empty() && out.back() != '-') {
            out.push_back('-');
        }
        if (out.size() == max) break;
    }
    while (out.ends_with('-')) {
        out.pop_back();
    }
    return out.empty() ? "job" : out;
}

}  // namespace

Labels make_labels(const Identity& identity, const Labels& of_job) {
    Labels out;
    for (const auto& [key, value] : of_job) {
        if (key.empty() || key.starts_with("shoal.") || key.starts_with("containerd.io/")) continue;
        if (key.size() + value.size() <= kLabelMax) out[key] = value;
    }
    out[kNode] = to_hex(identity.node);
    out[kJob] = identity.id.slot.job;
    out[kSlot] = std::to_string(identity.id.slot.index);
    out[kEpoch] = std::to_string(identity.id.epoch);
    return out;
}

std::optional<Identity> read_labels(const Labels& labels) {
    const auto node = labels.find(kNode);
    const auto job = labels.find(kJob);
    const auto slot = number<std::uint32_t>(labels, kSlot);
    const auto epoch = number<placement::Epoch>(labels, kEpoch);
    if (node == labels.end() || job == labels.end() || job->second.empty() || !slot || !epoch) {
        return std::nullopt;
    }
    const auto id = parse_id<NodeTag>(node->second);
    if (!id) return std::nullopt;
    return Identity{*id, {{job->second, *slot}, *epoch}};
}

std::string containerd_id(const Identity& identity) {
    const auto& [slot, epoch] = identity.id;
    const auto numbers = std::to_string(slot.index) + "-" + std::to_string(epoch);
    const auto all = to_hex(identity.node) + " " + slot.job + " " + numbers;
    return plain(slot.job, kNameInIdMax) + "." + numbers + "-" + oci::sha256(all).substr(7, 8);
}

std::string hostname_of(const placement::SlotId& slot) {
    return plain(slot.job, 50) + "-" + std::to_string(slot.index);
}

}  // namespace shoal::host::ctrd
