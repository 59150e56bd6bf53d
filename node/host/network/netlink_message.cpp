#include "node/host/network/netlink_message.h"

#include <array>
#include <linux/netlink.h>

namespace shoal::network {
namespace {

constexpr std::size_t kAttributeHead = sizeof(nlattr);

std::array<std::uint8_t, 4> big_endian(std::uint32_t value) {
    return {static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
            static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

ByteView view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Message::Message(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr head{};
    head.nlmsg_type = type;
    head.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    put(&head, sizeof head);
}

void Message::put(const void* data, std::size_t size) {
    const std::size_t begin = bytes_.size();
    bytes_.resize(begin + netlink_aligned(size));
    if (size > 0) std::memcpy(bytes_.data() + begin, data, size);
}

void Message::attribute(std::uint16_t type, ByteView value) {
    nlattr head{};
    head.nla_type = type;
    head.nla_len = static_cast<std::uint16_t>(kAttributeHead + value.size());
    put(&head, sizeof head);
    put(value.data(), value.size());
}

void Message::set_length(std::size_t begin) {
    const auto length = static_cast<std::uint16_t>(bytes_.size() - begin);
    std::memcpy(bytes_.data() + begin, &length, sizeof length);  // nla_len comes first
}

Message& Message::raw(std::uint16_t type, ByteView value) {
    attribute(type, value);
    return *this;
}

Message& Message::text(std::uint16_t type, std::string_view value) {
    const std::string closed{value};
    attribute(type, view_of({closed.c_str(), closed.size() + 1}));
    return *this;
}

Message& Message::bytes(std::uint16_t type, std::string_view value) {
    attribute(type, view_of(value));
    return *this;
}

Message& Message::u8(std::uint16_t type, std::uint8_t value) {
    attribute(type, {&value, 1});
    return *this;
}

Message& Message::u16_network(std::uint16_t type, std::uint16_t value) {
    const std::array<std::uint8_t, 2> wire{static_cast<std::uint8_t>(value >> 8U),
                                           static_cast<std::uint8_t>(value)};
    attribute(type, wire);
    return *this;
}

Message& Message::u32(std::uint16_t type, std::uint32_t value) {
    std::array<std::uint8_t, 4> host{};
    std::memcpy(host.data(), &value, sizeof value);
    attribute(type, host);
    return *this;
}

Message& Message::u32_network(std::uint16_t type, std::uint32_t value) {
    attribute(type, big_endian(value));
    return *this;
}

// Old message types ignore the mark, newer ones insist on it.
std::uint16_t Message::nested_type(std::uint16_t type) {
    return static_cast<std::uint16_t>(type | NLA_F_NESTED);
}

bool Message::is_dump() const {
    return (read_fixed<nlmsghdr>(bytes_).nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
}

const Bytes& Message::finished(std::uint32_t sequence) {
    auto head = read_fixed<nlmsghdr>(bytes_);
    if (!is_dump()) head.nlmsg_flags = static_cast<std::uint16_t>(head.nlmsg_flags | NLM_F_ACK);
    head.nlmsg_len = static_cast<std::uint32_t>(bytes_.size());
    head.nlmsg_seq = sequence;
    std::memcpy(bytes_.data(), &head, sizeof head);
    return bytes_;
}

Attributes::Attributes(ByteView bytes) {
    while (bytes.size() >= kAttributeHead) {
        const auto head = read_fixed<nlattr>(bytes);
        if (head.nla_len < kAttributeHead || head.nla_len > bytes.size()) return;
        const auto type = static_cast<std::uint16_t>(head.nla_type & NLA_TYPE_MASK);
        found_[type] = bytes.subspan(kAttributeHead, head.nla_len - kAttributeHead);
        const std::size_t step = netlink_aligned(head.nla_len);
        if (step > bytes.size()) return;
        bytes = bytes.subspan(step);
    }
}

std::optional<ByteView> Attributes::find(std::uint16_t type) const {
    const auto found = found_.find(type);
    if (found == found_.end()) return std::nullopt;
    return found->second;
}

std::optional<std::uint32_t> Attributes::u32(std::uint16_t type) const {
    const auto value = find(type);
    if (!value || value->size() != sizeof(std::uint32_t)) return std::nullopt;
    return read_fixed<std::uint32_t>(*value);
}

std::optional<std::uint32_t> Attributes::u32_network(std::uint16_t type) const {
    const auto value = find(type);
    if (!value || value->size() != sizeof(std::uint32_t)) return std::nullopt;
    std::uint32_t out = 0;
    for (const std::uint8_t byte : *value)
        out = out << 8U | byte;
    return out;
}

std::string Attributes::text(std::uint16_t type) const {
    const auto value = find(type);
    if (!value) return {};
    std::string out{value->begin(), value->end()};
    return out.substr(0, out.find('\0'));
}

Attributes Attributes::nested(std::uint16_t type) const {
    return Attributes{find(type).value_or(ByteView{})};
}

}  // namespace shoal::network
