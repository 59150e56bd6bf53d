// What is said about whom, and what is made of it.
#include "tests/membership/lone.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace shoal::membership {
namespace {

Claim of_us(Health health, Incarnation incarnation) {
    return {kSelf, incarnation, health, kOurBoot, at(kSelf)};
}

struct Hearing : testing::Test {
    Hearing() { (void)lone.starts(); }

    Incarnation ours() { return lone.machine().incarnation(); }

    bool says(const Effects& effects, const Claim& wanted) {
        const auto said = claims_sent(effects);
        return std::find(said.begin(), said.end(), wanted) != said.end();
    }

    Lone lone;
};

TEST_F(Hearing, AnswersAPingUnderItsNumberWhereItCameFrom) {
    const Endpoint elsewhere{"10.9.9.9", 1};
    const auto effects = lone.step(Receive{kAnn, elsewhere, Ping{42, 0, {}}});
    const auto sends = all<Send>(effects);
    ASSERT_FALSE(sends.empty());
    EXPECT_EQ(sends[0].to, kAnn);
    EXPECT_EQ(sends[0].at, elsewhere);
    EXPECT_EQ(std::get<Ack>(sends[0].message).of, kSelf);
    EXPECT_EQ(std::get<Ack>(sends[0].message).sequence, 42U);
}

TEST_F(Hearing, LearnsOfMembersAndPassesItOn) {
    const auto effects = lone.hears(kAnn, Gossip{{claim(kAnn), claim(kBob)}});
    EXPECT_EQ(lone.standing(kBob), Standing::Alive);
    ASSERT_TRUE(change_of(effects, kBob));
    EXPECT_EQ(change_of(effects, kBob)->before, std::nullopt);
    EXPECT_EQ(change_of(effects, kBob)->endpoint, at(kBob));
    EXPECT_TRUE(says(lone.waits(milliseconds{200}), claim(kBob)));
    EXPECT_TRUE(all<MemberChanged>(lone.hears(kAnn, Gossip{{claim(kBob)}})).empty());
}

// ---- refuting

TEST_F(Hearing, RefutesWhatIsSaidOfItself) {
    for (const Health health : {Health::Suspect, Health::AgentDown, Health::Dead, Health::Left}) {
        const auto before = ours();
        (void)lone.hears(kAnn, Gossip{{claim(kAnn), of_us(health, before)}});
        EXPECT_EQ(ours(), before + 1);
        EXPECT_TRUE(says(lone.waits(milliseconds{200}), of_us(Health::Alive, before + 1)));
    }
    EXPECT_GT(lone.machine().local_health(), 0U) << "an accusation speaks against us, too";
}

TEST_F(Hearing, LetsOldAccusationsRest) {
    (void)lone.hears(kAnn, Gossip{{of_us(Health::Suspect, ours())}});
    const auto refuted = ours();
    (void)lone.hears(kAnn, Gossip{{of_us(Health::Suspect, refuted - 1)}});
    (void)lone.hears(kAnn, Gossip{{of_us(Health::Alive, refuted)}});
    EXPECT_EQ(ours(), refuted);
}

TEST_F(Hearing, RefutesWithAnIncarnationAboveTheAccusation) {
    (void)lone.hears(kAnn, Gossip{{of_us(Health::Suspect, ours() + 7)}});
    EXPECT_GT(ours(), 8U);
}

TEST_F(Hearing, BelievesNoIncarnationThatLeavesNoRoom) {
    const auto before = ours();
    const Incarnation absurd = (Incarnation{1} << 62U) + 1;
    EXPECT_FALSE(has<Persist>(lone.hears(kAnn, Gossip{{of_us(Health::Suspect, absurd)}})));
    EXPECT_EQ(ours(), before);
    (void)lone.hears(kAnn, Gossip{{claim(kBob, Health::Alive, absurd)}});
    EXPECT_EQ(lone.standing(kBob), std::nullopt);
}

// ---- of others

TEST_F(Hearing, BelievesAnAccusationUntilTheAccusedRaisesItsIncarnation) {
    (void)lone.meets(kAnn);
    (void)lone.hears(kBob, Gossip{{claim(kAnn, Health::Suspect)}});
    EXPECT_EQ(lone.standing(kAnn), Standing::Suspect);
    (void)lone.meets(kAnn, 1);
    EXPECT_EQ(lone.standing(kAnn), Standing::Suspect) << "its word of before does not refute";
    (void)lone.hears(kBob, Gossip{{claim(kAnn, Health::Alive, 2)}});
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
    (void)lone.waits(milliseconds{2100});
    EXPECT_NE(lone.standing(kAnn), Standing::Unreachable) << "its time no longer runs";
}

TEST_F(Hearing, BelievesNoDeathOrRefusalItHasNotSeen) {
    (void)lone.meets(kAnn);
    for (const Health health : {Health::Dead, Health::AgentDown}) {
        const auto effects = lone.hears(kBob, Gossip{{claim(kAnn, health, 5)}});
        EXPECT_FALSE(change_of(effects, kAnn));
        EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
    }
}

TEST_F(Hearing, IgnoresOlderSignsOfLifeAndShowsTheNewerToWhoSpeaksThem) {
    (void)lone.hears(kBob, Gossip{{claim(kAnn, Health::Suspect, 5)}});
    const auto effects = lone.hears(kAnn, Gossip{{claim(kAnn, Health::Alive, 3)}});
    EXPECT_NE(lone.standing(kAnn), Standing::Alive);
    EXPECT_TRUE(says(effects, claim(kAnn, Health::Suspect, 5)));
    // However often one message repeats itself, it is answered a fixed number of times.
    const Claims chatter(1000, claim(kAnn, Health::Alive, 3));
    EXPECT_LE(all<Send>(lone.hears(kAnn, MemberTable{chatter})).size(), 2U);
}

TEST_F(Hearing, ShowsATwinWhoElseSpeaksInItsName) {
    const Endpoint elsewhere{"10.6.6.6", 6};
    Claim strong = claim(kAnn);
    strong.boot = 9;
    Claim weak = strong;
    weak.boot = 8;
    weak.endpoint = elsewhere;
    (void)lone.hears(kAnn, Gossip{{strong}});
    const auto sends = all<Send>(lone.step(Receive{kAnn, elsewhere, Gossip{{weak}}}));
    ASSERT_EQ(sends.size(), 1U);
    EXPECT_EQ(sends[0].at, elsewhere);
    EXPECT_EQ(sends[0].message, (Message{Gossip{{strong}}}));
    EXPECT_TRUE(all<Send>(lone.hears(kAnn, Gossip{{strong}})).empty()) << "the other is up to date";
}

TEST_F(Hearing, FollowsAMoveToAnotherAddress) {
    (void)lone.meets(kAnn);
    Claim moved = claim(kAnn, Health::Alive, 2);
    moved.endpoint = {"10.7.7.7", 7};
    const auto effects = lone.hears(kAnn, Gossip{{moved}});
    ASSERT_TRUE(change_of(effects, kAnn));
    EXPECT_EQ(change_of(effects, kAnn)->endpoint, moved.endpoint);
    EXPECT_EQ(change_of(effects, kAnn)->after, Standing::Alive);
}

TEST_F(Hearing, TakesNoNonsense) {
    Claim long_winded = claim(kAnn);
    long_winded.endpoint.ip = std::string(65, 'x');
    (void)lone.hears(kBob, Gossip{{long_winded, claim({})}});
    EXPECT_EQ(lone.machine().members().size(), 1U);
}

TEST_F(Hearing, RemembersNoMoreMembersThanItsLimit) {
    Config small;
    small.members_max = 10;
    Lone crowded{{}, small};
    (void)crowded.starts();
    for (std::uint64_t i = 1; i <= 100; ++i) {
        (void)crowded.meets({0, 1000 + i});
    }
    EXPECT_EQ(crowded.machine().members().size(), 11U);
    (void)crowded.waits(seconds{10});
}

// ---- joining and tables

TEST_F(Hearing, WelcomesWhoJoinsWithWhomItKnows) {
    (void)lone.meets(kBob);
    const Endpoint nat{"10.9.9.9", 9};
    const auto effects = lone.step(Receive{kAnn, nat, membership::Join{claim(kAnn)}});
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
    const auto welcome = sent<Welcome>(effects);
    ASSERT_EQ(welcome.size(), 1U);
    EXPECT_TRUE(says(effects, of_us(Health::Alive, ours())));
    EXPECT_TRUE(says(effects, claim(kBob)));
    for (const Send& send : all<Send>(effects)) {
        if (std::holds_alternative<Welcome>(send.message)) {
            EXPECT_EQ(send.at, nat);
        }
    }
}

// Whoever pings us knows us, and will never introduce itself.
TEST_F(Hearing, GreetsWhoSpeaksToItAndIsNotKnownButNotEveryTime) {
    const auto first = lone.hears(kAnn, Ping{1, 0, {}});
    ASSERT_EQ(sent<membership::Join>(first).size(), 1U);
    EXPECT_TRUE(sent<membership::Join>(lone.hears(kBob, Ping{1, 0, {}})).empty());
    (void)lone.hears(kAnn, Welcome{{claim(kAnn)}});
    (void)lone.waits(seconds{1});
    EXPECT_TRUE(sent<membership::Join>(lone.hears(kAnn, Ping{2, 0, {}})).empty());
    EXPECT_EQ(sent<membership::Join>(lone.hears(kBob, Ping{2, 0, {}})).size(), 1U);
}

TEST_F(Hearing, LetsNobodyJoinInAnothersName) {
    const auto effects = lone.hears(kAnn, membership::Join{claim(kBob)});
    EXPECT_TRUE(sent<Welcome>(effects).empty());
    EXPECT_EQ(lone.standing(kBob), std::nullopt);
    (void)lone.hears(kAnn, membership::Join{claim(kAnn, Health::Left)});
    EXPECT_EQ(lone.standing(kAnn), std::nullopt);
}

TEST_F(Hearing, AsksWhoWelcomesItForTheWholeTableOnce) {
    const auto effects = lone.hears(kAnn, Welcome{{claim(kAnn), claim(kBob)}});
    EXPECT_EQ(lone.standing(kBob), Standing::Alive);
    const auto asked = streamed<TableRequest>(effects);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0].members.size(), 3U) << "ours, in exchange";
    (void)lone.hears(kAnn, MemberTable{{claim(kCarol)}});
    EXPECT_EQ(lone.standing(kCarol), Standing::Alive);
    EXPECT_TRUE(streamed<TableRequest>(lone.hears(kBob, Welcome{{claim(kBob)}})).empty());
}

