// Where things go inside a node: from one machine to a sibling that has never heard of it.
#include "node/agent/facts.h"
#include "node/agent/tokens.h"
#include "tests/agent/lone.h"
#include "tests/store/lone.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace shoal::agent {
namespace {

using placement::ContainerState;
using store::Author;

// Another node's log says `value` under `key`.
Effects says(Lone& lone, Author& author, const std::string& key, std::optional<Bytes> value) {
    auto text = value ? std::optional{to_text(*value)} : std::nullopt;
    return lone.hears(author.id(), store::Message{author.says(key, std::move(text))});
}

const store::Version* written(Lone& lone) {
    return lone.agent().store().find("job/web");
}

placement::JobSpec spec_of(Lone& lone) {
    return *placement::decode_job(written(lone)->body.view());
}

bool present(const Lone& lone, const NodeId& node) {
    return lone.view().is_present(node);
}

// ---- members

TEST(Routing, AsksTheDriverForChecksAndTellsEverybodyWhatCameOfThem) {
    Lone lone;
    (void)lone.starts();
    auto spec = job();
    spec.container.health = {.kind = placement::HealthCheck::Kind::Program, .test = {"check"}};
    (void)lone.submits(spec);
    const placement::ContainerId id{{"web", 0}, 1};
    (void)lone.synced(lone.step(RuntimeReported{{.id = id}}));
    const auto asked = all<CheckContainer>(lone.waits(seconds{5}));
    ASSERT_EQ(asked.size(), 1U);
    const auto state = [&] { return lone.view().claims_of(id.slot).at(0).claim.state; };
    EXPECT_EQ(state(), placement::ClaimState::Starting);
    (void)lone.synced(lone.step(
        CheckReported{{asked[0].id, asked[0].number, placement::CheckOutcome::Passed, ""}}));
    EXPECT_EQ(state(), placement::ClaimState::Healthy);
}

TEST(Routing, TellsStoreAndPlacementWhoIsThere) {
    Lone lone;
    (void)lone.starts();
    EXPECT_FALSE(present(lone, kAnn));
    const auto met = lone.meets(kAnn);
    ASSERT_EQ(all<MemberChanged>(met).size(), 1U);
    EXPECT_EQ(all<MemberChanged>(met)[0].node, kAnn);
    EXPECT_TRUE(present(lone, kAnn));
    const auto wrote =
        lone.synced(lone.step(ClientWrite{.request = 9, .key = "kv/a", .body = to_blob("1")}));
    const auto entries = sent<store::Entry>(wrote);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].first, kAnn);
}

TEST(Routing, SendsStreamsToWhereMembershipKnowsTheNode) {
    Lone lone;
    (void)lone.starts();
    const auto asked = placement::Message{placement::StatusRequest{1, "web"}};
    EXPECT_FALSE(has<Transmit>(lone.hears(kAnn, asked))) << "nobody knows where it is";
    (void)lone.meets(kAnn);
    const auto answers = all<Transmit>(lone.hears(kAnn, asked));
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0].at, at(kAnn));
    EXPECT_EQ(answers[0].channel, Channel::Stream);
}

TEST(Routing, AsksAfterAPeerWhoseStreamBroke) {
    Lone lone;
    (void)lone.starts();
    (void)lone.meets(kAnn);
    const auto out = lone.step(StreamBroken{kAnn});
    ASSERT_EQ(all<ProbeStream>(out).size(), 1U);
    const auto question = all<ProbeStream>(out)[0].question;
    const auto found = lone.step(StreamProbed{kAnn, question, membership::Reach::Refused, false});
    ASSERT_EQ(all<MemberChanged>(found).size(), 1U);
    EXPECT_EQ(all<MemberChanged>(found)[0].after, Standing::AgentDown);
    EXPECT_FALSE(present(lone, kAnn));
}

TEST(Routing, HearsFromItsOwnIdOnlyForTheSakeOfMembership) {
    Lone lone;
    (void)lone.starts();
    const store::Version version{.gen = 1, .author = kAnn, .submission = {1, 1}};
    EXPECT_TRUE(
        lone.hears(lone.self(), store::Message{store::Entry{"kv/a", version, true}}).empty());
    EXPECT_EQ(lone.agent().store().find("kv/a"), nullptr);
    EXPECT_TRUE(
        lone.hears(lone.self(), placement::Message{placement::StatusRequest{1, "web"}}).empty());
    const membership::Claim twin{
        .about = lone.self(), .incarnation = 1000, .boot = kOurBoot + 1, .endpoint = at(kBob)};
    const auto out = lone.hears(lone.self(), membership::Message{membership::Join{twin}});
    ASSERT_EQ(all<membership::Notice>(out).size(), 1U);
    EXPECT_EQ(all<membership::Notice>(out)[0].kind, membership::NoticeKind::TwinSeen);
}

