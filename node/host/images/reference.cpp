#include "node/host/images/reference.h"

#include "node/host/oci/image.h"

#include <algorithm>

namespace shoal::host::images {
namespace {

constexpr std::string_view kLibrary = "library/";

bool is_lower(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_word(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z') || c == '_';
}

// Lower case letters and digits, with single separators between them.
bool is_path_part(std::string_view part) {
    if (part.empty() || !is_lower(part.front()) || !is_lower(part.back())) return false;
    return std::all_of(part.begin(), part.end(),
                       [](char c) { return is_lower(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_registry(std::string_view part) {
    return part == "localhost" || part.find_first_of(".:") != std::string_view::npos;
}

bool is_registry_name(std::string_view part) {
    return (is_word(part.front()) || part.front() == '[') &&
           std::all_of(part.begin(), part.end(), [](char c) {
               return is_word(c) || c == '.' || c == '-' || c == ':' || c == '[' || c == ']';
           });
}

bool is_tag(std::string_view tag) {
    return !tag.empty() && tag.size() <= 128 && is_word(tag.front()) &&
           std::all_of(tag.begin(), tag.end(),
                       [](char c) { return is_word(c) || c == '.' || c == '-'; });
}

auto wrong(std::string_view text, const std::string& why) {
    return fail(Errc::Malformed, "image '" + std::string{text.substr(0, kNameMax)} + "': " + why +
                                     "; expected [REGISTRY/]NAME[:TAG][@sha256:DIGEST]");
}

}  // namespace

Result<Reference> parse_reference(std::string_view text) {
    Reference out;
    auto rest = text;
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
        out.digest = rest.substr(at + 1);
        rest = rest.substr(0, at);
        if (!oci::is_digest(out.digest)) return wrong(text, "no digest after its '@'");
    }
    if (rest.size() > kNameMax) return wrong(text, "longer than 255 characters");
    std::string_view tag = "latest";
    const auto colon = rest.rfind(':');
    if (colon != std::string_view::npos && rest.find('/', colon) == std::string_view::npos) {
        tag = rest.substr(colon + 1);
        rest = rest.substr(0, colon);
        if (!is_tag(tag)) return wrong(text, "'" + std::string{tag} + "' is no tag");
    }
    std::string_view registry;
    const auto slash = rest.find('/');
    if (slash != std::string_view::npos && is_registry(rest.substr(0, slash))) {
        registry = rest.substr(0, slash);
        rest = rest.substr(slash + 1);
        if (!is_registry_name(registry)) return wrong(text, "no registry before its '/'");
    }
    for (auto path = rest;;) {
        const auto end = path.find('/');
        const auto part = path.substr(0, end);
        if (!is_path_part(part)) {
            return wrong(text, "'" + std::string{part} +
                                   "' is not lower case letters and digits, with . _ - between");
        }
        if (end == std::string_view::npos) break;
        path = path.substr(end + 1);
    }
    const bool official = rest.starts_with(kLibrary) && rest.rfind('/') + 1 == kLibrary.size();
    if (official) {
        rest = rest.substr(kLibrary.size());
    } else if (!registry.empty()) {
        out.name = std::string{registry} + "/";
    }
    out.name += std::string{rest} + ":" + std::string{tag};
    // With the tag it got, it has to fit as well.
    if (out.name.size() > kNameMax) return wrong(text, "longer than 255 characters");
    return out;
}

std::string pinned(std::string_view name, std::string_view digest) {
    return std::string{name} + "@" + std::string{digest};
}

std::string_view digest_in(std::string_view text) {
    const auto at = text.rfind('@');
    if (at == std::string_view::npos || !oci::is_digest(text.substr(at + 1))) return {};
    return text.substr(at + 1);
}

}  // namespace shoal::host::images
