// A containerd of one test: own folders, own socket, own cgroups, own place for runc. Whatever
// happens, nothing of it is left afterwards: the test program runs in a world that scripts/lab
// made, whose id is in the names of all this.
#pragma once

#include <string>
#include <sys/types.h>

namespace shoal::tests {

class PrivateContainerd {
public:
    PrivateContainerd();   // makes the folders; starts nothing
    ~PrivateContainerd();  // kills all that was started below it
    PrivateContainerd(const PrivateContainerd&) = delete;
    PrivateContainerd& operator=(const PrivateContainerd&) = delete;

    void start();  // returns when its socket takes connections
    void kill();   // SIGKILL; its shims and containers run on

    [[nodiscard]] std::string socket() const { return folder_ + "/s"; }

    [[nodiscard]] std::string folder() const { return folder_; }

    // Unique on this machine, short: for namespaces and cgroups.
    [[nodiscard]] const std::string& id() const { return id_; }

    [[nodiscard]] std::string cgroup_parent() const { return "/" + id_; }

private:
    void kill_the_rest() const;
    void remove_cgroups() const;

    std::string folder_;
    std::string id_;
    pid_t pid_ = -1;
};

// A value of /proc/PID/status, "" if there is no such process.
[[nodiscard]] std::string process_status(pid_t pid, const std::string& field);

}  // namespace shoal::tests