// ---- the journal's answers

TEST(Routing, GivesEachMachineItsOwnAnswersOfTheJournal) {
    Lone lone;
    const auto asked =
        all<Persist>(lone.step(Start{{"10.0.0.100", 7373}, false, our_facts(), {1000}}));
    std::optional<Token> of_membership;
    std::optional<Token> of_store;
    for (const Persist& persist : asked) {
        if (owner_of(persist.token) == Owner::Membership) of_membership = persist.token;
        if (owner_of(persist.token) == Owner::Store) of_store = persist.token;
    }
    ASSERT_TRUE(of_membership && of_store);
    EXPECT_TRUE(lone.agent().store().own_log().empty());
    EXPECT_EQ(own_token(*of_membership), own_token(*of_store)) << "each counts for itself";
    (void)lone.step(Persisted{*of_store});
    EXPECT_FALSE(lone.agent().membership().started());
    EXPECT_FALSE(lone.agent().store().own_log().empty());
    (void)lone.step(Persisted{*of_membership});
    EXPECT_TRUE(lone.agent().membership().started());
}

TEST(Routing, TellsWhoseWriteTheJournalRefused) {
    Lone lone;
    (void)lone.starts();
    const auto asked =
        all<Persist>(lone.step(ClientWrite{.request = 9, .key = "kv/a", .body = to_blob("1")}));
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_TRUE(lone.step(PersistFailed{agent_token(Owner::Membership, own_token(asked[0].token)),
                                        "not this one"})
                    .empty());
    const auto done = all<WriteDone>(lone.step(PersistFailed{asked[0].token, "disk full"}));
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].outcome, store::WriteOutcome::Failed);
    EXPECT_EQ(done[0].why, "disk full");
}

// ---- from a job to a claim

TEST(Routing, PlacesASubmittedJobHereAndPublishesTheClaim) {
    Lone lone;
    (void)lone.starts();
    const auto out = lone.submits(job());
    ASSERT_EQ(all<WriteDone>(out).size(), 1U);
    EXPECT_EQ(all<WriteDone>(out)[0].outcome, store::WriteOutcome::Done);
    ASSERT_EQ(all<StartContainer>(out).size(), 1U);
    const placement::ContainerId id{{"web", 0}, 1};
    EXPECT_EQ(all<StartContainer>(out)[0].id, id);
    (void)lone.synced(lone.step(RuntimeReported{{id, ContainerState::Running, 0, ""}}));
    const auto& records = lone.agent().store().own_log().records();
    const auto claim = records.find("alloc/web/0/1");
    ASSERT_NE(claim, records.end());
    EXPECT_EQ(placement::decode_claim(claim->second.record.value.view())->state,
              placement::ClaimState::Healthy);
    EXPECT_EQ(lone.view().claims_of({"web", 0}).size(), 1U) << "and hears of it as others do";
}

TEST(Routing, StartsNothingBeforeTheLedgerIsOnDisk) {
    Lone lone;
    (void)lone.starts();
    const auto asked = all<Persist>(lone.step(ClientJob{.request = 1, .spec = job()}));
    ASSERT_EQ(asked.size(), 1U);
    const auto bid = lone.step(Persisted{asked[0].token});
    const auto ledger = all<Persist>(bid);
    ASSERT_EQ(ledger.size(), 1U);
    EXPECT_EQ(owner_of(ledger[0].token), Owner::Placement);
    EXPECT_FALSE(has<StartContainer>(bid));
    EXPECT_FALSE(has<StartContainer>(lone.step(Persisted{asked[0].token})));
    EXPECT_TRUE(has<StartContainer>(lone.step(Persisted{ledger[0].token})));
}

TEST(Routing, RefusesAJobThatIsNotValid) {
    Lone lone;
    (void)lone.starts();
    auto nameless = job();
    nameless.name = "";
    const auto out = lone.step(ClientJob{.request = 5, .spec = nameless});
    ASSERT_EQ(out.size(), 1U);
    const auto& done = std::get<WriteDone>(out[0]);
    EXPECT_EQ(done.request, 5U);
    EXPECT_EQ(done.outcome, store::WriteOutcome::Failed);
    EXPECT_FALSE(done.why.empty());
}

TEST(Routing, StatesAtWhichGenerationTheTemplateLastChanged) {
    Lone lone;
    (void)lone.starts();
    auto spec = job();
    spec.template_gen = 77;  // The client's word does not count.
    (void)lone.submits(spec);
    EXPECT_EQ(spec_of(lone).template_gen, 1U);
    (void)lone.submits(job(3));
    EXPECT_EQ(written(lone)->gen, 2U);
    EXPECT_EQ(spec_of(lone).template_gen, 1U) << "a scale restarts nothing";
    (void)lone.submits(job(3, "app:2"));
    EXPECT_EQ(spec_of(lone).template_gen, 3U);
    (void)lone.synced(
        lone.step(ClientWrite{.request = 50, .key = "job/web", .submission = {8, 1}}));
    ASSERT_TRUE(written(lone)->tombstone);
    (void)lone.submits(job(3, "app:2"));
    EXPECT_EQ(spec_of(lone).template_gen, 5U) << "a deleted job begins anew";
}

