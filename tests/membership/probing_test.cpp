// The probe cycle, and what is concluded from it first-hand.
#include "tests/membership/lone.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace shoal::membership {
namespace {

struct Probing : testing::Test {
    void meet(std::initializer_list<NodeId> nodes) {
        (void)lone.starts();
        for (const NodeId& node : nodes) {
            (void)lone.meets(node);
        }
    }

    // One probe that nobody answers, relays included.
    Effects unanswered() {
        (void)lone.next_ping();
        return lone.waits(milliseconds{499});
    }

    Lone lone;
};

TEST_F(Probing, AsksEverybodyOnceALapAndNeverItself) {
    meet({kAnn, kBob, kCarol});
    std::vector<NodeId> order;
    for (int i = 0; i < 12; ++i) {
        const auto ping = lone.next_ping();
        EXPECT_NE(ping.first, kSelf);
        order.push_back(ping.first);
        (void)lone.answers(ping);
    }
    std::map<NodeId, int> asked;
    for (const NodeId& node : order) {
        ++asked[node];
    }
    // The first lap may have begun before all were known.
    for (const NodeId& node : {kAnn, kBob, kCarol}) {
        EXPECT_GE(asked[node], 3) << node.low;
        EXPECT_LE(asked[node], 5) << node.low;
    }
}

TEST_F(Probing, GivesANewcomerAPlaceInTheLapUnderWay) {
    meet({kAnn, kBob});
    (void)lone.answers(lone.next_ping());
    (void)lone.meets(kCarol);
    std::set<NodeId> asked;
    for (int i = 0; i < 3; ++i) {
        const auto ping = lone.next_ping();
        asked.insert(ping.first);
        (void)lone.answers(ping);
    }
    EXPECT_TRUE(asked.contains(kCarol));
}

TEST_F(Probing, LeavesOthersInPeaceWhenTheAnswerComes) {
    meet({kAnn, kBob});
    (void)lone.answers(lone.next_ping());
    const auto rest = lone.waits(milliseconds{300});
    EXPECT_TRUE(sent<PingFor>(rest).empty());
    EXPECT_FALSE(has<ProbeStream>(rest));
}

TEST_F(Probing, AsksOthersAndTheStreamWhenTheAnswerIsLate) {
    meet({kAnn, kBob, kCarol, {0, 4}, {0, 5}});
    const auto ping = lone.next_ping();
    const auto early = lone.waits(milliseconds{199});
    EXPECT_TRUE(sent<PingFor>(early).empty());
    const auto late = lone.waits(milliseconds{1});
    const auto asked = sent<PingFor>(late);
    EXPECT_EQ(asked.size(), 3U);
    for (const PingFor& request : asked) {
        EXPECT_EQ(request.target, ping.first);
        EXPECT_EQ(request.sequence, ping.second.sequence);
        EXPECT_EQ(request.endpoint, at(ping.first));
    }
    for (const Send& send : all<Send>(late)) {
        if (std::holds_alternative<PingFor>(send.message)) {
            EXPECT_NE(send.to, ping.first);
        }
    }
    ASSERT_EQ(all<ProbeStream>(late).size(), 1U);
    EXPECT_EQ(all<ProbeStream>(late)[0].peer, ping.first);
}

TEST_F(Probing, WaitsThreeRoundTripsOnceItKnowsThem) {
    meet({kAnn});
    const auto first = lone.next_ping();
    (void)lone.waits(milliseconds{30});
    (void)lone.answers(first);
    EXPECT_EQ(lone.machine().find(kAnn)->rtt, milliseconds{30});
    (void)lone.next_ping();
    EXPECT_FALSE(has<ProbeStream>(lone.waits(milliseconds{89})));
    EXPECT_TRUE(has<ProbeStream>(lone.waits(milliseconds{1})));
}

TEST_F(Probing, TakesAnAnswerPassedOnForAnAnswer) {
    meet({kAnn, kBob});
    const auto ping = lone.next_ping();
    (void)lone.waits(milliseconds{200});
    const NodeId relay = ping.first == kAnn ? kBob : kAnn;
    (void)lone.hears(relay, Ack{ping.first, ping.second.sequence, 0, {}});
    (void)lone.waits(milliseconds{310});
    EXPECT_EQ(lone.standing(ping.first), Standing::Alive);
    EXPECT_EQ(lone.machine().local_health(), 0U);
}

TEST_F(Probing, AcceptsNoAnswerToAnotherQuestion) {
    meet({kAnn});
    const auto ping = lone.next_ping();
    (void)lone.hears(kBob, Ack{kAnn, ping.second.sequence + 1, 0, {}});
    (void)lone.hears(kBob, Ack{kBob, ping.second.sequence, 0, {}});
    (void)lone.waits(milliseconds{500});
    EXPECT_EQ(lone.standing(kAnn), Standing::Suspect);
}

TEST_F(Probing, AccusesWhoNobodyCouldReachAndSaysSo) {
    meet({kAnn});
    const auto effects = unanswered();
    const auto later = lone.waits(milliseconds{1});
    EXPECT_EQ(lone.standing(kAnn), Standing::Suspect);
    ASSERT_TRUE(change_of(later, kAnn));
    EXPECT_EQ(change_of(later, kAnn)->before, Standing::Alive);
    EXPECT_EQ(change_of(later, kAnn)->after, Standing::Suspect);
    const auto said = claims_sent(lone.waits(milliseconds{200}));
    EXPECT_TRUE(std::find(said.begin(), said.end(), claim(kAnn, Health::Suspect)) != said.end())
        << "the accused hears of it";
    EXPECT_FALSE(change_of(effects, kAnn));
}

TEST_F(Probing, CallsASilentSuspectUnreachableAndNeverDead) {
    meet({kAnn});
    (void)unanswered();
    const auto waited = lone.waits(seconds{60});
    EXPECT_EQ(lone.standing(kAnn), Standing::Unreachable);
    EXPECT_EQ(change_of(waited, kAnn)->before, Standing::Suspect);
    for (const Claim& said : claims_sent(waited)) {
        EXPECT_LE(said.health, Health::Suspect) << "silence is our opinion alone";
    }
}

TEST_F(Probing, GivesASuspectItsTime) {
    meet({kAnn});
    (void)unanswered();
    (void)lone.waits(milliseconds{1});
    ASSERT_EQ(lone.standing(kAnn), Standing::Suspect);
    (void)lone.waits(milliseconds{1990});
    EXPECT_EQ(lone.standing(kAnn), Standing::Suspect);
    (void)lone.waits(milliseconds{10});
    EXPECT_EQ(lone.standing(kAnn), Standing::Unreachable);
}

TEST_F(Probing, KeepsAskingTheUnreachableAndTellsItOfTheAccusation) {
    meet({kAnn});
    (void)unanswered();
    (void)lone.waits(seconds{60});
    const auto ping = lone.next_ping();
    EXPECT_EQ(ping.first, kAnn);
    ASSERT_FALSE(ping.second.news.empty());
    EXPECT_EQ(ping.second.news[0], claim(kAnn, Health::Suspect));
    const auto heard = lone.answers(ping);
    EXPECT_EQ(lone.standing(kAnn), Standing::Suspect) << "speaks again, has not refuted yet";
    (void)lone.meets(kAnn, 2);
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
    EXPECT_TRUE(has<MemberChanged>(heard));
}

TEST_F(Probing, TellsASuspectThatSpeaksButNotAtEveryWord) {
    meet({kAnn});
    (void)lone.hears(kBob, Gossip{{claim(kAnn, Health::Suspect)}});
    const auto told = [&](const Effects& effects) { return !sent<Gossip>(effects).empty(); };
    EXPECT_TRUE(told(lone.hears(kAnn, Nack{})));
    EXPECT_FALSE(told(lone.hears(kAnn, Nack{})));
    (void)lone.waits(milliseconds{500});
    EXPECT_TRUE(told(lone.hears(kAnn, Nack{})));
}

TEST_F(Probing, GivesASuspectThatSpeaksMoreTime) {
    meet({kAnn});
    (void)lone.hears(kBob, Gossip{{claim(kAnn, Health::Suspect)}});
    for (int i = 0; i < 10; ++i) {
        (void)lone.waits(seconds{1});
        (void)lone.hears(kAnn, Nack{});
    }
    EXPECT_EQ(lone.standing(kAnn), Standing::Suspect);
}

// ---- streams

struct Streams : Probing {
    Effects probed(const ProbeStream& asked, Reach reach, bool heard = false) {
        return lone.step(StreamProbed{asked.peer, asked.question, reach, heard});
    }

