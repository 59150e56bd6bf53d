// Client writes: on disk first, told to all, answered when enough have them on theirs.
#include "tests/store/lone.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace shoal::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const NodeId kAnn{0, 11};
const NodeId kBob{0, 12};
const NodeId kCarol{0, 13};

Write write_of(const std::string& key, const std::string& body, std::uint64_t submission) {
    return {.request = submission,
            .key = key,
            .body = to_blob(body),
            .submission = {0, submission},
            .wall = {1000}};
}

Write removal_of(const std::string& key, std::uint64_t submission) {
    Write out = write_of(key, "", submission);
    out.body.reset();
    return out;
}

struct Writes : testing::Test {
    Writes() { lone.starts(); }

    // The answer, if it has come.
    static std::optional<WriteDone> answer(const Effects& effects) {
        const auto done = all<WriteDone>(effects);
        EXPECT_LE(done.size(), 1U);
        if (done.empty()) return std::nullopt;
        return done.front();
    }

    Effects written(const Write& write) { return lone.synced(lone.step(write)); }

    Effects acked(NodeId by, const Write& write) {
        const Version version{.submission = write.submission};
        return lone.hears(by, EntryAck{write.key, version_id(write.key, version)});
    }

    Lone lone;
};

TEST_F(Writes, TellNobodyBeforeTheyAreOnDisk) {
    lone.meets(kAnn);
    const auto asked = lone.step(write_of("kv/a", "1", 1));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_TRUE(all<Persist>(asked).at(0).sync);
    EXPECT_EQ(lone.store().find("kv/a"), nullptr);
    const auto done = lone.synced(asked);
    EXPECT_EQ(to_text(lone.store().find("kv/a")->body.view()), "1");
    EXPECT_TRUE(has<EntryChanged>(done));
    const auto told = tests::messages<Entry, Send>(done);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_TRUE(told[0].ack);
}

TEST_F(Writes, AreDoneAtOnceOnALoneNode) {
    const auto done = answer(written(write_of("kv/a", "1", 1)));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->outcome, WriteOutcome::Done);
    EXPECT_EQ(done->acked, 1U);
    EXPECT_EQ(done->wanted, 1U);
    EXPECT_TRUE(done->missing.empty());
}

TEST_F(Writes, WaitForThreeCopiesOursIncluded) {
    for (const NodeId& peer : {kAnn, kBob, kCarol}) {
        lone.meets(peer);
    }
    const auto write = write_of("kv/a", "1", 1);
    EXPECT_FALSE(answer(written(write)));
    EXPECT_FALSE(answer(acked(kAnn, write)));
    EXPECT_FALSE(answer(acked(kAnn, write))) << "the same one twice";
    const auto done = answer(acked(kCarol, write));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->acked, 3U);
    EXPECT_EQ(done->wanted, 3U);
    EXPECT_TRUE(done->missing.empty());
    EXPECT_FALSE(answer(acked(kBob, write))) << "answered once";
}

TEST_F(Writes, CountNoAckOfAnotherVersionOrKey) {
    lone.meets(kAnn);
    const auto write = write_of("kv/a", "1", 1);
    (void)written(write);
    EXPECT_FALSE(answer(acked(kAnn, write_of("kv/a", "1", 2))));
    EXPECT_FALSE(answer(acked(kAnn, write_of("kv/b", "1", 1))));
    EXPECT_TRUE(answer(acked(kAnn, write)));
}

TEST_F(Writes, AnswerAfterTwoSecondsAndNameTheMissing) {
    lone.meets(kAnn);
    lone.meets(kBob);
    const auto write = write_of("kv/a", "1", 1);
    (void)written(write);
    (void)acked(kBob, write);
    EXPECT_FALSE(answer(lone.waits(milliseconds{1999})));
    const auto done = answer(lone.waits(milliseconds{1}));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->outcome, WriteOutcome::Done) << "fewer than W is success with a warning";
    EXPECT_EQ(done->acked, 2U);
    EXPECT_EQ(done->missing, std::vector{kAnn});
}

TEST_F(Writes, WaitForNobodyWhoIsNotHere) {
    lone.meets(kAnn);
    lone.meets(kBob, Standing::Unreachable);
    lone.meets(kCarol, Standing::Left);
    const auto write = write_of("kv/a", "1", 1);
    EXPECT_FALSE(answer(written(write)));
    const auto done = answer(acked(kAnn, write));
    ASSERT_TRUE(done) << "everybody present has it";
    EXPECT_EQ(done->wanted, 3U) << "the unreachable one is a member still";
    EXPECT_EQ(done->missing, std::vector{kBob});
}

TEST_F(Writes, AreAnsweredWhenTheLastOneWaitedForGoesSilent) {
    lone.meets(kAnn);
    (void)written(write_of("kv/a", "1", 1));
    const auto done = answer(lone.step(PeerChanged{kAnn, Standing::Unreachable}));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->missing, std::vector{kAnn});
}

