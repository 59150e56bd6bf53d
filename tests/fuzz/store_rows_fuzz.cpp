// A journal that holds anything: a store comes up from it, and what it then says it can live by.
#include "store/codec.h"
#include "store/store.h"
#include "tests/fuzz/feed.h"
#include "tests/support/disk.h"
#include "tests/support/signer.h"

#include <utility>

namespace {

using namespace shoal;         // NOLINT(google-build-using-namespace)
using namespace shoal::store;  // NOLINT(google-build-using-namespace)
using tests::TestSigner;

const TestSigner& own() {
    static const TestSigner kOwn{1};
    return kOwn;
}

const TestSigner& other() {
    static const TestSigner kOther{2};
    return kOther;
}

Head signed_head(fuzz::Feed& feed, const TestSigner& author, const fuzz::Words& words) {
    Head head = feed.any<Head>(words);
    head.origin = author.id();
    head.key = author.public_key();
    if (feed.chance(2)) head.content = author.digest({});  // of no records
    head.signature = author.sign(signed_part(head));
    return head;
}

Row row(fuzz::Feed& feed, const fuzz::Words& words) {
    const TestSigner& author = feed.chance(2) ? own() : other();
    switch (feed.below(6)) {
        case 0:
            return head_row(signed_head(feed, author, words));
        case 1:
            return record_row(author.id(), feed.any<Record>(words));
        case 2: {
            const auto key = feed.any<std::string>(words);
            const auto version = feed.any<Version>(words);
            return version_row(key, feed.chance(2) ? version_id(key, version) : 7, version);
        }
        case 3:
            return {Table::Meta, "store/boots",
                    Blob{feed.damaged(encode_boots(feed.any<std::vector<Boot>>()))}};
        default: {
            Row out = feed.any<Row>(words);
            if (feed.chance(2)) {
                const auto raw = feed.take(40);
                out.value = Blob{Bytes{raw.begin(), raw.end()}};
            }
            return out;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Feed feed{data, size};
    const fuzz::Words words{{own().id(), other().id()}, {"a", "b", "job/web", "node/self"}};
    tests::Disk disk;
    for (int i = 0; i < 64 && !feed.empty(); ++i) {
        Row one = row(feed, words);
        if (feed.chance(8) && one.value) {
            const auto view = one.value->view();
            one.value = Blob{feed.damaged({view.begin(), view.end()})};
        }
        if (one.value) disk.write({one});
    }
    Store store{own().id(), {}, Random{1}, own(), disk.rows()};
    Instant now{std::chrono::hours{1}};
    const auto obey = [&](const Input& input) {
        Effects effects = store.step(now, input);
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const auto* persist = std::get_if<Persist>(&effects[i]);
            if (persist == nullptr) continue;
            disk.write(persist->batch);
            if (!persist->sync) continue;
            const auto more = store.step(now, Persisted{persist->token});
            effects.insert(effects.end(), more.begin(), more.end());
        }
        return effects;
    };
    (void)obey(Start{1, 99});
    (void)obey(Publish{{{"a", to_blob("x")}}});
    const auto wrote = obey(Write{.request = 1, .key = "job/web", .body = to_blob("y")});
    const auto answered = [](const Effect& effect) {
        return std::holds_alternative<WriteDone>(effect);
    };
    SHOAL_CHECK(std::any_of(wrote.begin(), wrote.end(), answered));
    now += std::chrono::hours{1};
    (void)obey(Tick{});
    SHOAL_CHECK(store.wakeup() > now);
    // What it made of the mess is sound: a second restart finds the same.
    const Store again{own().id(), {}, Random{1}, own(), disk.rows()};
    SHOAL_CHECK(again.map_fingerprint() == store.map_fingerprint());
    SHOAL_CHECK(again.logs_fingerprint() == store.logs_fingerprint());
    return 0;
}
