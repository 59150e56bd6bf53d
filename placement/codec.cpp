#include "placement/codec.h"

#include "node/base/wire.h"
#include "placement/ledger.h"
#include "placement/types.h"

#include <algorithm>

namespace shoal::placement {

Bytes encode_message(const Message& message) {
    return wire::encode(message);
}

Result<Message> decode_message(ByteView bytes) {
    auto message = wire::decode<Message>(bytes);
    if (!message) return message;
    if (auto* bid = std::get_if<Bid>(&*message)) {
        // Price lists are non-decreasing; an entry below its predecessor is raised to it.
        for (std::size_t i = 1; i < bid->prices.size(); ++i) {
            bid->prices[i] = std::max(bid->prices[i], bid->prices[i - 1]);
        }
    }
    return message;
}

Bytes encode_job(const JobSpec& spec) {
    return wire::encode(spec);
}

Result<JobSpec> decode_job(ByteView bytes) {
    return wire::decode<JobSpec>(bytes);
}

Bytes encode_claim(const Claim& claim) {
    return wire::encode(claim);
}

Result<Claim> decode_claim(ByteView bytes) {
    return wire::decode<Claim>(bytes);
}

Bytes encode_facts(const NodeFacts& facts) {
    return wire::encode(facts);
}

Result<NodeFacts> decode_facts(ByteView bytes) {
    return wire::decode<NodeFacts>(bytes);
}

Bytes encode_volume(const VolumeRecord& record) {
    return wire::encode(record);
}

Result<VolumeRecord> decode_volume(ByteView bytes) {
    return wire::decode<VolumeRecord>(bytes);
}

Bytes encode_promise(const Promise& promise) {
    return wire::encode(promise);
}

Result<Promise> decode_promise(ByteView bytes) {
    return wire::decode<Promise>(bytes);
}

}  // namespace shoal::placement