TEST_F(Writes, FailWhenADemandedNumberIsNotReached) {
    lone.meets(kAnn);
    auto write = write_of("kv/a", "1", 1);
    write.acks = 3;
    EXPECT_FALSE(answer(written(write)));
    EXPECT_FALSE(answer(acked(kAnn, write)));
    const auto done = answer(lone.waits(seconds{2}));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->outcome, WriteOutcome::NotEnough);
    EXPECT_EQ(done->acked, 2U);
    EXPECT_NE(lone.store().find("kv/a"), nullptr) << "a write is never withdrawn";
    auto modest = write_of("kv/b", "1", 2);
    modest.acks = 1;
    EXPECT_EQ(answer(written(modest))->outcome, WriteOutcome::Done);
}

TEST_F(Writes, FailWhenTheDiskRefusesAndLeaveNoTrace) {
    lone.meets(kAnn);
    const auto asked = lone.step(write_of("kv/a", "1", 1));
    const auto effects = lone.step(PersistFailed{all<Persist>(asked).at(0).token, "disk full"});
    const auto done = answer(effects);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->outcome, WriteOutcome::Failed);
    EXPECT_EQ(done->why, "disk full");
    EXPECT_FALSE(has<Send>(effects));
    EXPECT_EQ(lone.store().find("kv/a"), nullptr);
    (void)written(write_of("kv/a", "1", 1));
    EXPECT_NE(lone.store().find("kv/a"), nullptr) << "the retry is a new attempt";
}

TEST_F(Writes, RefuseWhatIsTooLarge) {
    auto big = write_of("kv/a", "", 1);
    big.body = Blob{Bytes(kValueBytesMax + 1)};
    EXPECT_EQ(answer(lone.step(big))->outcome, WriteOutcome::TooLarge);
    EXPECT_EQ(answer(lone.step(write_of("", "1", 2)))->outcome, WriteOutcome::TooLarge);
    const std::string long_key(kKeyBytesMax + 1, 'k');
    EXPECT_EQ(answer(lone.step(write_of(long_key, "1", 3)))->outcome, WriteOutcome::TooLarge);
    Config small;
    small.keys_max = 1;
    Lone full{{}, small};
    full.starts();
    (void)full.synced(full.step(write_of("kv/a", "1", 1)));
    EXPECT_EQ(answer(full.step(write_of("kv/b", "1", 2)))->outcome, WriteOutcome::TooLarge);
    EXPECT_FALSE(answer(full.step(write_of("kv/a", "2", 3)))) << "a key that exists has room";
}

TEST_F(Writes, TakeTheirPlaceBeforeTheyAreOnDisk) {
    Config small;
    small.keys_max = 2;
    Lone full{{}, small};
    full.starts();
    const auto first = full.step(write_of("kv/a", "1", 1));
    EXPECT_FALSE(answer(full.step(write_of("kv/b", "1", 2)))) << "waits for the sync under way";
    EXPECT_EQ(answer(full.step(write_of("kv/c", "1", 3)))->outcome, WriteOutcome::TooLarge);
    (void)full.synced(full.synced(first));
    EXPECT_EQ(full.store().map().all().size(), 2U);
}

TEST_F(Writes, RefuseANameThatExistsUnderAnotherSubmission) {
    auto first = write_of("job/web", "1", 1);
    first.only_if_absent = true;
    (void)written(first);
    auto second = write_of("job/web", "2", 2);
    second.only_if_absent = true;
    const auto done = answer(lone.step(second));
    ASSERT_TRUE(done);
    EXPECT_EQ(done->outcome, WriteOutcome::Exists);
    EXPECT_EQ(to_text(lone.store().find("job/web")->body.view()), "1");
    const auto again = answer(written(first));
    ASSERT_TRUE(again) << "a retry is no second";
    EXPECT_EQ(again->outcome, WriteOutcome::Done);
    EXPECT_EQ(again->gen, 1U);
    (void)written(removal_of("job/web", 3));
    EXPECT_EQ(answer(written(second))->outcome, WriteOutcome::Done) << "deleted is absent";
}

TEST_F(Writes, MakeOneVersionOfOneSubmission) {
    (void)written(write_of("kv/a", "1", 1));
    const auto first = lone.store().find("kv/a");
    const auto version = *first;
    (void)written(write_of("kv/a", "1", 1));
    EXPECT_EQ(*lone.store().find("kv/a"), version);
    (void)written(write_of("kv/a", "2", 2));
    const auto late = answer(written(write_of("kv/a", "1", 1)));
    ASSERT_TRUE(late);
    EXPECT_EQ(late->gen, 1U) << "was done, once, and has since been replaced";
    EXPECT_EQ(to_text(lone.store().find("kv/a")->body.view()), "2");
}

