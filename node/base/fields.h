// A struct says once which fields travel; encoding, decoding, hashing, recording and the round-trip
// tests follow from it:
//
//     auto fields(Is<Claim> auto& claim) {
//         return std::tie(claim.about, claim.incarnation, claim.health);
//     }
//
// Only this header is needed beside the struct; node/base/wire.h (msgpack) and node/base/trace.h
// (hashing) belong in the few sources that turn structs into something else. Fields are only ever
// added last and never change meaning.
#pragma once

#include <concepts>
#include <tuple>
#include <type_traits>

namespace shoal {

template <class Reference, class Struct>
concept Is = std::same_as<std::remove_cvref_t<Reference>, Struct>;

template <class T>
concept HasFields = requires(T& value) {
    fields(value);
};

}  // namespace shoal
