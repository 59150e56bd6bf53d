// A program at the other end of a socket: how `ssh` carries a conversation with a node.
//
// The program's standard input and output are the first connection to an abstract UNIX socket that
// only this process may make. A socket pair would be simpler, but libcurl 7.88 insists on
// connecting a socket itself, even one it was told is connected already.
#pragma once

#include "node/base/result.h"

#include <string>
#include <sys/types.h>
#include <vector>

namespace shoal::cli {

class Child {
public:
    // Listens on the abstract socket `name` and starts `command` (looked up in PATH) once this
    // process has connected. Its standard error stays ours: ssh asks and complains there.
    static Result<Child> start(const std::vector<std::string>& command, const std::string& name);

    Child(Child&& other) noexcept;
    Child& operator=(Child&& other) noexcept;
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    // Ends the program and waits for it.
    ~Child();

    // How it ended: "exited with status 255". For a program whose connection has closed; one that
    // lingers for a second is ended.
    [[nodiscard]] std::string wait();

private:
    explicit Child(pid_t pid) : pid_(pid) {}

    void end() noexcept;

    pid_t pid_ = -1;
};

}  // namespace shoal::cli
