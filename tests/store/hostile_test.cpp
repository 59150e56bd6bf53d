// Members that sign and send whatever they like, and journals that hold it: a store stays bounded,
// and stays one that others can agree with.
#include "tests/store/lone.h"

#include <gtest/gtest.h>

namespace shoal::store {
namespace {

const NodeId kAnn{0, 1};

// A log of one fact, at a place its origin chose.
Delta log_at(const Author& author, std::uint64_t epoch, std::uint64_t seq,
             const std::string& value = "x") {
    Delta out{.reset = true, .records = {{"a", seq, false, to_blob(value)}}};
    out.head = author.head();
    out.head.log_epoch = epoch;
    out.head.seq = seq;
    const auto digest = author.signer().digest(hashed_part(out.records.front()));
    out.head.content = author.signer().digest(digest.bytes);
    out.head = Author::signed_by(out.head, author.signer());
    return out;
}

Version version(std::uint64_t gen) {
    return {.gen = gen, .author = kAnn, .submission = {7, gen}, .body = to_blob("x")};
}

TEST(HostileLog, ThatStandsWhereNoLogBeginsIsRefused) {
    const Author author{2};
    for (const auto& [epoch, seq] : {std::pair{0, 1}, {0, 0}, {1, 0}}) {
        Lone lone;
        lone.starts();
        const auto before = lone.store().logs_fingerprint();
        const auto out = lone.hears(author.id(), log_at(author, static_cast<std::uint64_t>(epoch),
                                                        static_cast<std::uint64_t>(seq)));
        ASSERT_EQ(all<Notice>(out).size(), 1U);
        EXPECT_EQ(all<Notice>(out).front().kind, NoticeKind::BadHead);
        EXPECT_EQ(lone.store().log(author.id()), nullptr);
        EXPECT_EQ(lone.store().logs_fingerprint(), before);
    }
}

TEST(HostileLog, IsNotTakenFromDiskEither) {
    const Author author{2};
    tests::Disk disk;
    const auto delta = log_at(author, 0, 1);
    disk.write({head_row(delta.head), record_row(author.id(), delta.records.front())});
    Lone lone{disk};
    lone.starts();
    EXPECT_EQ(lone.store().log(author.id()), nullptr);
}

TEST(HostileLog, MayNotOutgrowTheBudgetOfALog) {
    Config config;
    config.own.live_bytes = 100;
    Lone lone{{}, config};
    lone.starts();
    Author author{2};
    (void)lone.hears(author.id(), author.says("a", std::string(100, 'x')));
    (void)lone.hears(author.id(), author.says("b", std::string(100, 'x')));
    EXPECT_TRUE(text_of(lone.store().log(author.id()), "b").has_value());
    const auto out = lone.hears(author.id(), author.says("c", "x"));
    ASSERT_EQ(all<Notice>(out).size(), 1U);
    EXPECT_EQ(all<Notice>(out).front().detail, "a log over its budget");
    EXPECT_EQ(lone.store().log(author.id())->value_bytes(), 200U);
    // Begun anew and smaller, it is taken again.
    (void)lone.hears(author.id(), log_at(author, 2, 9));
    EXPECT_EQ(text_of(lone.store().log(author.id()), "a"), "x");
}

TEST(HostileAsker, IsOwedOnlySoManySyncs) {
    Lone lone;
    lone.starts();
    std::size_t synced = 0;
    for (std::uint64_t gen = 1; gen <= 5000; ++gen) {
        for (const auto& persist : all<Persist>(lone.hears(kAnn, Entry{"a", version(gen), true}))) {
            if (persist.sync) ++synced;
        }
    }
    EXPECT_EQ(synced, 4096U);
    EXPECT_EQ(lone.store().find("a")->gen, 5000U);
}

TEST(HostileVersion, OfTheLastGenerationFailsWhatWouldFollowIt) {
    Lone lone;
    lone.starts();
    (void)lone.hears(kAnn, Entry{"a", version(kGenMax - 1), false});
    const auto out = lone.step(Write{.request = 1, .key = "a", .body = to_blob("mine")});
    ASSERT_EQ(all<WriteDone>(out).size(), 1U);
    EXPECT_EQ(all<WriteDone>(out).front().outcome, WriteOutcome::Failed);
    EXPECT_FALSE(has<Persist>(out));
}

TEST(SpoiltJournal, GivesBackOnlyVersionsThatFit) {
    const auto good = version(1);
    auto row = version_row("a", version_id("a", good), good);
    EXPECT_TRUE(read_version(row).has_value());
    EXPECT_FALSE(read_version(version_row("a", 7, good)).has_value()) << "under another id";
    EXPECT_FALSE(read_version(version_row("", version_id("", good), good)).has_value());
    for (const auto gen : {std::uint64_t{0}, kGenMax}) {
        const auto bad = version(gen);
        EXPECT_FALSE(read_version(version_row("a", version_id("a", bad), bad)).has_value());
    }
}

// A crash between the version that pushed others out of history and their erasure.
TEST(SpoiltJournal, LosesWhatWasOutOfHistory) {
    tests::Disk disk;
    for (std::uint64_t gen = 1; gen <= kVersionsKeptMax + 3; ++gen) {
        const auto one = version(gen);
        disk.write({version_row("a", version_id("a", one), one)});
    }
    Lone lone{disk};
    lone.starts();
    EXPECT_EQ(lone.disk().count(Table::Map), kVersionsKeptMax + 1);
}

TEST(SpoiltJournal, WithTooManyBootsKeepsTheLast) {
    std::vector<Boot> boots(1000);
    tests::Disk disk;
    disk.write({{Table::Meta, "store/boots", Blob{encode_boots(boots)}}});
    Lone lone{disk};
    lone.starts(5);
    for (const Row& row : lone.disk().rows()) {
        if (row.key != "store/boots") continue;
        const auto kept = decode_boots(row.value->view());
        EXPECT_LE(kept.size(), 64U);
        EXPECT_EQ(kept.back().nonce, 5U);
    }
}

// At the limits of what may be held, our own words must still be understood.
TEST(Frame, HoldsThePositionsOfAllThatMayBeHeld) {
    const auto most = ~std::uint64_t{0};
    VectorDigest digest{.round = most};
    digest.map.assign(Config{}.keys_max, {most, most});
    digest.logs.assign(5'000, {{most, most}, most, most});
    EXPECT_TRUE(decode_message(encode_message(digest)).has_value());
}

}  // namespace
}  // namespace shoal::store
