#include "node/agent/recording.h"

#include "node/base/trace.h"
#include "node/base/wire.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>

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

// A clock counts from some boot. What is far beyond that was never recorded, and sums with it would
// overflow.
constexpr Instant kInstantMax{std::chrono::hours{24 * 366 * 1000}};

// What is wrong with a step as it stands, or nothing.
std::string trouble(const RecordedStep& step, Instant before) {
    if (step.now < Instant{} || step.now > kInstantMax) return "its time is beyond any clock";
    if (step.now < before) return "its time lies before that of the step before it";
    const auto* leave = std::get_if<Leave>(&step.input);
    if (leave != nullptr && (leave->deadline < Duration{} || leave->deadline > kLeaveDeadlineMax)) {
        return "it leaves with a deadline below zero or over a day";
    }
    return "";
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
    const auto spoilt = [&](const std::string& why) {
        return fail(Errc::Malformed, "step " + std::to_string(out.steps.size()) + ": " + why);
    };
    while (!bytes.empty()) {
        const auto body = next_frame(bytes);
        if (!body) {
            out.torn = true;
            break;
        }
        auto step = wire::decode<RecordedStep>(*body, kFrame);
        if (!step) return spoilt(step.error().detail);
        const Instant before = out.steps.empty() ? Instant{} : out.steps.back().now;
        if (const auto why = trouble(*step, before); !why.empty()) return spoilt(why);
        out.steps.push_back(std::move(*step));
    }
    return out;
}

}  // namespace shoal::agent
