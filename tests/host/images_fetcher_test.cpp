// Blobs from nodes that die, lie, have half of it, or never had it.
#include "node/host/images/fetcher.h"
#include "tests/support/folder.h"

#include <asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace shoal::host::images {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr NodeId kAnn{0, 1};
constexpr NodeId kBob{0, 2};

std::size_t number(const std::string& text) {
    std::size_t out = 0;
    std::from_chars(text.data(), text.data() + text.size(), out);
    return out;
}

class FetcherTest : public ::testing::Test {
protected:
    struct Holder {
        std::string blob{};
        std::size_t pieces_left = 1000;  // then it is dead
    };

    FetcherTest() {
        world_.holders = [this](const std::string&) {
            std::vector<NodeId> out;
            for (const auto& [node, holder] : holders_) {
                out.push_back(node);
            }
            return out;
        };
        world_.name_of = [](const NodeId& node) { return node == kAnn ? "ann" : "bob"; };
        world_.ask = [this](const NodeId& node, const http::Request& request, const auto& done) {
            asked_.push_back(node);
            const auto offset = number(request.query.at("offset"));
            const auto length = number(request.query.at("length"));
            offsets_.push_back(offset);
            auto& holder = holders_[node];
            if (holder.pieces_left == 0) {
                asio::post(loop_, [done] { done(fail(Errc::Unavailable, "is dead")); });
                return;
            }
            --holder.pieces_left;
            http::Response answer{
                .body = holder.blob.substr(std::min(offset, holder.blob.size()), length)};
            asio::post(loop_, [done, answer] { done(answer); });
        };
    }

    Result<void> fetch(const std::string& blob, std::int64_t size) {
        Fetcher fetcher{loop_, world_};
        std::optional<Result<void>> out;
        fetcher.fetch("sha256:image", {.digest = oci::sha256(blob), .size = size}, path(),
                      [&](Result<void> done) { out = std::move(done); });
        loop_.restart();
        loop_.run();
        if (!out) return fail(Errc::Io, "it never answered");
        return *out;
    }

    Result<void> fetch(const std::string& blob) {
        return fetch(blob, static_cast<std::int64_t>(blob.size()));
    }

    [[nodiscard]] std::string path() const { return (folder_.path() / "blob").string(); }

    [[nodiscard]] std::string content() const {
        std::ifstream in{path(), std::ios::binary};
        return {std::istreambuf_iterator<char>{in}, {}};
    }

    // Larger than two pieces.
    static std::string large() {
        std::string out;
        while (out.size() < 2 * kPieceMax + 5) {
            out += std::to_string(out.size());
        }
        return out;
    }

    tests::Folder folder_;
    asio::io_context loop_{1};
    std::map<NodeId, Holder> holders_;
    std::vector<NodeId> asked_;
    std::vector<std::size_t> offsets_;
    Fetcher::World world_;
};

TEST_F(FetcherTest, ComesPieceByPiece) {
    holders_[kAnn] = {large()};
    ASSERT_TRUE(fetch(large()));
    EXPECT_EQ(content(), large());
    EXPECT_THAT(offsets_, ElementsAre(0, kPieceMax, 2 * kPieceMax));
}

TEST_F(FetcherTest, ADocumentComesWithoutKnowingItsSize) {
    holders_[kAnn] = {"{}"};
    ASSERT_TRUE(fetch("{}", 0));
    EXPECT_EQ(content(), "{}");
}

TEST_F(FetcherTest, AnotherHolderGoesOnWhereOneDied) {
    holders_[kAnn] = {large(), 1};
    holders_[kBob] = {large()};
    ASSERT_TRUE(fetch(large()));
    EXPECT_EQ(content(), large());
    EXPECT_EQ(std::count(offsets_.begin(), offsets_.end(), 0U), 1) << "nothing came twice";
}

TEST_F(FetcherTest, WhatAnEarlierAttemptLeftIsNotFetchedAgain) {
    holders_[kAnn] = {large(), 1};
    ASSERT_FALSE(fetch(large()));
    holders_[kAnn].pieces_left = 1000;
    offsets_.clear();
    ASSERT_TRUE(fetch(large()));
    EXPECT_EQ(offsets_.front(), kPieceMax);
    EXPECT_EQ(content(), large());
}

TEST_F(FetcherTest, WrongBytesAreThrownAwayAndTheirSenderIsNotAskedAgain) {
    auto wrong = large();
    wrong.back() = 'x';
    holders_[kAnn] = {wrong};
    holders_[kBob] = {large()};
    ASSERT_TRUE(fetch(large()));
    EXPECT_EQ(content(), large());
    EXPECT_EQ(std::count(asked_.begin(), asked_.end(), kAnn), 3);
}

TEST_F(FetcherTest, AnOldFileThatIsWrongCostsNobodyHisName) {
    std::ofstream{path()} << "xx";
    holders_[kAnn] = {"{}"};
    ASSERT_TRUE(fetch("{}"));
    EXPECT_EQ(content(), "{}");
    std::ofstream{path()} << "far too long";
    ASSERT_TRUE(fetch("{}"));
}

TEST_F(FetcherTest, FailsWithWhatEachHolderSaid) {
    holders_[kAnn] = {"{", 1000};
    holders_[kBob] = {"{}", 0};
    const auto got = fetch("{}");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Errc::NotFound);
    EXPECT_THAT(got.error().detail,
                AllOf(HasSubstr("ann: it has only a part of it"), HasSubstr("bob: is dead")));
}

TEST_F(FetcherTest, FailsWhereNobodyHasIt) {
    const auto got = fetch("{}");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().detail, "no node that can be reached holds it");
}

TEST_F(FetcherTest, AnswersNobodyOnceItIsGone) {
    holders_[kAnn] = {"{}"};
    bool answered = false;
    {
        Fetcher fetcher{loop_, world_};
        fetcher.fetch("sha256:image", {.digest = oci::sha256("{}"), .size = 2}, path(),
                      [&](const Result<void>&) { answered = true; });
    }
    loop_.run();
    EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace shoal::host::images
