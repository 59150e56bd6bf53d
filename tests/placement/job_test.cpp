// What a job may be, and that it travels unharmed.
#include "placement/job.h"

#include "placement/codec.h"
#include "placement/ledger.h"
#include "tests/placement/words.h"
#include "tests/support/arbitrary.h"
#include "tests/support/codec.h"

#include <gtest/gtest.h>

#include <functional>
#include <rapidcheck.h>
#include <utility>

namespace shoal::placement {
namespace {

TEST(JobSpecs, AreFineAsTheyUsuallyAre) {
    EXPECT_TRUE(validate(job()).has_value());
    EXPECT_TRUE(validate(job(kReplicasMax)).has_value());
    EXPECT_TRUE(validate(job(0)).has_value()) << "scaled to nothing";
    EXPECT_TRUE(validate(job(1, 1, "project/web-1_a")).has_value());
}

TEST(JobSpecs, AreRefusedWithWhatIsWrong) {
    const struct {
        std::function<void(JobSpec&)> spoil;
        Errc code;
        const char* says;
    } cases[] = {
        {[](JobSpec& j) { j.name = ""; }, Errc::Malformed, "name ''"},
        {[](JobSpec& j) { j.name = "Web"; }, Errc::Malformed, "lower-case"},
        {[](JobSpec& j) { j.name = "a b"; }, Errc::Malformed, "name 'a b'"},
        {[](JobSpec& j) { j.name = "/web"; }, Errc::Malformed, "parts divided by '/'"},
        {[](JobSpec& j) { j.name = "web/"; }, Errc::Malformed, "name"},
        {[](JobSpec& j) { j.name = "a//b"; }, Errc::Malformed, "name"},
        {[](JobSpec& j) { j.name = std::string(129, 'a'); }, Errc::Malformed, "128"},
        {[](JobSpec& j) { j.container.image = ""; }, Errc::Malformed, "image"},
        {[](JobSpec& j) { j.container.image = std::string(513, 'i'); }, Errc::Malformed, "image"},
        {[](JobSpec& j) { j.replicas = kReplicasMax + 1; }, Errc::TooLarge, "10001"},
        {[](JobSpec& j) { j.container.ports.resize(257, {.container_port = 1}); }, Errc::TooLarge,
         "256 ports"},
        {[](JobSpec& j) { j.container.command.resize(1025); }, Errc::TooLarge, "1024"},
        {[](JobSpec& j) { j.container.entrypoint.resize(1025); }, Errc::TooLarge, "1024"},
        {[](JobSpec& j) { j.constraints.resize(65, {.attribute = "node.name"}); }, Errc::TooLarge,
         "64 constraints"},
        {[](JobSpec& j) { j.container.ports.push_back({}); }, Errc::Malformed, "container port"},
        {[](JobSpec& j) { j.constraints.push_back({.attribute = "node.colour"}); }, Errc::Malformed,
         "'node.colour'"},
        {[](JobSpec& j) { j.container.process.user = "a b"; }, Errc::Malformed, "process.user"},
        {[](JobSpec& j) { j.spread = {"node.colour"}; }, Errc::Malformed, "'node.colour'"},
        {[](JobSpec& j) { j.spread.resize(9, "node.zone"); }, Errc::TooLarge, "spread"},
    };

    for (const auto& c : cases) {
        JobSpec spec = job();
        c.spoil(spec);
        const auto result = validate(spec);
        ASSERT_FALSE(result.has_value()) << c.says;
        EXPECT_EQ(result.error().code, c.code) << c.says;
        EXPECT_NE(result.error().detail.find(c.says), std::string::npos) << result.error().detail;
    }
}

TEST(JobSpecs, ChangeTheirTemplateHashWithAnythingThatShapesAContainer) {
    const Template base = job().container;
    const std::function<void(Template&)> changes[] = {
        [](Template& t) { t.image += "x"; },
        [](Template& t) { t.entrypoint.push_back("x"); },
        [](Template& t) { t.command.push_back("x"); },
        [](Template& t) { t.environment["X"] = "1"; },
        [](Template& t) { t.labels["x"] = "1"; },
        [](Template& t) { ++t.need.cpu_milli; },
        [](Template& t) { ++t.need.memory_bytes; },
        [](Template& t) { t.ports.push_back({.container_port = 80}); },
        [](Template& t) { ++t.stop_grace_ms; },
        [](Template& t) { t.init = true; },
        [](Template& t) { t.process.user = "fish"; },
    };
    for (const auto& change : changes) {
        Template other = base;
        change(other);
        EXPECT_NE(template_hash(other), template_hash(base)) << &change - changes;
    }
    EXPECT_EQ(template_hash(job(5, 1).container), template_hash(base)) << "scale restarts nothing";
}

TEST(JobSpecs, HaveAKeyOfTheirOwn) {
    EXPECT_EQ(job_key("web"), "job/web");
    EXPECT_TRUE(is_job_key("job/web"));
    EXPECT_FALSE(is_job_key("jobs/web"));
    EXPECT_FALSE(is_job_key("kv/job/web"));
}

TEST(JobSpecs, ReserveTheDefaultsForWhatIsNotDeclared) {
    JobSpec spec = job();
    EXPECT_EQ(reserved(spec), (Resources{1000, kGiB}));
    spec.container.need = {0, 0};
    EXPECT_EQ(reserved(spec), kDefaultNeed);
    spec.container.need = {2000, 0};
    EXPECT_EQ(reserved(spec), (Resources{2000, kDefaultNeed.memory_bytes}));
}

TEST(PlacementCodec, ReturnsEveryMessageAsItWas) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        tests::for_each_case<Message>(random, [](Message message) {
            if (auto* bid = std::get_if<Bid>(&message)) {
                std::sort(bid->prices.begin(), bid->prices.end());
            }
            const auto back = decode_message(encode_message(message));
            RC_ASSERT(back.has_value());
            RC_ASSERT(*back == message);
        });
    }));
}