TEST_F(Hearing, SendsExactlyWhatTheAskerLacks) {
    (void)lone.meets(kAnn);
    (void)lone.meets(kBob, 3);
    (void)lone.meets(kCarol, 3);
    const Claims theirs{claim(kAnn), claim(kBob, Health::Alive, 2),
                        claim(kCarol, Health::Alive, 4)};
    const auto effects = lone.hears(kAnn, TableRequest{theirs});
    const auto tables = streamed<MemberTable>(effects);
    ASSERT_EQ(tables.size(), 1U);
    EXPECT_EQ(tables[0].members,
              (Claims{of_us(Health::Alive, ours()), claim(kBob, Health::Alive, 3)}));
    EXPECT_EQ(lone.machine().find(kCarol)->claim.incarnation, 4U) << "and takes what it lacks";
}

TEST_F(Hearing, RepairsTablesThatStayDifferent) {
    (void)lone.meets(kAnn);
    (void)lone.hears(kAnn, MemberTable{});
    const auto asked = [&] {
        return streamed<TableRequest>(lone.hears(kAnn, Ping{1, 12345, {}})).size();
    };
    EXPECT_EQ(asked(), 0U) << "news under way makes tables differ for a moment";
    EXPECT_EQ(asked(), 0U);
    EXPECT_EQ(asked(), 1U);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(asked(), 0U) << "at most one exchange per interval";
    }
    (void)lone.waits(seconds{7});
    EXPECT_EQ(asked(), 1U);
}

