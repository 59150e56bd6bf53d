// Result<T>: a value, or the reason there is none.
//
// For everything that can go wrong without shoal being wrong: bytes from the network, the disk,
// configuration, containerd. An alias of tl::expected, which is std::expected for C++20.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace shoal {

enum class Errc {
    Malformed,    // bytes or text that mean nothing
    TooLarge,     // within the grammar, over a limit
    NotFound,     //
    Conflict,     // exists already, or changed meanwhile
    Refused,      // understood and declined
    Denied,       // the caller may not
    Unavailable,  // may work later or elsewhere
    TimedOut,     //
    Full,         // no space left
    Io,           // the operating system said no
};

struct Error {
    Errc code = Errc::Io;
    std::string detail{};  // For a person; code decides, never the text.

    friend bool operator==(const Error&, const Error&) = default;
};

template <class T>
using Result = tl::expected<T, Error>;

// `return fail(Errc::NotFound, "no such node: " + name);`
[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string detail) {
    return tl::unexpected<Error>{Error{code, std::move(detail)}};
}

[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
    return tl::unexpected<Error>{std::move(error)};
}

[[nodiscard]] std::string_view to_string(Errc code);

}  // namespace shoal