TEST_F(Writes, MakeOneVersionOfOneSubmissionAlsoWithinOneBatch) {
    const auto away = lone.step(write_of("kv/other", "1", 9));
    (void)lone.step(write_of("kv/a", "1", 1));
    (void)lone.step(write_of("kv/a", "2", 2));
    (void)lone.step(write_of("kv/a", "1", 1));
    const auto batch = lone.synced(away);
    const auto done = all<WriteDone>(lone.synced(batch));
    ASSERT_EQ(done.size(), 3U);
    EXPECT_EQ(done[2].gen, 1U);
    EXPECT_EQ(to_text(lone.store().find("kv/a")->body.view()), "2") << "the retry overtakes nobody";
}

TEST_F(Writes, NumberOnAndNameTheirParent) {
    (void)written(write_of("kv/a", "1", 1));
    const auto parent = version_id("kv/a", *lone.store().find("kv/a"));
    (void)written(write_of("kv/a", "2", 2));
    EXPECT_EQ(lone.store().find("kv/a")->gen, 2U);
    EXPECT_EQ(lone.store().find("kv/a")->parent, parent);
    EXPECT_FALSE(lone.store().map().conflict("kv/a"));
    (void)written(removal_of("kv/a", 3));
    EXPECT_TRUE(lone.store().find("kv/a")->tombstone);
}

TEST_F(Writes, GoTogetherWhenTheyGatherBehindASync) {
    const auto first = lone.step(write_of("kv/a", "1", 1));
    EXPECT_TRUE(lone.step(write_of("kv/b", "1", 2)).empty());
    EXPECT_TRUE(lone.step(write_of("kv/c", "1", 3)).empty());
    const auto next = all<Persist>(lone.synced(first));
    ASSERT_EQ(next.size(), 1U);
    EXPECT_EQ(next[0].batch.size(), 2U);
}

// ---- the other side of an acknowledgement

Entry entry_from(const Write& write, bool ack) {
    return {write.key,
            Version{.gen = 1,
                    .wall = write.wall,
                    .author = kAnn,
                    .submission = write.submission,
                    .body = *write.body},
            ack};
}

TEST_F(Writes, OfOthersAreAckedOnceTheyAreOnOurDisk) {
    const auto entry = entry_from(write_of("kv/a", "1", 1), true);
    const auto heard = lone.hears(kAnn, entry);
    ASSERT_EQ(all<Persist>(heard).size(), 1U);
    EXPECT_TRUE(all<Persist>(heard)[0].sync);
    EXPECT_FALSE(has<Send>(heard));
    const auto acks = all<Send>(lone.synced(heard));
    ASSERT_EQ(acks.size(), 1U);
    EXPECT_EQ(acks[0], (Send{kAnn, EntryAck{"kv/a", version_id("kv/a", entry.version)}}));
}

TEST_F(Writes, OfOthersAreNotAckedWhenTheDiskRefuses) {
    const auto heard = lone.hears(kAnn, entry_from(write_of("kv/a", "1", 1), true));
    const auto token = all<Persist>(heard).at(0).token;
    EXPECT_TRUE(lone.step(PersistFailed{token, "disk full"}).empty());
    EXPECT_TRUE(lone.step(Persisted{token}).empty());
}

// It may have come by anti-entropy, unsynced: an ack needs it written again, or at least synced.
TEST_F(Writes, OfOthersAreSyncedBeforeTheAckAlsoWhenKnown) {
    const auto write = write_of("kv/a", "1", 1);
    const auto lazily = all<Persist>(lone.hears(kAnn, entry_from(write, false)));
    ASSERT_EQ(lazily.size(), 1U);
    EXPECT_FALSE(lazily[0].sync);
    const auto heard = lone.hears(kAnn, entry_from(write, true));
    ASSERT_EQ(all<Persist>(heard).size(), 1U);
    EXPECT_TRUE(all<Persist>(heard)[0].sync);
    EXPECT_EQ(all<Persist>(heard)[0].batch, lazily[0].batch);
    EXPECT_FALSE(has<EntryChanged>(heard));
    EXPECT_EQ(all<Send>(lone.synced(heard)).size(), 1U);
}

TEST_F(Writes, OfOthersAreBoundedToo) {
    auto entry = entry_from(write_of("kv/a", "1", 1), true);
    entry.version.gen = 0;
    EXPECT_TRUE(lone.hears(kAnn, entry).empty());
    entry.version.gen = std::uint64_t{1} << 62U;
    EXPECT_TRUE(lone.hears(kAnn, entry).empty()) << "no room would be left for a next one";
    entry.version.gen = 1;
    entry.version.body = Blob{Bytes(kValueBytesMax + 1)};
    EXPECT_TRUE(lone.hears(kAnn, entry).empty());
    entry.version.body = {};
    entry.key = std::string(kKeyBytesMax + 1, 'k');
    EXPECT_TRUE(lone.hears(kAnn, entry).empty());
    EXPECT_TRUE(lone.store().map().all().empty());
}

}  // namespace
}  // namespace shoal::store