    ProbeStream late_probe() {
        (void)lone.next_ping();
        return all<ProbeStream>(lone.waits(milliseconds{200})).at(0);
    }

    ProbeStream broken(const NodeId& peer) {
        return all<ProbeStream>(lone.step(StreamBroken{peer})).at(0);
    }
};

TEST_F(Streams, RefusedByItsHostMakesAgentDownAtOnce) {
    meet({kAnn});
    const auto effects = probed(late_probe(), Reach::Refused);
    EXPECT_EQ(lone.standing(kAnn), Standing::AgentDown);
    EXPECT_EQ(change_of(effects, kAnn)->after, Standing::AgentDown);
    const auto later = lone.waits(seconds{30});
    EXPECT_EQ(lone.standing(kAnn), Standing::AgentDown);
    for (const Claim& said : claims_sent(later)) {
        EXPECT_EQ(said.health, Health::Alive) << "what we found ourselves does not travel";
    }
}

TEST_F(Streams, AnswerToNoQuestionOfOursSaysNothing) {
    meet({kAnn, kBob});
    const auto asked = broken(kAnn);
    (void)lone.step(StreamProbed{kAnn, asked.question + 1, Reach::Refused, false});
    (void)lone.step(StreamProbed{kBob, asked.question, Reach::Refused, false});
    (void)lone.step(StreamProbed{kBob, 0, Reach::Refused, false});
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
    EXPECT_EQ(lone.standing(kBob), Standing::Alive);
    (void)probed(asked, Reach::Answered);
    (void)probed(asked, Reach::Refused);
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive) << "a question is answered once";
}

