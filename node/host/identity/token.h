// The join token: everything a new node needs to enter a cluster, on one line of text.
//
//     shoal1-<base64url of {version, cluster id, cluster key, checksum}>
//
// It is a secret. It is read from a file, from standard input or from SHOAL_TOKEN, never from a
// command line, where every process of the host could read it.
#pragma once

#include "node/base/id.h"
#include "node/base/result.h"
#include "node/host/identity/secret.h"

#include <string>
#include <string_view>

namespace shoal::host {

inline constexpr std::size_t kClusterKeyBytes = 32;

struct JoinToken {
    ClusterId cluster{};
    Secret key{};
};

// Wipe the text when done with it.
[[nodiscard]] std::string make_token(const JoinToken& token);

// Surrounding white space is ignored. Errors tell truncated from mistyped from another version's,
// and never repeat any part of the token.
[[nodiscard]] Result<JoinToken> parse_token(std::string_view text);

struct TokenRead {
    JoinToken token{};
    std::string warning{};  // the file can be read by others; empty: all is well
};

// `path`: a file, "-" for standard input, or empty for the variable SHOAL_TOKEN.
[[nodiscard]] Result<TokenRead> read_token(const std::string& path);

}  // namespace shoal::host
