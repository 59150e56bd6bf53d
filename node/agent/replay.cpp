#include "node/agent/agent.h"
#include "node/agent/recording.h"

#include <utility>

namespace shoal::agent {

Signature RecordingSigner::sign(ByteView message) const {
    return answers_.signatures.emplace_back(inner_.sign(message));
}

bool RecordingSigner::verify(const PublicKey& key, ByteView message,
                             const Signature& signature) const {
    const bool good = inner_.verify(key, message, signature);
    answers_.verdicts.push_back(good ? 1 : 0);
    return good;
}

Digest RecordingSigner::digest(ByteView message) const {
    return answers_.digests.emplace_back(inner_.digest(message));
}

NodeId RecordingSigner::id_of(const PublicKey& key) const {
    return answers_.ids.emplace_back(inner_.id_of(key));
}

SignerAnswers RecordingSigner::take() {
    return std::exchange(answers_, {});
}

void ReplayingSigner::load(SignerAnswers answers) {
    answers_ = std::move(answers);
    cursor_ = {};
}

template <class T>
T ReplayingSigner::next(const std::vector<T>& answers, std::size_t& cursor) const {
    if (cursor >= answers.size()) {
        differs_ = true;
        return {};
    }
    return answers[cursor++];
}

Signature ReplayingSigner::sign(ByteView /*message*/) const {
    return next(answers_.signatures, cursor_.signature);
}

bool ReplayingSigner::verify(const PublicKey& /*key*/, ByteView /*message*/,
                             const Signature& /*signature*/) const {
    return next(answers_.verdicts, cursor_.verdict) != 0;
}

Digest ReplayingSigner::digest(ByteView /*message*/) const {
    return next(answers_.digests, cursor_.digest);
}

NodeId ReplayingSigner::id_of(const PublicKey& /*key*/) const {
    return next(answers_.ids, cursor_.id);
}

Replayed replay(const Recording& recording) {
    const auto& header = recording.header;
    ReplayingSigner signer{header.key};
    // What the constructor asks is kept with the first step, as it was when recorded.
    if (!recording.steps.empty()) signer.load(recording.steps.front().answers);
    Agent agent{{header.self, header.boot}, {}, Random{header.seed}, signer, header.rows};
    Replayed out;
    for (const RecordedStep& step : recording.steps) {
        if (out.steps > 0) signer.load(step.answers);
        const auto effects = agent.step(step.now, step.input);
        if (effects_hash(effects) != step.effects || signer.differs()) {
            out.same = false;
            out.first_difference = out.steps;
            return out;
        }
        ++out.steps;
    }
    return out;
}

}  // namespace shoal::agent
