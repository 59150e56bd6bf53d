// A program at the other end of a socket: how `ssh` carries a conversation with a node.
#pragma once

#include "node/base/result.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace shoal::cli {

class Child {
public:
    // Starts `command` (looked up in PATH) with one end of a socket pair as its standard input and
    // output. Its standard error stays ours: ssh asks and complains there.
    static Result<Child> start(const std::vector<std::string>& command);

    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Ends the program and waits for it.
    ~Child();

    // Our end; the caller closes it. Only once.
    [[nodiscard]] int take_socket();

    // How it ended: "exited with status 255". For a program whose end of the socket has closed; one
    // that lingers for a second is ended.
    [[nodiscard]] std::string wait();

private:
    Child(pid_t pid, int socket) : pid_(pid), socket_(socket) {}

    void end() noexcept;

    pid_t pid_ = -1;
    int socket_ = -1;
};

}  // namespace shoal::cli