TEST_F(Hearing, AsksForNothingWhenTablesAgree) {
    (void)lone.meets(kAnn);
    (void)lone.hears(kAnn, MemberTable{});
    Lone other;
    (void)other.starts();
    (void)other.meets(kAnn);
    const auto ack = sent<Ack>(other.hears(kAnn, Ping{1, 0, {}})).at(0);
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(streamed<TableRequest>(lone.hears(kAnn, Ping{1, ack.table, {}})).empty());
    }
}

// ---- limits of what is sent

TEST_F(Hearing, NeverSendsADatagramOverItsBudget) {
    for (std::uint64_t i = 1; i <= 300; ++i) {
        Claim one = claim({~std::uint64_t{0}, i}, Health::Alive, ~std::uint64_t{0} >> 3U);
        one.endpoint = {std::string(kIpBytesMax, 'f'), 65'535};
        one.boot = ~std::uint64_t{0};
        (void)lone.hears(one.about, Gossip{{one}});
        one.health = Health::Suspect;
        if (i % 3 == 0) (void)lone.hears(kAnn, Gossip{{one}});
    }
    Effects effects = lone.waits(seconds{20});
    for (std::uint64_t i = 1; i <= 10; ++i) {
        Lone::append(effects, lone.hears({0, i}, membership::Join{claim({0, i})}));
        Lone::append(effects, lone.hears({0, i}, Ping{1, 0, {}}));
    }
    std::size_t most = 0;
    for (const Send& send : all<Send>(effects)) {
        most = std::max(most, encode_message(send.message).size());
    }
    EXPECT_LE(most, kDatagramBytesMax);
    EXPECT_GT(most, kDatagramBytesMax / 2) << "but makes use of it";
}

TEST_F(Hearing, TellsAClaimALogarithmicNumberOfTimes) {
    for (std::uint64_t i = 1; i <= 20; ++i) {
        (void)lone.meets({0, i});
    }
    (void)lone.waits(seconds{30});
    (void)lone.meets({0, 3}, 2);
    int told = 0;
    for (int i = 0; i < 30; ++i) {
        for (const Claim& said : claims_sent(lone.waits(seconds{1}))) {
            told += said == claim({0, 3}, Health::Alive, 2) ? 1 : 0;
        }
        for (std::uint64_t node = 1; node <= 20; ++node) {
            (void)lone.hears({0, node}, Nack{});
        }
    }
    EXPECT_GE(told, 4);
    EXPECT_LE(told, 4 * 2) << "factor 4 times the digits of 22";
}

}  // namespace
}  // namespace shoal::membership