TEST(Routing, LeavesAJobAloneWhoseEntrySpeaksOfAnother) {
    Lone lone;
    (void)lone.starts();
    const auto entry = [](std::uint64_t gen, const Bytes& body) {
        const store::Version version{
            .gen = gen, .author = kAnn, .submission = {9, gen}, .body = Blob{body}};
        return store::Message{store::Entry{"job/web", version, false}};
    };
    auto other = job();
    other.name = "db";
    auto absurd = job();
    absurd.replicas = placement::kReplicasMax + 1;
    std::uint64_t gen = 0;
    for (const Bytes& body :
         {placement::encode_job(other), placement::encode_job(absurd), to_bytes("garbage")}) {
        const auto out = lone.hears(kAnn, entry(++gen, body));
        EXPECT_TRUE(has<EntryChanged>(out)) << "stored and told as it is";
        EXPECT_TRUE(lone.view().jobs.empty());
    }
    (void)lone.hears(kAnn, entry(++gen, placement::encode_job(job())));
    EXPECT_EQ(lone.view().jobs.size(), 1U);
}

// ---- other nodes' facts and claims

TEST(Routing, TellsPlacementWhatOthersOffer) {
    Lone lone;
    (void)lone.starts();
    Author author{2};
    EXPECT_TRUE(has<FactChanged>(says(lone, author, kSelfFact, to_bytes("garbage"))));
    EXPECT_FALSE(lone.view().facts.contains(author.id())) << "what does not decode is left alone";
    (void)says(lone, author, kSelfFact, placement::encode_facts({.name = "other"}));
    ASSERT_TRUE(lone.view().facts.contains(author.id()));
    EXPECT_EQ(lone.view().facts.at(author.id()).name, "other");
    (void)says(lone, author, kSelfFact, to_bytes("garbage"));
    EXPECT_EQ(lone.view().facts.at(author.id()).name, "other");
    (void)says(lone, author, kSelfFact, std::nullopt);
    EXPECT_FALSE(lone.view().facts.contains(author.id()));
}

TEST(Routing, BelievesAClaimOnlyOfTheSlotItsKeyNames) {
    Lone lone;
    (void)lone.starts();
    Author author{2};
    const placement::SlotId slot{"web", 0};
    const auto claim = [&](std::uint32_t index, placement::Epoch epoch) {
        return placement::encode_claim({.slot = {"web", index}, .epoch = epoch});
    };
    (void)says(lone, author, "alloc/web/0/1", claim(1, 1));
    (void)says(lone, author, "alloc/web/0/1", claim(0, 2));
    (void)says(lone, author, "alloc/web/0/1", to_bytes("garbage"));
    (void)says(lone, author, "alloc/web/00/1", claim(0, 1));
    (void)says(lone, author, "alloc/web", claim(0, 1));
    EXPECT_TRUE(lone.view().claims.empty());
    (void)says(lone, author, "alloc/web/0/1", claim(0, 1));
    ASSERT_EQ(lone.view().claims_of(slot).size(), 1U);
    EXPECT_EQ(lone.view().claims_of(slot)[0].node, author.id());
    (void)says(lone, author, "alloc/web/0/1", std::nullopt);
    EXPECT_TRUE(lone.view().claims_of(slot).empty());
}

TEST(Routing, TellsWhoHoldsAVolumeBothWays) {
    Lone lone;
    (void)lone.starts();
    const placement::VolumeId data{"data", 0};
    const auto used = placement::encode_volume({.used = true});
    Author author{2};
    (void)says(lone, author, "volume/data/0", to_bytes("garbage"));
    (void)says(lone, author, "volume/data/00", used);
    EXPECT_TRUE(lone.view().volumes.empty());
    (void)says(lone, author, "volume/data/0", used);
    EXPECT_EQ(lone.view().holder(data), author.id());
    (void)says(lone, author, "volume/data/0", std::nullopt);
    EXPECT_TRUE(lone.view().volumes.empty());

    // A directory found at the start is told of in our own log, and goes when a person says so.
    Lone holder;
    (void)holder.synced(
        holder.step(Start{{"10.0.0.100", 7373}, false, our_facts(), {1000}, {data}}));
    EXPECT_EQ(holder.view().holder(data), holder.agent().self());
    (void)holder.synced(holder.step(RemoveVolume{data}));
    EXPECT_EQ(holder.view().holder(data), std::nullopt);
}

// ---- leaving

