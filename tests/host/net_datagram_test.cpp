#include "node/base/random.h"
#include "node/host/net/datagram.h"
#include "node/host/net/replay.h"
#include "tests/support/seeds.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace shoal::host {
namespace {

Secret key_of(std::uint8_t seed) {
    const Bytes bytes(32, seed);
    return Secret{ByteView{bytes}};
}

const Datagram kDatagram{{1, 2}, {3, 4}, 5, 6, to_bytes("ping")};

TEST(SealedDatagram, OpensUnderTheSameKey) {
    const ClusterKeyRing keys{key_of(1)};
    const auto sealed = seal_datagram(kDatagram, kProto, keys);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(open_datagram(*sealed, kProto, keys), kDatagram);
}

TEST(SealedDatagram, DoesNotShowItsPayload) {
    const ClusterKeyRing keys{key_of(1)};
    Datagram datagram = kDatagram;
    datagram.payload = Bytes(64, 'A');
    const auto text = to_text(*seal_datagram(datagram, kProto, keys));
    EXPECT_EQ(text.find("AAAA"), std::string::npos);
}

TEST(SealedDatagram, IsNeverTheSameBytesTwice) {
    const ClusterKeyRing keys{key_of(1)};
    EXPECT_NE(*seal_datagram(kDatagram, kProto, keys), *seal_datagram(kDatagram, kProto, keys));
}

TEST(SealedDatagram, DoesNotOpenUnderAnotherKey) {
    const ClusterKeyRing keys{key_of(1)};
    const ClusterKeyRing others{key_of(2)};
    EXPECT_EQ(open_datagram(*seal_datagram(kDatagram, kProto, keys), kProto, others).error(),
              Stranger::WrongKey);
}

TEST(SealedDatagram, DoesNotOpenWithAnyBitChanged) {
    const ClusterKeyRing keys{key_of(1)};
    const auto sealed = *seal_datagram(kDatagram, kProto, keys);
    for (std::size_t i = 0; i < sealed.size() * 8; ++i) {
        Bytes changed = sealed;
        changed[i / 8] = static_cast<std::uint8_t>(changed[i / 8] ^ (1U << (i % 8)));
        EXPECT_FALSE(open_datagram(changed, kProto, keys)) << "bit " << i;
    }
}

TEST(SealedDatagram, DoesNotOpenCutShortOrPadded) {
    const ClusterKeyRing keys{key_of(1)};
    auto bytes = *seal_datagram(kDatagram, kProto, keys);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(open_datagram(ByteView{bytes}.first(size), kProto, keys)) << size;
    }
    bytes.push_back(0);
    EXPECT_FALSE(open_datagram(bytes, kProto, keys));
}

TEST(SealedDatagram, RefusesOnlyRangesThatDoNotMeet) {
    struct Case {
        ProtoRange theirs;
        bool taken;
    };

    const ClusterKeyRing keys{key_of(1)};
    const ProtoRange own{2, 3};
    for (const auto& c : std::vector<Case>{
             {{1, 1}, false}, {{1, 2}, true}, {{2, 3}, true}, {{3, 9}, true}, {{4, 5}, false}}) {
        const auto opened = open_datagram(*seal_datagram(kDatagram, c.theirs, keys), own, keys);
        EXPECT_EQ(opened.has_value(), c.taken) << int{c.theirs.min} << " to " << int{c.theirs.max};
        if (!c.taken) {
            EXPECT_EQ(opened.error(), Stranger::OtherProto);
        }
    }
}

TEST(ReplayGuard, TakesEachCounterOnce) {
    ReplayGuard guard{16};
    EXPECT_TRUE(guard.accept({1, 1}, 1, 5));
    EXPECT_FALSE(guard.accept({1, 1}, 1, 5));
    EXPECT_TRUE(guard.accept({1, 1}, 1, 4)) << "late, but not seen before";
    EXPECT_TRUE(guard.accept({1, 1}, 1, 6));
    EXPECT_FALSE(guard.accept({1, 1}, 1, 4));
}

TEST(ReplayGuard, KeepsSendersAndTheirBootsApart) {
    ReplayGuard guard{16};
    EXPECT_TRUE(guard.accept({1, 1}, 1, 5));
    EXPECT_TRUE(guard.accept({1, 1}, 2, 5));
    EXPECT_TRUE(guard.accept({1, 2}, 1, 5));
    EXPECT_FALSE(guard.accept({1, 1}, 1, 5)) << "the former boot is still remembered";
}

TEST(ReplayGuard, RefusesWhatIsOlderThanItsWindow) {
    ReplayGuard guard{16};
    EXPECT_TRUE(guard.accept({1, 1}, 1, 1000));
    EXPECT_TRUE(guard.accept({1, 1}, 1, 1000 - ReplayGuard::kWindow + 1));
    EXPECT_FALSE(guard.accept({1, 1}, 1, 1000 - ReplayGuard::kWindow));
}

TEST(ReplayGuard, ForgetsTheLeastRecentlyHeardSender) {
    ReplayGuard guard{2};
    EXPECT_TRUE(guard.accept({1, 0}, 1, 1));
    EXPECT_TRUE(guard.accept({2, 0}, 1, 1));
    EXPECT_TRUE(guard.accept({1, 0}, 1, 2));
    EXPECT_TRUE(guard.accept({3, 0}, 1, 1));
    EXPECT_EQ(guard.size(), 2U);
    EXPECT_FALSE(guard.accept({1, 0}, 1, 2)) << "heard more recently than 2";
}

TEST(ReplayGuard, AgreesWithAListOfAllItEverTook) {
    for (const auto seed : shoal::tests::seeds(50)) {
        SCOPED_TRACE(shoal::tests::replay(seed));
        Random random{seed};
        ReplayGuard guard{8};
        std::set<std::uint64_t> taken;
        std::uint64_t top = 300;
        for (int i = 0; i < 2000; ++i) {
            // Mostly near the top, now and then a leap ahead, as packets come.
            const std::uint64_t counter =
                random.below(50) == 0 ? top + random.below(600) : top - random.below(300);
            const bool fresh = taken.count(counter) == 0;
            const bool known = taken.empty() || counter > *taken.rbegin() ||
                               *taken.rbegin() - counter < ReplayGuard::kWindow;
            ASSERT_EQ(guard.accept({1, 1}, 1, counter), fresh && known) << counter;
            if (fresh && known) taken.insert(counter);
            top = std::max(top, counter);
        }
    }
}

}  // namespace
}  // namespace shoal::host
