#include "node/host/identity/token.h"

#include "node/base/check.h"
#include "node/host/identity/files.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace shoal::host {
namespace {

constexpr std::string_view kPrefix = "shoal";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kChecksumBytes = 4;
constexpr std::size_t kBodyBytes = 1 + 16 + kClusterKeyBytes;
constexpr std::size_t kTokenBytes = kBodyBytes + kChecksumBytes;
constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
constexpr std::size_t kTextBytes = (kTokenBytes * 4 + 2) / 3;
// A token is under a hundred characters; more than this is some other file.
constexpr std::size_t kFileMax = 4096;
constexpr std::string_view kAskAgain = "; print it again with `shoal token` on a member";

std::array<std::uint8_t, kChecksumBytes> checksum(ByteView body) {
    std::array<std::uint8_t, crypto_generichash_BYTES_MIN> hash{};
    (void)crypto_generichash(hash.data(), hash.size(), body.data(), body.size(), nullptr, 0);
    std::array<std::uint8_t, kChecksumBytes> out{};
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kSpace = " \t\r\n";
    const auto first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// The part after "shoal1-".
Result<std::string_view> after_prefix(std::string_view text) {
    if (text.empty()) return fail(Errc::Malformed, "the join token is empty");
    const auto dash = text.find('-');
    if (!text.starts_with(kPrefix) || dash == std::string_view::npos) {
        return fail(Errc::Malformed, "this is no join token: one starts with \"shoal1-\"");
    }
    const auto version = text.substr(kPrefix.size(), dash - kPrefix.size());
    const bool number = !version.empty() && version.size() <= 4 &&
                        version.find_first_not_of("0123456789") == std::string_view::npos;
    if (!number) {
        return fail(Errc::Malformed, "this is no join token: one starts with \"shoal1-\"");
    }
    if (version != "1") {
        return fail(Errc::Refused, "the join token is of version " + std::string{version} +
                                       "; shoal " SHOAL_VERSION " reads version 1");
    }
    return text.substr(dash + 1);
}

Result<void> check_spelling(std::string_view body) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const auto bad = body.find_first_not_of(kAlphabet);
    if (bad != std::string_view::npos) {
        return fail(Errc::Malformed, "the join token is mistyped: character " +
                                         std::to_string(bad + kPrefix.size() + 3) +
                                         " cannot occur in one");
    }
    const auto sizes = std::to_string(body.size()) + " characters after \"shoal1-\" instead of " +
                       std::to_string(kTextBytes);
    if (body.size() < kTextBytes) {
        return fail(Errc::Malformed,
                    "the join token is truncated: " + sizes + std::string{kAskAgain});
    }
    if (body.size() > kTextBytes) {
        return fail(Errc::Malformed, "the join token is too long: " + sizes);
    }
    return {};
}

}  // namespace

std::string make_token(const JoinToken& token) {
    SHOAL_CHECK(token.key.size() == kClusterKeyBytes);
    Secret bytes{kTokenBytes};
    const auto out = bytes.writable();
    out[0] = kVersion;
    const auto id = to_bytes(token.cluster);
    std::copy(id.begin(), id.end(), out.begin() + 1);
    const auto key = token.key.view();
    std::copy(key.begin(), key.end(), out.begin() + 17);
    const auto sum = checksum(bytes.view().first(kBodyBytes));
    std::copy(sum.begin(), sum.end(), out.begin() + kBodyBytes);
    std::string text(kTextBytes + 1, '\0');
    (void)sodium_bin2base64(text.data(), text.size(), out.data(), out.size(), kVariant);
    text.pop_back();  // its terminating zero
    std::string token_text = "shoal1-" + text;
    wipe(text);
    return token_text;
}

Result<JoinToken> parse_token(std::string_view text) {
    const auto body = after_prefix(trimmed(text));
    if (!body) return fail(body.error());
    if (const auto spelled = check_spelling(*body); !spelled) return fail(spelled.error());
    Secret bytes{kTokenBytes};
    const auto raw = bytes.writable();
    std::size_t size = 0;
    const bool decoded = sodium_base642bin(raw.data(), raw.size(), body->data(), body->size(),
                                           nullptr, &size, nullptr, kVariant) == 0;
    const auto sum = checksum(bytes.view().first(kBodyBytes));
    if (!decoded || size != kTokenBytes || raw[0] != kVersion ||
        !std::equal(sum.begin(), sum.end(), raw.begin() + kBodyBytes)) {
        return fail(Errc::Malformed, "the join token is mistyped: its checksum does not match" +
                                         std::string{kAskAgain});
    }
    std::array<std::uint8_t, 16> id{};
    std::copy_n(raw.begin() + 1, id.size(), id.begin());
    return JoinToken{id_from_bytes<ClusterTag>(id),
                     Secret{bytes.view().subspan(17, kClusterKeyBytes)}};
}

Result<TokenRead> read_token(const std::string& path) {
    TokenRead out{};
    std::string text;
    if (path.empty()) {
        const char* variable = std::getenv("SHOAL_TOKEN");  // NOLINT(concurrency-mt-unsafe)
        if (variable == nullptr) {
            return fail(Errc::NotFound,
                        "no join token: set SHOAL_TOKEN, or name a file with --token-file FILE "
                        "(- for standard input)");
        }
        text = variable;
    } else {
        auto file = read_small_file(path, kFileMax);
        if (!file) return fail(file.error());
        text = std::move(file->text);
        if ((file->mode & 0077U) != 0 && path != "-") {
            out.warning = path + " holds a join token and can be read by others (mode " +
                          mode_text(file->mode) + "): chmod 600 " + path;
        }
    }
    auto token = parse_token(text);
    wipe(text);
    if (!token)
        return fail(token.error().code, (path.empty()  ? "SHOAL_TOKEN"
                                         : path == "-" ? "standard input"
                                                       : path) +
                                            std::string{": "} + token.error().detail);
    out.token = std::move(*token);
    return out;
}

}  // namespace shoal::host
