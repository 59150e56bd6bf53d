#include "node/base/trace.h"

#include "node/base/wire.h"

#include <gtest/gtest.h>

#include <rapidcheck.h>

namespace shoal {
namespace {

struct Leaf {
    std::optional<std::uint32_t> number{};
    std::string text{};
    friend bool operator==(const Leaf&, const Leaf&) = default;
};

auto fields(Is<Leaf> auto& v) {
    return std::tie(v.number, v.text);
}

struct Tree {
    std::variant<Leaf, std::vector<Leaf>> held{};
    std::map<std::string, Blob> blobs{};
    NodeId id{};
    Duration wait{};
    friend bool operator==(const Tree&, const Tree&) = default;
};

auto fields(Is<Tree> auto& v) {
    return std::tie(v.held, v.blobs, v.id, v.wait);
}

Leaf any_leaf() {
    Leaf leaf{.text = *rc::gen::arbitrary<std::string>()};
    if (*rc::gen::arbitrary<bool>()) leaf.number = *rc::gen::arbitrary<std::uint32_t>();
    return leaf;
}

Tree any_tree() {
    Tree tree;
    if (*rc::gen::arbitrary<bool>()) {
        tree.held = any_leaf();
    } else {
        tree.held = std::vector<Leaf>{any_leaf(), any_leaf()};
    }
    tree.blobs[*rc::gen::arbitrary<std::string>()] = Blob{*rc::gen::arbitrary<Bytes>()};
    tree.id = {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()};
    tree.wait = Duration{*rc::gen::arbitrary<std::int64_t>()};
    return tree;
}

std::uint64_t hash_of(const Tree& tree) {
    TraceHash hash;
    hash.add(tree);
    return hash.value();
}

TEST(Wire, ReturnsEveryShapeItWasGiven) {
    EXPECT_TRUE(rc::check([] {
        const Tree tree = any_tree();
        const auto back = wire::decode<Tree>(wire::encode(tree));
        RC_ASSERT(back.has_value());
        RC_ASSERT(*back == tree);
        RC_ASSERT(hash_of(*back) == hash_of(tree));
    }));
}

TEST(Wire, NeverAcceptsBytesAfterTheMessage) {
    auto bytes = wire::encode(Tree{});
    bytes.push_back(0);
    EXPECT_EQ(wire::decode<Tree>(bytes).error().code, Errc::Malformed);
}

TEST(Wire, RefusesWhatIsOverTheLimit) {
    const Bytes bytes(2000, 0);
    EXPECT_EQ(wire::decode<Tree>(bytes, wire::kDatagram).error().code, Errc::TooLarge);
}

TEST(TraceHash, TellsApartWhatDiffersInOneField) {
    Tree a;
    Tree b;
    b.wait = Duration{1};
    EXPECT_NE(hash_of(a), hash_of(b));
    EXPECT_EQ(hash_of(a), hash_of(Tree{}));
}

}  // namespace
}  // namespace shoal
