#include "node/base/hash.h"

#include "node/base/id.h"
#include "node/base/random.h"
#include "node/base/rendezvous.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace shoal {
namespace {

// The vectors of the reference implementation: key 00..0f, message 00, 01, .. of the given length.
TEST(SipHash, AnswersLikeTheReference) {
    const HashKey key{0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};

    const struct {
        std::size_t length;
        std::uint64_t expected;
    } cases[] = {{0, 0x726fdb47dd0e0e31ULL},
                 {1, 0x74f839c593dc67fdULL},
                 {8, 0x93f5f5799a932462ULL},
                 {15, 0xa129ca6149be45e5ULL}};

    for (const auto& c : cases) {
        Bytes message;
        for (std::size_t i = 0; i < c.length; ++i) {
            message.push_back(static_cast<std::uint8_t>(i));
        }
        EXPECT_EQ(siphash(key, message), c.expected) << "length " << c.length;
    }
}

TEST(Rendezvous, MovesOnlyWhatTheLostNodeWasFirstFor) {
    Random random{7};
    std::vector<NodeId> nodes;
    for (int i = 0; i < 10; ++i) {
        nodes.push_back({random.next(), random.next()});
    }
    const auto first = [](const std::vector<NodeId>& among, const std::string& key) {
        return *std::max_element(among.begin(), among.end(), [&](const NodeId& a, const NodeId& b) {
            return rendezvous_score(key, a) < rendezvous_score(key, b);
        });
    };
    auto fewer = nodes;
    fewer.erase(fewer.begin() + 3);
    std::map<NodeId, int> shares;
    for (int i = 0; i < 1000; ++i) {
        const auto key = "job-" + std::to_string(i);
        const auto before = first(nodes, key);
        ++shares[before];
        if (before != nodes[3]) {
            EXPECT_EQ(first(fewer, key), before);
        }
    }
    for (const auto& [node, share] : shares) {
        EXPECT_GT(share, 50) << to_short(node);
    }
}

TEST(Random, DrawsTheSameFromTheSameSeedAndForksIndependently) {
    Random a{42};
    Random b{42};
    EXPECT_EQ(a.next(), b.next());
    Random child = a.fork();
    EXPECT_NE(child.next(), a.next());
    EXPECT_EQ(Random{42}.next(), 0xbdd732262feb6e95ULL);
}

}  // namespace
}  // namespace shoal
