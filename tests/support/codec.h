// What every decoder owes: a value comes back as it was, and bytes that are too few or too many are
// an error, never half a value.
#pragma once

#include "node/base/bytes.h"

#include <gtest/gtest.h>

namespace shoal::tests {

template <class Decode>
void expect_only_whole(const Bytes& bytes, const Decode& decode) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto cut = decode(ByteView{bytes}.first(size));
        ASSERT_FALSE(cut.has_value()) << size << " of " << bytes.size() << " bytes";
    }
    Bytes longer = bytes;
    longer.push_back(0xc0);
    EXPECT_FALSE(decode(ByteView{longer}).has_value()) << "a byte after the message";
}

}  // namespace shoal::tests
