// A foreign log stands exactly at a head its origin signed, or does not move.
#include "tests/store/lone.h"

#include <gtest/gtest.h>

#include <functional>
#include <rapidcheck.h>
#include <span>

namespace shoal::store {
namespace {

const NodeId kRelay{0, 99};

struct OriginLogs : testing::Test {
    OriginLogs() { lone.starts(); }

    const OriginLog* log() { return lone.store().log(author.id()); }

    Lone lone;
    Author author{2};
};

TEST_F(OriginLogs, FollowTheirOriginFactByFact) {
    const auto first = lone.hears(author.id(), author.says("a", "1"));
    const auto shown = all<FactChanged>(first);
    ASSERT_EQ(shown.size(), 1U);
    EXPECT_EQ(shown[0].origin, author.id());
    EXPECT_EQ(to_text(shown[0].value->view()), "1");
    (void)lone.hears(author.id(), author.says("b", "2"));
    (void)lone.hears(author.id(), author.says("a", "3"));
    EXPECT_EQ(log()->head(), author.head());
    EXPECT_EQ(text_of(log(), "a"), "3");
    EXPECT_EQ(text_of(log(), "b"), "2");
    const auto gone = all<FactChanged>(lone.hears(author.id(), author.says("a", std::nullopt)));
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_FALSE(gone[0].value.has_value());
}

TEST_F(OriginLogs, AskForWhatLiesBelowADelta) {
    (void)lone.hears(author.id(), author.says("a", "1"));
    (void)author.says("b", "2");
    const auto effects = lone.hears(kRelay, author.says("c", "3"));
    const auto sends = all<Send>(effects);
    ASSERT_EQ(sends.size(), 1U);
    EXPECT_EQ(sends[0], (Send{kRelay, DeltaRequest{author.id(), 1, 1}})) << "of whoever sent it";
    EXPECT_EQ(log()->head().seq, 1U);
    (void)lone.hears(kRelay, author.delta(1));
    EXPECT_EQ(log()->head(), author.head());
}

TEST_F(OriginLogs, HearNothingNewInWhatTheyKnow) {
    const auto first = author.says("a", "1");
    const auto second = author.says("b", "2");
    (void)lone.hears(author.id(), first);
    (void)lone.hears(author.id(), second);
    EXPECT_TRUE(lone.hears(kRelay, second).empty());
    EXPECT_TRUE(lone.hears(kRelay, first).empty());
    EXPECT_EQ(log()->head(), author.head());
}

// Any order, any repetition; whatever is asked for is sent.
TEST(OriginLogLaw, EveryOrderOfDeltasEndsAtTheOriginsHead) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        Author author{2};
        Lone lone;
        lone.starts();
        std::vector<Delta> deltas;
        for (auto left = 1 + random.below(12); left > 0; --left) {
            const auto key = "k" + std::to_string(random.below(4));
            if (random.below(4) == 0) {
                deltas.push_back(author.says(key, std::nullopt));
            } else {
                deltas.push_back(author.says(key, "v" + std::to_string(left)));
            }
        }
        for (auto copies = random.below(5); copies > 0; --copies) {
            deltas.push_back(deltas[random.below(deltas.size())]);
        }
        random.shuffle(std::span{deltas});
        for (const Delta& delta : deltas) {
            const auto effects = lone.hears(author.id(), delta);
            for (const auto& asked : tests::messages<DeltaRequest, Send>(effects)) {
                (void)lone.hears(author.id(), author.delta(asked.after));
            }
        }
        RC_ASSERT(lone.store().log(author.id())->head() == author.head());
    }));
}

