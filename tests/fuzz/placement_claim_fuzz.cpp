// What nodes write where everybody reads: claims and their keys, facts, specs; and promises, which
// come back from a disk that may have gone bad.
#include "placement/ledger.h"
#include "tests/fuzz/feed.h"

#include <string>

namespace {

using namespace shoal;  // NOLINT(google-build-using-namespace)

void key(const std::string& text) {
    const auto parsed = placement::parse_claim_key(text);
    if (!parsed) return;
    // One slot and epoch, one key: or a claim could be taken back under another name.
    SHOAL_CHECK(placement::claim_key(parsed->slot, parsed->epoch) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::fuzz_decoder<placement::Claim>(
        data, size, [](const auto& v) { return placement::encode_claim(v); },
        [](ByteView bytes) { return placement::decode_claim(bytes); });
    fuzz::fuzz_decoder<placement::NodeFacts>(
        data, size, [](const auto& v) { return placement::encode_facts(v); },
        [](ByteView bytes) { return placement::decode_facts(bytes); });
    fuzz::fuzz_decoder<placement::JobSpec>(
        data, size, [](const auto& v) { return placement::encode_job(v); },
        [](ByteView bytes) {
            auto spec = placement::decode_job(bytes);
            if (spec) (void)placement::validate(*spec);
            return spec;
        });
    fuzz::fuzz_decoder<placement::Promise>(
        data, size, [](const auto& v) { return placement::encode_promise(v); },
        [](ByteView bytes) { return placement::decode_promise(bytes); });
    key(std::string{data, data + size});
    key("alloc/" + std::string{data, data + size});
    fuzz::Feed feed{data, size};
    const auto slot = feed.any<placement::SlotId>();
    if (!slot.job.empty()) {
        const auto again = placement::parse_claim_key(placement::claim_key(slot, size));
        SHOAL_CHECK(again.has_value() && again->slot == slot && again->epoch == size);
    }
    return 0;
}
