#include "node/base/wire.h"

#include <gtest/gtest.h>

namespace shoal {
namespace {

struct Point {
    std::uint32_t x = 0;
    std::uint32_t y = 0;
    friend bool operator==(const Point&, const Point&) = default;
};

auto fields(Is<Point> auto& point) {
    return std::tie(point.x, point.y);
}

struct Path {
    std::string name{};
    std::vector<Point> points{};
    friend bool operator==(const Path&, const Path&) = default;
};

auto fields(Is<Path> auto& path) {
    return std::tie(path.name, path.points);
}

struct OlderPath {  // Path, before it had points.
    std::string name{};
};

auto fields(Is<OlderPath> auto& path) {
    return std::tie(path.name);
}

const Path kPath{"home", {{1, 2}, {3, 4}}};

TEST(Wire, ReturnsWhatWasSent) {
    EXPECT_EQ(*wire::decode<Path>(wire::encode(kPath)), kPath);
}

TEST(Wire, LetsOldReadersSkipNewFields) {
    EXPECT_EQ(wire::decode<OlderPath>(wire::encode(kPath))->name, "home");
}

TEST(Wire, GivesNewReadersTheDefaultForFieldsNotSent) {
    EXPECT_EQ(*wire::decode<Path>(wire::encode(OlderPath{"home"})), (Path{"home", {}}));
}

TEST(Wire, RefusesEveryTruncation) {
    const auto bytes = wire::encode(kPath);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(wire::decode<Path>(std::span{bytes}.first(size))) << "at " << size;
    }
}

TEST(Wire, RefusesALengthItWouldHaveToAllocateFor) {
    EXPECT_EQ(wire::decode<Path>(Bytes{0xDD, 0xFF, 0xFF, 0xFF, 0xFF}).error().code,
              Errc::Malformed);
}

}  // namespace
}  // namespace shoal
