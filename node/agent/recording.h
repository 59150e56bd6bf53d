// A run of one agent as a file: how it began, every (Instant, Input), and what its signer answered.
//
//     frame(header) frame(step) frame(step) ...        frame = u32 little-endian length, msgpack
//
// A recording holds public things only: signatures and digests, never the key that made them. That
// is why the signer's answers are part of it: replaying needs no key and ends with the same
// effects, which each step's hash proves. `shoal agent --record FILE` writes one, `./dev sim
// --replay FILE` runs it.
#pragma once

#include "node/agent/types.h"
#include "node/base/bytes.h"
#include "node/base/journal.h"
#include "node/base/result.h"
#include "node/base/signer.h"

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

namespace shoal::agent {

struct RecordingHeader {
    std::uint32_t format = 1;
    std::string version{};  // of the shoal that wrote it
    NodeId self{};
    std::uint64_t boot = 0;
    std::uint64_t seed = 0;  // of the agent's Random
    PublicKey key{};
    Snapshot rows{};
};

auto fields(Is<RecordingHeader> auto& v) {
    return std::tie(v.format, v.version, v.self, v.boot, v.seed, v.key, v.rows);
}

// What the signer answered during one step, in order.
struct SignerAnswers {
    std::vector<Signature> signatures{};
    std::vector<Digest> digests{};
    std::vector<std::uint8_t> verdicts{};  // of verify
    std::vector<NodeId> ids{};
};

auto fields(Is<SignerAnswers> auto& v) {
    return std::tie(v.signatures, v.digests, v.verdicts, v.ids);
}

struct RecordedStep {
    Instant now{};
    Input input{};
    SignerAnswers answers{};
    std::uint64_t effects = 0;  // effects_hash() of what came out
};

auto fields(Is<RecordedStep> auto& v) {
    return std::tie(v.now, v.input, v.answers, v.effects);
}

[[nodiscard]] std::uint64_t effects_hash(const Effects& effects);

// With the length in front; the writer only appends.
[[nodiscard]] Bytes encode_frame(const RecordingHeader& header);
[[nodiscard]] Bytes encode_frame(const RecordedStep& step);

struct Recording {
    RecordingHeader header{};
    std::vector<RecordedStep> steps{};
    bool torn = false;  // the last frame was incomplete: the process died while writing
};

// A recording that comes back can be replayed: its times go forwards, and no input carries more
// than a driver could have.
[[nodiscard]] Result<Recording> read_recording(ByteView bytes);

// Passes every question to `inner` and keeps the answers until they are taken.
class RecordingSigner final : public Signer {
public:
    explicit RecordingSigner(const Signer& inner) : inner_(inner) {}

    [[nodiscard]] PublicKey public_key() const override { return inner_.public_key(); }

    [[nodiscard]] Signature sign(ByteView message) const override;
    [[nodiscard]] bool verify(const PublicKey& key, ByteView message,
                              const Signature& signature) const override;
    [[nodiscard]] Digest digest(ByteView message) const override;
    [[nodiscard]] NodeId id_of(const PublicKey& key) const override;

    [[nodiscard]] SignerAnswers take();

private:
    const Signer& inner_;
    // The interface is const because signing changes nothing; keeping a copy does not either.
    mutable SignerAnswers answers_{};
};

// Answers from a recording. `differs()` once a question came that the recording has no answer for.
class ReplayingSigner final : public Signer {
public:
    explicit ReplayingSigner(const PublicKey& key) : key_(key) {}

    void load(SignerAnswers answers);

    [[nodiscard]] PublicKey public_key() const override { return key_; }

    [[nodiscard]] Signature sign(ByteView message) const override;
    [[nodiscard]] bool verify(const PublicKey& key, ByteView message,
                              const Signature& signature) const override;
    [[nodiscard]] Digest digest(ByteView message) const override;
    [[nodiscard]] NodeId id_of(const PublicKey& key) const override;

    [[nodiscard]] bool differs() const { return differs_; }

private:
    struct Cursor {
        std::size_t signature = 0;
        std::size_t digest = 0;
        std::size_t verdict = 0;
        std::size_t id = 0;
    };

    template <class T>
    T next(const std::vector<T>& answers, std::size_t& cursor) const;

    PublicKey key_;
    SignerAnswers answers_{};
    mutable Cursor cursor_{};
    mutable bool differs_ = false;
};

struct Replayed {
    std::size_t steps = 0;
    bool same = true;
    std::size_t first_difference = 0;  // index of the step; valid if !same
};

// Runs a recording through a fresh agent and compares every step's effects.
[[nodiscard]] Replayed replay(const Recording& recording);

}  // namespace shoal::agent