TEST(PlacementCodec, ReturnsSpecsClaimsFactsAndPromisesAsTheyWere) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        const auto spec = tests::arbitrary<JobSpec>(random);
        RC_ASSERT(*decode_job(encode_job(spec)) == spec);
        const auto claim = tests::arbitrary<Claim>(random);
        RC_ASSERT(*decode_claim(encode_claim(claim)) == claim);
        const auto facts = tests::arbitrary<NodeFacts>(random);
        RC_ASSERT(*decode_facts(encode_facts(facts)) == facts);
        const auto promise = tests::arbitrary<Promise>(random);
        RC_ASSERT(*decode_promise(encode_promise(promise)) == promise);
    }));
}

TEST(PlacementCodec, AcceptsNothingCutShortOrWithMoreBehindIt) {
    Random random{3};
    tests::for_each_case<Message>(random, [](const Message& message) {
        tests::expect_only_whole(encode_message(message), decode_message);
    });
    tests::expect_only_whole(encode_job(tests::arbitrary<JobSpec>(random)), decode_job);
    tests::expect_only_whole(encode_claim(tests::arbitrary<Claim>(random)), decode_claim);
    tests::expect_only_whole(encode_facts(tests::arbitrary<NodeFacts>(random)), decode_facts);
}

TEST(PlacementCodec, RaisesAPriceThatFalls) {
    const Message bid = Bid{.request = 1, .ticket = 2, .prices = {10, 5, 20, 1}};
    const auto back = decode_message(encode_message(bid));
    EXPECT_EQ(std::get<Bid>(*back).prices, (std::vector<std::uint32_t>{10, 10, 20, 20}));
}

TEST(PlacementCodec, RefusesValuesNoEnumHas) {
    auto claim = claim_of(job(), 0, 1);
    claim.state = static_cast<ClaimState>(99);
    EXPECT_FALSE(decode_claim(encode_claim(claim)).has_value());
    auto spec = job();
    spec.restart = static_cast<RestartPolicy>(3);
    EXPECT_FALSE(decode_job(encode_job(spec)).has_value());
    const NoBid no{.request = 1, .reasons = {{.filter = static_cast<Filter>(99)}}};
    EXPECT_FALSE(decode_message(encode_message(no)).has_value());
}

TEST(ClaimKeys, NameSlotAndEpochAndNothingElse) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        const char* const names[] = {"web", "project/web", "a/1/2", "alloc/x"};
        const SlotId slot{names[random.below(4)], static_cast<std::uint32_t>(random.next())};
        const Epoch epoch = random.next();
        const auto key = parse_claim_key(claim_key(slot, epoch));
        RC_ASSERT(key.has_value());
        RC_ASSERT(key->slot == slot);
        RC_ASSERT(key->epoch == epoch);
    }));
    for (const char* bad :
         {"", "alloc/", "alloc/web", "alloc/web/1", "alloc//1/2", "alloc/web/x/1", "alloc/web/1/x",
          "alloc/web/-1/1", "alloc/web/1/", "alloc/web//1", "alloc/web/4294967296/1",
          "alloc/web/1/18446744073709551616", "job/web/1/1", "alloc/web/1/1 "}) {
        EXPECT_FALSE(parse_claim_key(bad).has_value()) << bad;
    }
}

}  // namespace
}  // namespace shoal::placement
