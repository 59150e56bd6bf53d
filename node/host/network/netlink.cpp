#include "node/host/network/netlink.h"

#include <cerrno>
#include <linux/netlink.h>
#include <sys/socket.h>

namespace shoal::network {
namespace {

// The kernel fills at most 32 KiB at a time.
constexpr std::size_t kDatagramMax = 65'536;
// A host whose routes change all the time still gets an answer, if not a consistent one.
constexpr int kTriesMax = 5;

// What the kernel has to say beyond the number.
std::string explanation(ByteView payload, std::uint16_t flags) {
    if ((flags & NLM_F_ACK_TLVS) == 0) return {};
    const std::string text = attributes_after<nlmsgerr>(payload).text(NLMSGERR_ATTR_MSG);
    return text.empty() ? "" : " (" + text + ")";
}

// Of the message that ends an answer.
Result<void> verdict(const nlmsghdr& head, ByteView payload, const std::string& doing) {
    const int status = -read_fixed<int>(payload);  // first in both kinds
    if (status <= 0) return {};
    Error error = system_error(doing, status);
    if (head.nlmsg_type == NLMSG_ERROR) error.detail += explanation(payload, head.nlmsg_flags);
    return fail(std::move(error));
}

}  // namespace

Result<Netlink> Netlink::open(int protocol) {
    Descriptor socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)};
    if (!socket.open()) return fail(system_error("opening a netlink socket", errno));
    // Both only improve error messages: the explanation, and no copy of the question before it.
    const int on = 1;
    (void)::setsockopt(socket.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
    (void)::setsockopt(socket.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
    return Netlink{std::move(socket)};
}

Result<Netlink> Netlink::routing() {
    return open(NETLINK_ROUTE);
}

Result<Netlink> Netlink::netfilter() {
    return open(NETLINK_NETFILTER);
}

Result<std::vector<Reply>> Netlink::ask(Message message, const std::string& doing) {
    for (int tries = 1;; ++tries) {
        auto answer = once(message.finished(++sequence_), doing);
        if (!answer) return fail(answer.error());
        if (!answer->interrupted || tries == kTriesMax) return std::move(answer->replies);
    }
}

Result<void> Netlink::tell(Message message, const std::string& doing) {
    auto answer = ask(std::move(message), doing);
    if (!answer) return fail(answer.error());
    return {};
}

Result<Netlink::Answer> Netlink::once(const Bytes& question, const std::string& doing) {
    while (::send(socket_.get(), question.data(), question.size(), 0) < 0) {
        if (errno != EINTR) return fail(system_error(doing, errno));
    }
    Answer answer;
    while (!answer.finished) {
        if (auto received = receive(doing, answer); !received) return fail(received.error());
    }
    return answer;
}

Result<void> Netlink::receive(const std::string& doing, Answer& answer) {
    Bytes buffer(kDatagramMax);
    sockaddr_nl from{};
    socklen_t from_size = sizeof from;
    const auto got = ::recvfrom(socket_.get(), buffer.data(), buffer.size(), MSG_TRUNC,
                                reinterpret_cast<sockaddr*>(&from), &from_size);
    if (got < 0 && errno == EINTR) return {};
    if (got < 0) return fail(system_error(doing, errno));
    if (from.nl_pid != 0) return {};  // Any process may send to our socket; only the kernel counts.
    const auto size = static_cast<std::size_t>(got);
    if (size > buffer.size()) return fail(Errc::TooLarge, doing + ": the answer was cut off");
    return read_datagram(ByteView{buffer}.first(size), doing, answer);
}

Result<void> Netlink::read_datagram(ByteView datagram, const std::string& doing,
                                    Answer& answer) const {
    while (datagram.size() >= sizeof(nlmsghdr)) {
        const auto head = read_fixed<nlmsghdr>(datagram);
        if (head.nlmsg_len < sizeof(nlmsghdr) || head.nlmsg_len > datagram.size()) {
            return fail(Errc::Malformed, doing + ": the kernel's answer makes no sense");
        }
        const ByteView payload =
            datagram.subspan(sizeof(nlmsghdr), head.nlmsg_len - sizeof(nlmsghdr));
        datagram = datagram.subspan(std::min(netlink_aligned(head.nlmsg_len), datagram.size()));
        if (head.nlmsg_seq != sequence_) continue;  // of a question that was given up
        if ((head.nlmsg_flags & NLM_F_DUMP_INTR) != 0) answer.interrupted = true;
        if (head.nlmsg_type == NLMSG_ERROR || head.nlmsg_type == NLMSG_DONE) {
            answer.finished = true;
            if (auto fine = verdict(head, payload, doing); !fine) return fine;
            continue;
        }
        answer.replies.push_back({head.nlmsg_type, {payload.begin(), payload.end()}});
    }
    return {};
}

}  // namespace shoal::network