TEST_F(Streams, BrokenIsAskedAfterAndNoVerdict) {
    meet({kAnn});
    const auto asked = broken(kAnn);
    EXPECT_EQ(asked.at, at(kAnn));
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
    EXPECT_TRUE(lone.step(StreamBroken{kAnn}).empty()) << "one check a second";
    (void)probed(asked, Reach::Answered);
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
    (void)lone.waits(seconds{1});
    (void)probed(broken(kAnn), Reach::Refused);
    EXPECT_EQ(lone.standing(kAnn), Standing::AgentDown);
    EXPECT_TRUE(lone.step(StreamBroken{kAnn}).empty()) << "nothing more to find out";
    EXPECT_TRUE(lone.step(StreamBroken{kBob}).empty()) << "unknown";
}

TEST_F(Streams, SilentAfterABreakIsAnAccusationOnly) {
    meet({kAnn});
    (void)probed(broken(kAnn), Reach::Silent);
    EXPECT_EQ(lone.standing(kAnn), Standing::Suspect);
}

TEST_F(Streams, AnsweringInPlaceOfDatagramsIsLifeAndWorthANotice) {
    const struct {
        bool heard;
        NoticeKind kind;
    } cases[] = {{true, NoticeKind::DatagramsInBlocked}, {false, NoticeKind::DatagramsOutBlocked}};

    for (const auto& c : cases) {
        lone = Lone{};
        meet({kAnn});
        std::vector<Notice> notices;
        for (int i = 0; i < 8; ++i) {
            const auto effects = probed(late_probe(), Reach::Answered, c.heard);
            for (const Notice& notice : all<Notice>(effects)) {
                EXPECT_EQ(i, 4) << "at the fifth in a row, once";
                notices.push_back(notice);
            }
        }
        EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
        ASSERT_EQ(notices.size(), 1U);
        EXPECT_EQ(notices[0].kind, c.kind);
        const auto flows = all<Notice>(lone.answers(lone.next_ping()));
        ASSERT_EQ(flows.size(), 1U) << "and when it is over";
        EXPECT_EQ(flows[0].kind, NoticeKind::DatagramsFlow);
        EXPECT_TRUE(all<Notice>(lone.answers(lone.next_ping())).empty());
    }
}

