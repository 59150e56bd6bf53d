// Messages and rows come back as they were, and half of one is an error.
#include "store/codec.h"

#include "tests/support/arbitrary.h"
#include "tests/support/codec.h"

#include <gtest/gtest.h>

#include <rapidcheck.h>

namespace shoal::store {
namespace {

TEST(StoreCodec, ReturnsEveryMessageAsItWas) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        tests::for_each_case<Message>(random, [](const Message& message) {
            const auto back = decode_message(encode_message(message));
            RC_ASSERT(back.has_value());
            RC_ASSERT(*back == message);
        });
    }));
}

TEST(StoreCodec, AcceptsNoMessageCutShortOrWithMoreBehindIt) {
    Random random{3};
    tests::for_each_case<Message>(random, [](const Message& message) {
        tests::expect_only_whole(encode_message(message), decode_message);
    });
}

TEST(StoreCodec, RefusesAMessageOverAMegabyte) {
    Record record{.key = "a", .seq = 1, .value = Blob{Bytes(1U << 20U)}};
    const auto big = encode_message(Delta{.records = {record}});
    EXPECT_EQ(decode_message(big).error().code, Errc::TooLarge);
}

TEST(StoreCodec, ReturnsEveryRowAsItWas) {
    EXPECT_TRUE(rc::check([] {
        Random random{*rc::gen::arbitrary<std::uint64_t>()};
        const auto head = tests::arbitrary<Head>(random);
        RC_ASSERT(*read_head(head_row(head)) == head);
        const auto record = tests::arbitrary<Record>(random);
        const auto log = read_record(record_row(head.origin, record));
        RC_ASSERT(log.has_value());
        RC_ASSERT(log->origin == head.origin);
        RC_ASSERT(log->record == record);
        const auto key = "k" + tests::arbitrary<std::string>(random);
        auto version = tests::arbitrary<Version>(random);
        version.gen = 1 + random.below(kGenMax - 1);
        const auto map = read_version(version_row(key, version_id(key, version), version));
        RC_ASSERT(map.has_value());
        RC_ASSERT(map->key == key);
        RC_ASSERT(map->version == version);
    }));
}

TEST(StoreCodec, ErasesTheRowItWrote) {
    const NodeId origin{1, 2};
    const Record record{.key = "a", .seq = 1};
    EXPECT_EQ(erased_record_row(origin, "a").key, record_row(origin, record).key);
    EXPECT_EQ(erased_version_row("k", 7).key, version_row("k", 7, {}).key);
    EXPECT_FALSE(erased_record_row(origin, "a").value.has_value());
    EXPECT_FALSE(erased_version_row("k", 7).value.has_value());
}

TEST(StoreCodec, ReadsNoRowOfAnotherTableOrUnderAnotherName) {
    const NodeId origin{1, 2};
    const auto record = record_row(origin, {.key = "a", .seq = 1});
    EXPECT_FALSE(read_head(record));
    EXPECT_FALSE(read_version(record));
    EXPECT_FALSE(read_record(head_row({.origin = origin})));
    auto renamed = record;
    renamed.key.back() = 'b';
    EXPECT_FALSE(read_record(renamed)) << "the key is part of the name";
    auto moved = head_row({.origin = origin});
    moved.key[3] = 'x';
    EXPECT_FALSE(read_head(moved)) << "and so is the origin";
    auto cut = record;
    cut.key.resize(15);
    EXPECT_FALSE(read_record(cut));
}

TEST(StoreCodec, SignsEveryFieldOfAHeadButTheSignature) {
    Random random{5};
    const auto head = tests::arbitrary<Head>(random);
    const auto with = [&](const auto& change) {
        Head out = head;
        change(out);
        return signed_part(out);
    };
    EXPECT_EQ(with([](Head& h) { h.signature.bytes[0] ^= 1; }), signed_part(head));
    const Bytes changed[] = {
        with([](Head& h) { ++h.origin.low; }),  with([](Head& h) { h.key.bytes[0] ^= 1; }),
        with([](Head& h) { ++h.log_epoch; }),   with([](Head& h) { ++h.seq; }),
        with([](Head& h) { ++h.floor; }),       with([](Head& h) { h.content.bytes[0] ^= 1; }),
        with([](Head& h) { ++h.incarnation; }), with([](Head& h) { ++h.boot; }),
        with([](Head& h) { h.zone += "x"; }),
    };
    for (const Bytes& bytes : changed) {
        EXPECT_NE(bytes, signed_part(head)) << &bytes - changed;
    }
}

}  // namespace
}  // namespace shoal::store
