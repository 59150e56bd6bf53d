#include "node/api/quantities.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>

namespace shoal::api {
namespace {

TEST(Quantities, MemoryIsReadAsPeopleWriteIt) {
    const std::pair<const char*, std::uint64_t> cases[] = {{"0", 0},
                                                           {"512", 512},
                                                           {"512b", 512},
                                                           {"2k", 2U << 10U},
                                                           {"64M", 64U << 20U},
                                                           {"64MiB", 64U << 20U},
                                                           {"1.5G", 3ULL << 29U},
                                                           {"0.25gb", 1ULL << 28U},
                                                           {"2T", 2ULL << 40U}};
    for (const auto& [text, bytes] : cases) {
        EXPECT_EQ(parse_memory(text), bytes) << text;
    }
    for (const auto* bad : {"", "M", "1.M", ".5G", "1.5", "1.5b", "1.1234G", "1,5G", "-1", "1 G",
                            "1.2.3G", "1X", "99999999999T", "17179869184G"}) {
        EXPECT_EQ(parse_memory(bad), std::nullopt) << bad;
    }
}

TEST(Quantities, CoresAreCountedInThousandths) {
    EXPECT_EQ(parse_cpus("2"), 2000U);
    EXPECT_EQ(parse_cpus("0.5"), 500U);
    EXPECT_EQ(parse_cpus("250m"), 250U);
    for (const auto* bad : {"", ".5", "1.", "0.0001", "x", "-1", "99999999"}) {
        EXPECT_EQ(parse_cpus(bad), std::nullopt) << bad;
    }
}

TEST(Quantities, ModesAreOctal) {
    EXPECT_EQ(octal(0644), "0644");
    EXPECT_EQ(octal(01777), "1777");
    EXPECT_EQ(octal(0), "0000");
}

}  // namespace
}  // namespace shoal::api
