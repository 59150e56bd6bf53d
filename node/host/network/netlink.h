// One netlink socket: ask the kernel, get all it answers or why not.
//
// Belongs to the network namespace its opening thread was in. Not for two threads at once.
#pragma once

#include "node/host/network/files.h"
#include "node/host/network/netlink_message.h"

#include <vector>

namespace shoal::network {

struct Reply {
    std::uint16_t type = 0;
    Bytes payload{};  // without the message's head
};

class Netlink {
public:
    static Result<Netlink> routing();
    static Result<Netlink> netfilter();

    // Blocks until the kernel has done it. `doing` begins the error: "adding link x: File exists";
    // where the kernel explains itself, its explanation follows.
    [[nodiscard]] Result<std::vector<Reply>> ask(Message message, const std::string& doing);

    // Wants no answer but success.
    [[nodiscard]] Result<void> tell(Message message, const std::string& doing);

private:
    explicit Netlink(Descriptor socket) : socket_(std::move(socket)) {}

    // Of one answer to one question, which may take several datagrams.
    struct Answer {
        std::vector<Reply> replies{};
        bool finished = false;
        bool interrupted = false;
    };

    static Result<Netlink> open(int protocol);
    Result<Answer> once(const Bytes& question, const std::string& doing);
    Result<void> receive(const std::string& doing, Answer& answer);
    Result<void> read_datagram(ByteView datagram, const std::string& doing, Answer& answer) const;

    Descriptor socket_;
    std::uint32_t sequence_ = 0;
};

}  // namespace shoal::network