TEST(Trouble, OfTheRuntimeIsTheReasonForNotBidding) {
    Lone lone;
    (void)lone.starts();
    (void)lone.step(RuntimeTroubled{"containerd is away"});
    EXPECT_FALSE(has<StartContainer>(lone.submits(job())));
    EXPECT_THAT(lone.agent().placement().sentence("web"),
                ::testing::HasSubstr("containerd is away"));
    (void)lone.step(RuntimeTroubled{""});
    EXPECT_TRUE(has<StartContainer>(lone.waits(seconds{30})));
}

TEST(Leaving, DrainsFirst) {
    Lone lone;
    (void)lone.starts();
    const auto id = lone.runs();
    const auto out = lone.synced(lone.step(Leave{false, seconds{20}}));
    ASSERT_EQ(all<StopContainer>(out).size(), 1U);
    EXPECT_EQ(all<StopContainer>(out)[0].reason, placement::StopReason::Draining);
    EXPECT_TRUE(lone.view().facts.at(lone.self()).draining) << "everybody is told";
    EXPECT_FALSE(has<MustStop>(lone.waits(seconds{10}))) << "it still runs";
    (void)lone.synced(lone.step(RuntimeReported{{id, ContainerState::Exited, 0, ""}}));
    const auto gone = lone.waits(seconds{1});
    ASSERT_EQ(all<MustStop>(gone).size(), 1U);
    EXPECT_FALSE(all<MustStop>(gone)[0].twin);
}

TEST(Leaving, WaitsNoLongerThanItsDeadline) {
    Lone lone;
    (void)lone.starts();
    (void)lone.runs();
    (void)lone.synced(lone.step(Leave{false, seconds{20}}));
    EXPECT_FALSE(has<MustStop>(lone.waits(seconds{19})));
    EXPECT_TRUE(has<MustStop>(lone.waits(seconds{2})));
}

TEST(Leaving, AtOnceDoesNotWaitForWhatRuns) {
    Lone lone;
    (void)lone.starts();
    (void)lone.runs();
    const auto out = lone.synced(lone.step(Leave{true, seconds{20}}));
    EXPECT_TRUE(has<StopContainer>(out));
    EXPECT_LE(lone.agent().wakeup(), lone.now());
    EXPECT_TRUE(has<MustStop>(lone.waits(seconds{1})));
}

TEST(Leaving, WithNothingRunningTakesAMoment) {
    Lone lone;
    (void)lone.starts();
    (void)lone.synced(lone.step(Leave{false, seconds{20}}));
    EXPECT_TRUE(has<MustStop>(lone.waits(seconds{1})));
}

// ---- what the host knows

TEST(Routing, PublishesWhatTheHostHoldsAndNothingElseOfItsWriting) {
    Lone lone;
    (void)lone.starts();
    const auto told = lone.synced(lone.step(
        HostFacts{{{"image/a", to_blob("1")}, {kSelfFact, to_blob("2")}, {"alloc/x", {}}}}));
    const auto changed = all<FactChanged>(told);
    ASSERT_EQ(changed.size(), 1U);
    EXPECT_EQ(changed[0].key, "image/a");
    const auto gone =
        all<FactChanged>(lone.synced(lone.step(HostFacts{{{"image/a", std::nullopt}}})));
    ASSERT_EQ(gone.size(), 1U);
    EXPECT_FALSE(gone[0].value);
}

TEST(Routing, TellsPlacementWhichImagesAreHere) {
    Lone lone;
    (void)lone.starts();
    auto spec = job();
    spec.container.image = "web:1@sha256:1";
    const auto has_to_fetch = [&](const std::string& name) {
        spec.name = name;
        (void)lone.submits(spec);
        const auto verdicts = lone.agent().placement().verdicts(name);
        return verdicts.size() == 1 && verdicts[0].bids && !verdicts[0].reasons.empty();
    };
    EXPECT_TRUE(has_to_fetch("a"));
    (void)lone.synced(lone.step(HostFacts{{{"image/sha256:1", to_blob("1")}}}));
    EXPECT_FALSE(has_to_fetch("b"));
    (void)lone.synced(lone.step(HostFacts{{{"image/sha256:1", std::nullopt}}}));
    EXPECT_TRUE(has_to_fetch("c"));
}

TEST(Routing, TellsPlacementOfAFullDisk) {
    Lone lone;
    (void)lone.starts();
    (void)lone.step(DiskSpace{"has no space"});
    const auto waiting = lone.submits(job());
    const auto decided = all<SlotDecided>(waiting);
    ASSERT_FALSE(decided.empty());
    EXPECT_EQ(decided.back().what, placement::SlotDecided::What::Pending);
    EXPECT_NE(decided.back().sentence.find("has no space"), std::string::npos)
        << decided.back().sentence;
}

}  // namespace
}  // namespace shoal::agent
