// Any value of any type that has fields(): one generator for every round trip.
//
// It draws from a Random, so a property needs only a seed from rapidcheck, and a failing seed says
// all. Values of enums are valid ones; sizes are small, so that every field is reached.
#pragma once

#include "node/base/bytes.h"
#include "node/base/fields.h"
#include "node/base/id.h"
#include "node/base/random.h"
#include "node/base/signer.h"
#include "node/base/time.h"

#include <concepts>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace shoal::tests {

template <class T>
void draw(Random& random, T& value);

template <class T>
T arbitrary(Random& random) {
    T value{};
    draw(random, value);
    return value;
}

namespace detail {

inline std::uint64_t any_number(Random& random) {
    // Every width of an encoded integer is as likely as any other.
    const auto bits = random.below(65);
    return bits == 0 ? 0 : random.next() >> (64 - bits);
}

template <class T>
concept Checked = requires(T value) {
    { valid(value) } -> std::same_as<bool>;
};

template <class Enum>
Enum any_enum(Random& random) {
    std::vector<Enum> good;
    for (unsigned i = 0; i < 64; ++i) {
        const auto value = static_cast<Enum>(i);
        if constexpr (Checked<Enum>) {
            if (valid(value)) good.push_back(value);
        } else if (i < 6) {
            good.push_back(value);
        }
    }
    return good[random.below(good.size())];
}

template <class T>
struct Drawer;

template <class T>
struct Drawer<std::vector<T>> {
    static void draw(Random& random, std::vector<T>& value) {
        value.clear();
        for (auto left = random.below(4); left > 0; --left) {
            value.push_back(arbitrary<T>(random));
        }
    }
};

template <class Key, class Value>
struct Drawer<std::map<Key, Value>> {
    static void draw(Random& random, std::map<Key, Value>& value) {
        value.clear();
        for (auto left = random.below(4); left > 0; --left) {
            value.insert_or_assign(arbitrary<Key>(random), arbitrary<Value>(random));
        }
    }
};

template <class T>
struct Drawer<std::optional<T>> {
    static void draw(Random& random, std::optional<T>& value) {
        value.reset();
        if (random.below(2) == 1) value = arbitrary<T>(random);
    }
};

template <class... Cases>
struct Drawer<std::variant<Cases...>> {
    static void draw(Random& random, std::variant<Cases...>& value) {
        auto left = random.below(sizeof...(Cases));
        ((left-- == 0 ? static_cast<void>(value = arbitrary<Cases>(random)) : static_cast<void>(0)),
         ...);
    }
};

template <class Tag>
struct Drawer<Id128<Tag>> {
    static void draw(Random& random, Id128<Tag>& value) { value = {random.next(), random.next()}; }
};

template <>
struct Drawer<std::string> {
    static void draw(Random& random, std::string& value) {
        value.clear();
        for (auto left = random.below(40); left > 0; --left) {
            value.push_back(static_cast<char>(random.below(256)));
        }
    }
};

template <>
struct Drawer<Blob> {
    static void draw(Random& random, Blob& value) {
        value = Blob{to_bytes(arbitrary<std::string>(random))};
    }
};

template <>
struct Drawer<WallTime> {
    static void draw(Random& random, WallTime& value) {
        value.ms = static_cast<std::int64_t>(any_number(random));
    }
};

template <>
struct Drawer<Duration> {
    static void draw(Random& random, Duration& value) {
        value = Duration{static_cast<Duration::rep>(any_number(random))};
    }
};

template <>
struct Drawer<Instant> {
    static void draw(Random& random, Instant& value) {
        value = Instant{arbitrary<Duration>(random)};
    }
};

}  // namespace detail

template <class T>
void draw(Random& random, T& value) {
    if constexpr (HasFields<T>) {
        std::apply([&](auto&... field) { (draw(random, field), ...); }, fields(value));
    } else if constexpr (std::same_as<T, bool>) {
        value = random.below(2) == 1;
    } else if constexpr (std::is_enum_v<T>) {
        value = detail::any_enum<T>(random);
    } else if constexpr (std::integral<T>) {
        value = static_cast<T>(detail::any_number(random));
    } else if constexpr (std::same_as<T, PublicKey> || std::same_as<T, Signature> ||
                         std::same_as<T, Digest>) {
        for (auto& byte : value.bytes) {
            byte = static_cast<std::uint8_t>(random.below(256));
        }
    } else {
        detail::Drawer<T>::draw(random, value);
    }
}

// Calls `check` with one value of every alternative of a variant.
template <class Variant, class Check>
void for_each_case(Random& random, const Check& check) {
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
        (check(Variant{std::in_place_index<Index>,
                       arbitrary<std::variant_alternative_t<Index, Variant>>(random)}),
         ...);
    }
    (std::make_index_sequence<std::variant_size_v<Variant>>{});
}

}  // namespace shoal::tests
