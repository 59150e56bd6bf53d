// A YAML document as a tree that remembers where each part stood.
//
// Not YAML::Node: that one shares nodes between aliases, so that a document of a kilobyte can be a
// tree of gigabytes to whoever walks it, and it does not tell a key that is there twice.
#pragma once

#include "node/compose/problem.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shoal::compose {

struct Member;

struct Value {
    // By the core schema of YAML 1.2: `on`, `no` and 22:22 are texts.
    enum class Kind : std::uint8_t { Null, Truth, Integer, Decimal, Text, List, Map };

    Kind kind = Kind::Null;
    Mark mark{};
    std::string text{};  // of a scalar, as written
    std::vector<Value> items{};
    std::vector<Member> members;  // in the order of the file; keys are unique

    // Elsewhere, where a member is a complete type.
    Value();
    Value(Kind its_kind, Mark its_mark, std::string its_text = {});

    [[nodiscard]] bool is_scalar() const { return kind != Kind::List && kind != Kind::Map; }

    [[nodiscard]] bool is_truth(bool wanted) const;
    [[nodiscard]] const Value* find(std::string_view key) const;
};

struct Member {
    std::string key{};
    Mark mark{};
    Value value{};
};

// What a key says; a Value of kind Null where it says nothing.
[[nodiscard]] const Value& at(const Value& value, std::string_view key);
[[nodiscard]] bool is_said(const Value& value);

// "a list", "a map", "a number"...
[[nodiscard]] std::string_view name_of(Value::Kind kind);

}  // namespace shoal::compose
