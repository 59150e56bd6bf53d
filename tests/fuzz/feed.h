// What a fuzzer's bytes mean: choices, numbers, whole values, and messages as a member with a
// broken or hostile mind would send them.
//
// Values are drawn from a few bytes of seed, so one mutation of the fuzzer's is another value, and
// then tamed: ids and names are mostly those the machine under test knows, numbers mostly small.
// Without that no answer would ever fit a question.
#pragma once

#include "node/base/bytes.h"
#include "node/base/check.h"
#include "node/base/id.h"
#include "node/base/random.h"
#include "node/base/result.h"
#include "node/base/time.h"
#include "tests/support/arbitrary.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace shoal::fuzz {

// Time never gets there: 300 years.
inline constexpr Duration kEternity = std::chrono::hours{24 * 366 * 300};

// What means something to the machine under test.
struct Words {
    std::vector<NodeId> nodes{};
    std::vector<std::string> texts{};
};

template <class T>
void tame(Random& random, const Words& words, T& value);

namespace detail {

template <class T>
struct Tamer {
    static void tame(Random& /*random*/, const Words& /*words*/, T& /*value*/) {}
};

template <class T>
struct Tamer<std::vector<T>> {
    static void tame(Random& random, const Words& words, std::vector<T>& value) {
        for (auto& item : value) {
            fuzz::tame(random, words, item);
        }
    }
};

template <class T>
struct Tamer<std::optional<T>> {
    static void tame(Random& random, const Words& words, std::optional<T>& value) {
        if (value) fuzz::tame(random, words, *value);
    }
};

template <class Key, class Value>
struct Tamer<std::map<Key, Value>> {
    static void tame(Random& random, const Words& words, std::map<Key, Value>& value) {
        for (auto& [key, item] : value) {
            fuzz::tame(random, words, item);
        }
    }
};

template <class... Cases>
struct Tamer<std::variant<Cases...>> {
    static void tame(Random& random, const Words& words, std::variant<Cases...>& value) {
        std::visit([&](auto& held) { fuzz::tame(random, words, held); }, value);
    }
};

template <>
struct Tamer<NodeId> {
    static void tame(Random& random, const Words& words, NodeId& value) {
        if (!words.nodes.empty() && random.below(8) > 0) {
            value = words.nodes[random.below(words.nodes.size())];
        }
    }
};

template <>
struct Tamer<std::string> {
    static void tame(Random& random, const Words& words, std::string& value) {
        if (!words.texts.empty() && random.below(4) > 0) {
            value = words.texts[random.below(words.texts.size())];
        }
    }
};

}  // namespace detail

template <class T>
void tame(Random& random, const Words& words, T& value) {
    if constexpr (HasFields<T>) {
        std::apply([&](auto&... field) { (fuzz::tame(random, words, field), ...); }, fields(value));
    } else if constexpr (std::integral<T> && !std::same_as<T, bool>) {
        if (random.below(4) > 0) value = static_cast<T>(value % 8);
    } else {
        detail::Tamer<T>::tame(random, words, value);
    }
}

class Feed {
public:
    Feed(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

    [[nodiscard]] bool empty() const { return left_.empty(); }

    // Zero once all is eaten.
    std::uint8_t byte() {
        if (left_.empty()) return 0;
        const auto out = left_.front();
        left_ = left_.subspan(1);
        return out;
    }

    std::uint64_t number(unsigned bytes = 2) {
        std::uint64_t out = 0;
        for (; bytes > 0; --bytes) {
            out = (out << 8U) | byte();
        }
        return out;
    }

    std::size_t below(std::size_t bound) {
        SHOAL_CHECK(bound > 0);
        return static_cast<std::size_t>(number(bound > 256 ? 2 : 1)) % bound;
    }

    bool chance(std::size_t one_in) { return below(one_in) == 0; }

    template <class T>
    const T& pick(const std::vector<T>& items) {
        return items[below(items.size())];
    }

    ByteView take(std::size_t most) {
        const auto out = left_.first(std::min(most, left_.size()));
        left_ = left_.subspan(out.size());
        return out;
    }

    ByteView rest() { return take(left_.size()); }

    Random random() { return Random{number(3)}; }

    template <class T>
    T any(const Words& words = {}) {
        auto source = random();
        T out = tests::arbitrary<T>(source);
        fuzz::tame(source, words, out);
        return out;
    }

    // Up to three small wounds, or none.
    Bytes damaged(Bytes bytes) {
        for (auto left = below(4); left > 0 && !bytes.empty(); --left) {
            const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size()));
            switch (below(4)) {
                case 0:
                    *at = byte();
                    break;
                case 1:
                    bytes.erase(at);
                    break;
                case 2:
                    bytes.insert(at, byte());
                    break;
                default:
                    bytes.erase(at, bytes.end());
                    break;
            }
        }
        return bytes;
    }

    // As bytes from the network make it: mostly sound, at times damaged or no message at all.
    template <class Message, class Encode, class Decode>
    std::optional<Message> message(const Words& words, const Encode& encode, const Decode& decode) {
        const auto way = below(8);
        if (way > 1) return any<Message>(words);
        const auto raw = take(way == 1 ? 0 : 64);
        const Bytes bytes =
            way == 1 ? damaged(encode(any<Message>(words))) : Bytes{raw.begin(), raw.end()};
        auto out = decode(bytes);
        if (!out) return std::nullopt;
        return std::move(*out);
    }

    // Time goes on: not at all, a little, much, or by decades; never to its end.
    Instant later(Instant now, Instant wakeup) {
        Duration step{};
        switch (below(6)) {
            case 0:
                return now;
            case 1:
                step = std::chrono::milliseconds{number(1)};
                break;
            case 2:
                step = std::chrono::milliseconds{number(2)};
                break;
            case 3:
                step = std::chrono::hours{number(2)};
                break;
            default:
                if (wakeup == kNever || wakeup <= now) return now;
                return std::min(wakeup, Instant{kEternity});
        }
        return std::min(now + step, Instant{kEternity});
    }

private:
    ByteView left_;
};

// What every decoder owes: an accepted input comes back equal, and by one encoding only.
template <class Encode, class Decode>
bool decodes(ByteView bytes, const Encode& encode, const Decode& decode,
             std::size_t most = std::size_t{1} << 20U) {
    const auto value = decode(bytes);
    if (!value) return false;
    const Bytes written = encode(*value);
    if (written.size() > most) return true;  // Fields that were missing take their place.
    const auto again = decode(written);
    SHOAL_CHECK(again.has_value() && encode(*again) == written);
    SHOAL_CHECK(*again == *value);
    return true;
}

// Both ways in: the bytes as they are, and a sound value with a few wounds.
template <class T, class Encode, class Decode>
void fuzz_decoder(const std::uint8_t* data, std::size_t size, const Encode& encode,
                  const Decode& decode, std::size_t most = std::size_t{1} << 20U) {
    (void)decodes(ByteView{data, size}, encode, decode, most);
    Feed feed{data, size};
    const Bytes sound = encode(feed.any<T>());
    if (sound.size() <= most) SHOAL_CHECK(decodes(sound, encode, decode, most));
    (void)decodes(feed.damaged(sound), encode, decode, most);
}

}  // namespace shoal::fuzz
