// The ledger never promises more than there is, and no port twice.
#include "placement/ledger.h"

#include "node/base/random.h"
#include "tests/placement/words.h"
#include "tests/support/disk.h"

#include <gtest/gtest.h>

#include <map>
#include <rapidcheck.h>
#include <set>
#include <utility>

namespace shoal::placement {
namespace {

constexpr Ledger::PortRange kFewPorts{20'000, 20'005};

Promise promise(std::uint32_t index, Epoch epoch = 1, std::vector<PortWish> ports = {}) {
    Promise out{.slot = {"web", index}, .epoch = epoch, .spec = job(100)};
    out.spec.container.ports = std::move(ports);
    return out;
}

PortWish wish(std::uint16_t host, Protocol protocol = Protocol::Tcp) {
    return {.host_port = host, .container_port = 80, .protocol = protocol};
}

std::vector<Reason> lacking(const Ledger& ledger, const Promise& one, std::uint32_t count = 1) {
    return ledger.lacking(reserved(one.spec), one.spec.container.ports, count);
}

// Ends it, and the disk knows.
void over(Ledger& ledger, const ContainerId& id) {
    (void)ledger.end(id);
    ledger.ended(id);
}

TEST(Ledger, SaysWithNumbersWhatIsLacking) {
    const Ledger ledger{{1500, kGiB / 2}, {}};
    const auto reasons = lacking(ledger, promise(0), 2);
    ASSERT_EQ(reasons.size(), 2U);
    EXPECT_EQ(reasons[0].filter, Filter::Cpu);
    EXPECT_EQ(reasons[0].need, 2000U);
    EXPECT_EQ(reasons[0].have, 1500U);
    EXPECT_EQ(reasons[0].detail, "needs 2000 mCPU, has 1500 free of 1500");
    EXPECT_EQ(reasons[1].filter, Filter::Memory);
    EXPECT_EQ(reasons[1].detail, "needs 1.0 GiB, has 512 MiB free of 512 MiB");
}

TEST(Ledger, GivesCapacityBackOnceTheDiskKnows) {
    Ledger ledger{{1000, kGiB}, {}};
    const auto one = promise(0);
    EXPECT_TRUE(lacking(ledger, one).empty());
    (void)ledger.add(one);
    EXPECT_EQ(lacking(ledger, promise(1)).size(), 2U);
    (void)ledger.end({one.slot, 1});
    EXPECT_EQ(lacking(ledger, promise(1)).size(), 2U) << "a crash could bring it back";
    EXPECT_TRUE(ledger.all().empty());
    ledger.ended({one.slot, 1});
    EXPECT_TRUE(lacking(ledger, promise(1)).empty());
    ledger.ended({one.slot, 1});
    EXPECT_EQ(ledger.used(), Resources{}) << "given back once";
}

TEST(Ledger, ToleratesACapacityThatShrank) {
    Ledger ledger{{4000, 4 * kGiB}, {}};
    (void)ledger.add(promise(0));
    (void)ledger.add(promise(1));
    ledger.set_capacity({1000, kGiB});
    EXPECT_EQ(lacking(ledger, promise(2)).at(0).have, 0U);
}

TEST(Ledger, DoesNotWrapAroundAHostileNeed) {
    const Ledger ledger{{1000, kGiB}, {}};
    EXPECT_EQ(ledger.lacking({~0U, ~0ULL}, {}, ~0U).size(), 2U);
    EXPECT_EQ(ledger.lacking({1U << 31U, 1ULL << 63U}, {}, 2).size(), 2U);
}

TEST(Ledger, GivesEveryPortToOne) {
    Ledger ledger{{4000, 4 * kGiB}, {}};
    const auto web = promise(0, 1, {wish(80)});
    (void)ledger.add(web);
    const auto reasons = lacking(ledger, promise(1, 1, {wish(80)}));
    ASSERT_EQ(reasons.size(), 1U);
    EXPECT_EQ(reasons[0].filter, Filter::Port);
    EXPECT_EQ(reasons[0].detail, "host port 80 is taken");
    EXPECT_TRUE(lacking(ledger, promise(1, 1, {wish(80, Protocol::Udp)})).empty());
    EXPECT_EQ(lacking(ledger, promise(1, 1, {wish(81)}), 2).size(), 1U) << "two of a fixed port";
    over(ledger, {web.slot, 1});
    EXPECT_TRUE(lacking(ledger, promise(1, 1, {wish(80)})).empty());
}

TEST(Ledger, ChoosesPortsThatNobodyHas) {
    Ledger ledger{{4000, 4 * kGiB}, kFewPorts};
    // The port that is asked for by name comes last and must not have been given away before.
    const auto& one = ledger.add(promise(0, 1, {wish(0), wish(0), wish(20'000)}));
    const std::set<std::uint16_t> given{one.host_ports.begin(), one.host_ports.end()};
    EXPECT_EQ(given.size(), 3U);
    EXPECT_EQ(one.host_ports[2], 20'000);
}

TEST(Ledger, SaysThatItHasNoPortLeftToChoose) {
    Ledger ledger{{9000, 90 * kGiB}, kFewPorts};
    (void)ledger.add(promise(0, 1, {wish(0), wish(0), wish(20'003), wish(0)}));
    EXPECT_TRUE(lacking(ledger, promise(1, 1, {wish(0)}), 2).empty());
    const auto reasons = lacking(ledger, promise(1, 1, {wish(0)}), 3);
    ASSERT_EQ(reasons.size(), 1U);
    EXPECT_EQ(reasons[0].filter, Filter::Port);
    EXPECT_EQ(reasons[0].need, 3U);
    EXPECT_EQ(reasons[0].have, 2U);
    EXPECT_TRUE(lacking(ledger, promise(1, 1, {wish(0, Protocol::Udp)}), 3).empty());
}

TEST(Ledger, RemembersTheEpochOfWhatEnded) {
    Ledger ledger{{4000, 4 * kGiB}, {}};
    EXPECT_EQ(ledger.highest_epoch({"web", 0}), 0U);
    (void)ledger.add(promise(0, 7));
    EXPECT_EQ(ledger.highest_epoch({"web", 0}), 7U);
    over(ledger, {{"web", 0}, 7});
    EXPECT_EQ(ledger.highest_epoch({"web", 0}), 7U);
    EXPECT_EQ(ledger.highest_epoch({"web", 1}), 0U);
    (void)ledger.add(promise(0, 8));
    ledger.forget({{"web", 0}, 8});
    EXPECT_EQ(ledger.highest_epoch({"web", 0}), 7U) << "that one never came to be";
}

TEST(Ledger, CountsTheReplicasOfAJobThatStay) {
    Ledger ledger{{9000, 90 * kGiB}, {}};
    (void)ledger.add(promise(0));
    ledger.add(promise(1)).draining = true;
    auto other = promise(0);
    other.slot.job = other.spec.name = "web2";
    (void)ledger.add(other);
    EXPECT_EQ(ledger.replicas_of("web"), 1U);
}

// Any sequence of awards, ends, journal failures and crashes, against plain arithmetic.
TEST(LedgerLaw, NeverPromisesMoreThanThereIsNorAPortTwice) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        const Resources capacity{5000, 5 * kGiB};
        Ledger ledger{capacity, kFewPorts};
        tests::Disk disk;
        Epoch epoch = 0;
        for (int round = 0; round < 60; ++round) {
            const auto action = random.below(10);
            if (action < 6) {
                Promise one = promise(static_cast<std::uint32_t>(random.below(4)), ++epoch);
                one.spec.container.need = {static_cast<std::uint32_t>(random.below(2500)),
                                           random.below(3) * kGiB / 2};
                for (auto left = random.below(3); left > 0; --left) {
                    const bool chosen = random.below(2) == 0;
                    const auto port = static_cast<std::uint16_t>(20'000 + random.below(4));
                    one.spec.container.ports.push_back(wish(chosen ? 0 : port));
                }
                if (!lacking(ledger, one).empty()) continue;
                disk.write({ledger.row(ledger.add(one))});
            } else if (action < 9 && !ledger.all().empty()) {
                auto at = ledger.all().begin();
                std::advance(at, static_cast<long>(random.below(ledger.all().size())));
                const ContainerId id = at->first;
                disk.write(ledger.end(id));
                if (random.below(2) == 0) ledger.ended(id);
            } else {
                ledger = Ledger{capacity, kFewPorts};
                ledger.restore(disk.rows());
            }
            Resources sum;
            std::set<std::uint16_t> ports;
            for (const auto& [id, one] : ledger.all()) {
                sum.cpu_milli += reserved(one.spec).cpu_milli;
                sum.memory_bytes += reserved(one.spec).memory_bytes;
                std::set<std::uint16_t> own{one.host_ports.begin(), one.host_ports.end()};
                RC_ASSERT(!own.contains(0));
                for (const auto port : own) {
                    RC_ASSERT(ports.insert(port).second);
                }
            }
            RC_ASSERT(sum.cpu_milli <= ledger.used().cpu_milli);
            RC_ASSERT(sum.memory_bytes <= ledger.used().memory_bytes);
            RC_ASSERT(ledger.used().cpu_milli <= capacity.cpu_milli);
            RC_ASSERT(ledger.used().memory_bytes <= capacity.memory_bytes);
            for (std::uint32_t index = 0; index < 4; ++index) {
                RC_ASSERT(ledger.highest_epoch({"web", index}) <= epoch);
            }
        }
    }));
}

TEST(LedgerLaw, ComesBackFromTheDiskAsItWas) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        Ledger ledger{{50'000, 50 * kGiB}, {}};
        tests::Disk disk;
        for (Epoch epoch = 1; epoch < 20; ++epoch) {
            Promise one = promise(static_cast<std::uint32_t>(random.below(4)), epoch,
                                  {wish(0), wish(0, Protocol::Udp)});
            one.token = random.next();
            disk.write({ledger.row(ledger.add(one))});
            if (random.below(2) == 0) {
                const ContainerId id = ledger.all().begin()->first;
                disk.write(ledger.end(id));
                ledger.ended(id);
            }
        }
        Ledger next{{50'000, 50 * kGiB}, {}};
        next.restore(disk.rows());
        RC_ASSERT(next.all() == ledger.all());
        RC_ASSERT(next.used() == ledger.used());
        for (std::uint32_t index = 0; index < 4; ++index) {
            RC_ASSERT(next.highest_epoch({"web", index}) == ledger.highest_epoch({"web", index}));
        }
    }));
}

TEST(Ledger, IsNotDisturbedByDamagedRows) {
    Ledger ledger{{4000, 4 * kGiB}, {}};
    tests::Disk disk;
    disk.write({ledger.row(ledger.add(promise(0)))});
    auto renamed = ledger.row(ledger.all().begin()->second);
    renamed.key = "promise/alloc/web/9/9";
    disk.write({renamed,
                {Table::Ledger, "promise/alloc/x/1/1", to_blob("nonsense")},
                {Table::Ledger, "ended/", to_blob("x")},
                {Table::Ledger, "what", Blob{}}});
    Ledger next{{4000, 4 * kGiB}, {}};
    next.restore(disk.rows());
    EXPECT_EQ(next.all().size(), 1U);
    EXPECT_EQ(next.used(), (Resources{1000, kGiB})) << "counted once";
}

}  // namespace
}  // namespace shoal::placement