TEST_F(OriginLogs, RefuseWhatTheirOriginDidNotSign) {
    (void)lone.hears(author.id(), author.says("a", "1"));
    const Author stranger{3};
    const auto good = author.says("b", "2");

    const struct {
        const char* why;
        std::function<void(Delta&)> spoil;
    } cases[] = {
        {"a signature of somebody else",
         [&](Delta& d) { d.head = Author::signed_by(d.head, stranger.signer()); }},
        {"a key that is not the origin's",
         [&](Delta& d) {
             d.head.key = stranger.signer().public_key();
             d.head = Author::signed_by(d.head, stranger.signer());
         }},
        {"another number than was signed", [](Delta& d) { ++d.head.seq; }},
        {"another epoch than was signed",
         [](Delta& d) {
             ++d.head.log_epoch;
             d.reset = true;
             d.from = 0;
         }},
        {"another incarnation than was signed", [](Delta& d) { ++d.head.incarnation; }},
        {"a changed value", [](Delta& d) { d.records[0].value = to_blob("3"); }},
        {"a changed key", [](Delta& d) { d.records[0].key = "c"; }},
        {"a tombstone where there was none", [](Delta& d) { d.records[0].tombstone = true; }},
        {"a record left out", [](Delta& d) { d.records.clear(); }},
        {"a record added",
         [](Delta& d) {
             d.records.push_back({"c", 2, false, to_blob("x")});
         }},
        {"a record above the head", [](Delta& d) { d.records[0].seq = 9; }},
        {"a key too long", [](Delta& d) { d.records[0].key = std::string(kKeyBytesMax + 1, 'k'); }},
        {"a value too long",
         [](Delta& d) { d.records[0].value = Blob{Bytes(kValueBytesMax + 1)}; }},
    };

    for (const auto& c : cases) {
        Delta bad = good;
        c.spoil(bad);
        const auto effects = lone.hears(kRelay, bad);
        const auto notices = all<Notice>(effects);
        ASSERT_EQ(notices.size(), 1U) << c.why;
        EXPECT_EQ(notices[0].kind, NoticeKind::BadHead) << c.why;
        EXPECT_EQ(notices[0].node, kRelay) << "accuses who sent it: " << c.why;
        EXPECT_FALSE(has<Persist>(effects)) << c.why;
        EXPECT_EQ(log()->head().seq, 1U) << c.why;
        EXPECT_EQ(text_of(log(), "b"), std::nullopt) << c.why;
    }
    (void)lone.hears(kRelay, good);
    EXPECT_EQ(log()->head(), author.head()) << "the true one is still taken";
}

TEST_F(OriginLogs, AForgedFirstWordLeavesNoLogBehind) {
    auto delta = author.says("a", "1");
    delta.head.content = {};
    (void)lone.hears(kRelay, delta);
    EXPECT_EQ(log(), nullptr);
    (void)lone.hears(kRelay, Delta{.from = 4, .head = author.head()});
    EXPECT_EQ(log(), nullptr) << "nor does one with a gap";
}

TEST_F(OriginLogs, NoticeTwoContentsUnderOneNumber) {
    (void)lone.hears(author.id(), author.says("a", "1"));
    Author copy{2};
    const auto other = copy.says("a", "2");
    const auto effects = lone.hears(kRelay, other);
    const auto notices = all<Notice>(effects);
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].kind, NoticeKind::Equivocation);
    EXPECT_EQ(notices[0].node, author.id()) << "accuses who signed both";
    EXPECT_EQ(text_of(log(), "a"), "1");
    const auto shown = all<Send>(effects);
    ASSERT_EQ(shown.size(), 1U) << "the origin is shown what it forgot";
    EXPECT_EQ(shown[0].to, author.id());
    EXPECT_EQ(std::get<Delta>(shown[0].message).head, log()->head());
}

TEST_F(OriginLogs, AnUnsignedSecondContentAccusesTheRelayAlone) {
    (void)lone.hears(author.id(), author.says("a", "1"));
    Author copy{2};
    auto other = copy.says("a", "2");
    other.head.signature = {};
    const auto notices = all<Notice>(lone.hears(kRelay, other));
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].kind, NoticeKind::BadHead);
    EXPECT_EQ(notices[0].node, kRelay);
}

TEST_F(OriginLogs, ShowAnOriginThatFellBehindWhatTheyHold) {
    const auto first = author.says("a", "1");
    (void)lone.hears(author.id(), first);
    (void)lone.hears(author.id(), author.says("b", "2"));
    const auto sends = all<Send>(lone.hears(author.id(), first));
    ASSERT_EQ(sends.size(), 1U);
    EXPECT_EQ(std::get<Delta>(sends[0].message).head.seq, 2U);
}

