// Who is found gone is asked again, besides the rota: a cut that has healed is over soon.
#include "tests/membership/lone.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace shoal::membership {
namespace {

constexpr std::uint64_t kMany = 40;
constexpr Duration kTick = milliseconds{100};

struct Absent : testing::Test {
    // Ann answers always, so that nothing here is doubt of ourselves; forty others are silent.
    void SetUp() override {
        (void)lone.starts();
        (void)lone.meets(kAnn);
        for (std::uint64_t node = 0; node < kMany; ++node) {
            (void)lone.meets(other(node));
        }
        while (lone.now() < kMorning + minutes{5} && count_unreachable() < kMany) {
            (void)passes(seconds{1}, only_ann);
        }
        ASSERT_EQ(count_unreachable(), kMany);
    }

    static NodeId other(std::uint64_t index) { return {1, index}; }

    static bool only_ann(const NodeId& node) { return node == kAnn; }

    // Time goes by, and those who answer are answered for. Returns who was pinged.
    std::set<NodeId> passes(Duration duration, const std::function<bool(const NodeId&)>& answers) {
        std::set<NodeId> asked;
        for (const Instant end = lone.now() + duration; lone.now() < end;) {
            const auto effects = lone.waits(kTick);
            for (const Send& send : all<Send>(effects)) {
                const auto* ping = std::get_if<Ping>(&send.message);
                if (ping == nullptr) continue;
                asked.insert(send.to);
                if (!answers(send.to)) continue;
                (void)lone.answers({send.to, *ping});
                (void)lone.meets(send.to, 2);  // it was accused, and refutes
            }
            for (const PingFor& request : sent<PingFor>(effects)) {
                (void)lone.hears(kAnn, Nack{request.target, request.sequence});
            }
        }
        return asked;
    }

    std::uint64_t count_unreachable() const {
        std::uint64_t count = 0;
        for (std::uint64_t node = 0; node < kMany; ++node) {
            if (lone.standing(other(node)) == Standing::Unreachable) ++count;
        }
        return count;
    }

    Lone lone;
};

// The rota alone takes 20 s at least.
TEST_F(Absent, AreAllAskedAgainSoonHoweverMany) {
    const auto asked = passes(seconds{12}, only_ann);
    for (std::uint64_t node = 0; node < kMany; ++node) {
        EXPECT_TRUE(asked.contains(other(node))) << node;
    }
}

TEST_F(Absent, AreAskedAtOnceWhenOneOfThemIsBack) {
    (void)lone.hears(other(7), Gossip{});
    const auto everybody = [](const NodeId&) { return true; };
    (void)passes(seconds{4}, everybody);
    EXPECT_EQ(count_unreachable(), 0U);
}

}  // namespace
}  // namespace shoal::membership