TEST_F(Streams, WhatAPeerHeardBeforeTheBlockDoesNotTellTheDirection) {
    meet({kAnn});
    for (int i = 0; i < 4; ++i) {
        EXPECT_FALSE(has<Notice>(probed(late_probe(), Reach::Answered, true)));
    }
    std::vector<Notice> notices;
    for (int i = 0; i < 5; ++i) {
        for (const Notice& notice : all<Notice>(probed(late_probe(), Reach::Answered, false))) {
            notices.push_back(notice);
        }
    }
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0].kind, NoticeKind::DatagramsOutBlocked);
}

// ---- our own health

TEST_F(Probing, DoubtsItselfWhenRelaysItHearsDoNotAnswer) {
    meet({kAnn, kBob, kCarol});
    const auto all_speak = [&] {
        for (const NodeId& node : {kAnn, kBob, kCarol}) {
            (void)lone.hears(node, Gossip{});
        }
    };
    for (std::uint32_t i = 1; i <= 3; ++i) {
        (void)lone.waits(lone.machine().local_health() * milliseconds{500});
        all_speak();
        (void)lone.next_ping();
        const auto before = lone.machine().local_health();
        (void)lone.waits((before + 1) * milliseconds{500});
        EXPECT_GT(lone.machine().local_health(), before);
    }
    EXPECT_GE(lone.machine().local_health(), 3U);
    (void)lone.meets({0, 9});
    for (int second = 0; second < 60; ++second) {
        all_speak();
        (void)lone.waits(seconds{1});
    }
    EXPECT_EQ(lone.standing({0, 9}), Standing::Alive) << "a node this unwell accuses nobody";
}

TEST_F(Probing, FindsEverybodyUnreachableWhenNobodySpeaks) {
    meet({kAnn, kBob, kCarol, {0, 4}, {0, 5}});
    const auto effects = lone.waits(seconds{20});
    for (const NodeId& node : {kAnn, kBob, kCarol, NodeId{0, 4}, NodeId{0, 5}}) {
        EXPECT_EQ(lone.standing(node), Standing::Unreachable);
    }
    (void)lone.hears(kAnn, Gossip{});
    EXPECT_NE(lone.standing(kAnn), Standing::Unreachable) << "one word is enough";
}

// Eight of ten are gone: their silence says nothing about us while the ninth still answers.
TEST_F(Probing, ExpectsNoWordOfRelaysLongSilent) {
    meet({kAnn, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {0, 6}, {0, 7}, {0, 8}});
    for (int step = 0; step < 600; ++step) {
        for (const Send& send : all<Send>(lone.waits(milliseconds{100}))) {
            if (send.to != kAnn) continue;
            if (const auto* asked = std::get_if<Ping>(&send.message)) {
                (void)lone.hears(kAnn, Ack{kAnn, asked->sequence, 0, {}});
            } else if (const auto* request = std::get_if<PingFor>(&send.message)) {
                (void)lone.hears(kAnn, Nack{request->target, request->sequence});
            }
        }
    }
    EXPECT_EQ(lone.standing(kAnn), Standing::Alive);
    for (std::uint64_t node = 2; node <= 8; ++node) {
        EXPECT_EQ(lone.standing({0, node}), Standing::Unreachable) << node;
    }
    EXPECT_LT(lone.machine().local_health(), 3U);
}

TEST_F(Probing, DoesNotDoubtItselfWhenRelaysSpeak) {
    meet({kAnn, kBob});
    const auto ping = lone.next_ping();
    (void)lone.waits(milliseconds{200});
    const NodeId relay = ping.first == kAnn ? kBob : kAnn;
    (void)lone.hears(relay, Nack{ping.first, ping.second.sequence});
    (void)lone.waits(milliseconds{300});
    EXPECT_EQ(lone.machine().local_health(), 0U);
    EXPECT_EQ(lone.standing(ping.first), Standing::Suspect);
}

TEST_F(Probing, RecoversWithEveryAnswer) {
    meet({kAnn});
    (void)lone.hears(kAnn, Gossip{{{kSelf, 1, Health::Suspect, kOurBoot, at(kSelf)}}});
    ASSERT_EQ(lone.machine().local_health(), 1U);
    (void)lone.answers(lone.next_ping());
    (void)lone.next_ping();
    EXPECT_EQ(lone.machine().local_health(), 0U);
}

}  // namespace
}  // namespace shoal::membership