TEST_F(OriginLogs, ForgetTombstonesBelowTheFloorAndNeverTheDeletion) {
    const auto first = author.says("a", "1");
    (void)lone.hears(author.id(), first);
    (void)lone.hears(author.id(), author.says("a", std::nullopt));
    EXPECT_TRUE(log()->records().contains("a")) << "a tombstone so far";
    author.raises_floor_to(2);
    (void)lone.hears(author.id(), author.says("b", "2"));
    EXPECT_FALSE(log()->records().contains("a"));
    EXPECT_TRUE(lone.hears(kRelay, first).empty());
    EXPECT_EQ(text_of(log(), "a"), std::nullopt) << "an old replica does not bring it back";
}

TEST_F(OriginLogs, TakeTheWholeLogWhenTheyAreBelowTheFloor) {
    (void)lone.hears(author.id(), author.says("a", "1"));
    (void)author.says("a", std::nullopt);
    author.raises_floor_to(2);
    const auto later = author.says("b", "2");
    // From where we stand there is no bridge: the deletion is not in it any more.
    const auto bridged = author.delta(1);
    EXPECT_EQ((tests::messages<DeltaRequest, Send>(lone.hears(kRelay, bridged)).size()), 1U);
    EXPECT_EQ(text_of(log(), "a"), "1");
    const auto effects = lone.hears(kRelay, author.delta(0));
    EXPECT_EQ(log()->head(), later.head);
    EXPECT_EQ(text_of(log(), "a"), std::nullopt);
    EXPECT_EQ(all<FactChanged>(effects).size(), 2U) << "one gone, one new";
}

TEST_F(OriginLogs, FollowANewEpochOnlyByAReset) {
    (void)lone.hears(author.id(), author.says("a", "1"));
    author.begins_epoch(2);
    auto bare = author.says("b", "2");
    EXPECT_EQ(all<Send>(lone.hears(author.id(), bare)).size(), 1U) << "asks";
    EXPECT_EQ(log()->head().log_epoch, 1U);
    (void)lone.hears(author.id(), author.delta(0));
    EXPECT_EQ(log()->head(), author.head());
    EXPECT_EQ(log()->head().log_epoch, 2U);
}

TEST_F(OriginLogs, AreServedFromWhereTheAskerStands) {
    (void)lone.hears(author.id(), author.says("a", "1"));
    (void)lone.hears(author.id(), author.says("b", "2"));
    (void)lone.hears(author.id(), author.says("b", std::nullopt));
    author.raises_floor_to(3);
    (void)lone.hears(author.id(), author.says("c", "3"));
    const auto ask = [&](std::uint64_t epoch, std::uint64_t after) {
        const auto sent = all<Send>(lone.hears(kRelay, DeltaRequest{author.id(), epoch, after}));
        EXPECT_EQ(sent.size(), 1U);
        return std::get<Delta>(sent.at(0).message);
    };
    EXPECT_FALSE(ask(1, 3).reset);
    EXPECT_EQ(ask(1, 3).records.size(), 1U);
    EXPECT_TRUE(ask(1, 2).reset) << "below the floor";
    EXPECT_EQ(ask(1, 2).records.size(), 2U);
    EXPECT_TRUE(ask(9, 3).reset) << "another epoch";
    EXPECT_TRUE(lone.hears(kRelay, DeltaRequest{kRelay, 1, 0}).empty()) << "nothing known of it";
}

TEST_F(OriginLogs, AreBoundedInNumberAndSize) {
    Config small;
    small.origins_max = 2;
    small.own.live_keys = 3;
    Lone tiny{{}, small};
    tiny.starts();
    for (std::uint64_t i = 10; i < 15; ++i) {
        Author one{i};
        (void)tiny.hears(one.id(), one.says("a", "1"));
    }
    EXPECT_EQ(tiny.store().logs().size(), 2U);
    Author at_once{10};
    for (int i = 0; i < 7; ++i) {
        (void)at_once.says("k" + std::to_string(i), "v");
    }
    const auto notices = all<Notice>(tiny.hears(at_once.id(), at_once.delta(0)));
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].kind, NoticeKind::BadHead);
    Author bit_by_bit{11};
    for (int i = 0; i < 20; ++i) {
        (void)tiny.hears(bit_by_bit.id(), bit_by_bit.says("k" + std::to_string(i), "v"));
    }
    EXPECT_LE(tiny.store().log(bit_by_bit.id())->records().size(), 6U);
}

}  // namespace
}  // namespace shoal::store
