#include "node/agent/recording.h"

#include "node/base/trace.h"
#include "node/base/wire.h"

#include <utility>

namespace shoal::agent {
namespace {

// A header carries the whole journal of a node, a step at most one message.
constexpr wire::Limits kFrame{256U << 20U, 4U << 20U, 24};

template <class T>
Bytes framed(const T& value) {
    const Bytes body = wire::encode(value);
    Bytes out;
    out.reserve(body.size() + 4);
    for (unsigned shift = 0; shift < 32; shift += 8) {
        out.push_back(static_cast<std::uint8_t>(body.size() >> shift));
    }
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

// The next frame's body, or nothing when what is left is not a whole frame.
std::optional<ByteView> next_frame(ByteView& bytes) {
    if (bytes.size() < 4) return std::nullopt;
    std::size_t size = 0;
    for (unsigned i = 0; i < 4; ++i) {
        size |= std::size_t{bytes[i]} << (8U * i);
    }
    if (bytes.size() - 4 < size) return std::nullopt;
    const auto body = bytes.subspan(4, size);
    bytes = bytes.subspan(4 + size);
    return body;
}

}  // namespace

std::uint64_t effects_hash(const Effects& effects) {
    TraceHash hash;
    hash.add(effects);
    return hash.value();
}

Bytes encode_frame(const RecordingHeader& header) {
    return framed(header);
}

Bytes encode_frame(const RecordedStep& step) {
    return framed(step);
}

Result<Recording> read_recording(ByteView bytes) {
    Recording out;
    const auto first = next_frame(bytes);
    if (!first) return fail(Errc::Malformed, "not a recording: no complete header");
    auto header = wire::decode<RecordingHeader>(*first, kFrame);
    if (!header) return fail(Errc::Malformed, "not a recording: " + header.error().detail);
    if (header->format != 1) {
        return fail(Errc::Refused, "a recording of format " + std::to_string(header->format) +
                                       " (written by shoal " + header->version +
                                       "); this shoal reads format 1");
    }
    out.header = std::move(*header);
    while (!bytes.empty()) {
        const auto body = next_frame(bytes);
        if (!body) {
            out.torn = true;
            break;
        }
        auto step = wire::decode<RecordedStep>(*body, kFrame);
        if (!step) {
            return fail(Errc::Malformed,
                        "step " + std::to_string(out.steps.size()) + ": " + step.error().detail);
        }
        out.steps.push_back(std::move(*step));
    }
    return out;
}

}  // namespace shoal::agent
