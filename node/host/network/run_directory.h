// What is kept of containers while they run, in a folder that does not outlive a reboot:
//
//     RUN/netns/ID             the container's network namespace, mounted
//     RUN/containers/ID.json   its address and its published ports
//     RUN/services.json        the addresses of services that programs may have kept
//
// The record is written before anything is made and removed after everything is gone, so whatever
// a killed run left is named by a record. A namespace without one is nobody's.
#pragma once

#include "node/host/network/publication.h"

#include <string>
#include <vector>

namespace shoal::network {

class RunDirectory {
public:
    explicit RunDirectory(std::string path) : path_(std::move(path)) {}

    [[nodiscard]] Result<void> make() const;

    [[nodiscard]] std::string namespace_path(const std::string& container) const;

    [[nodiscard]] std::string services_path() const;

    [[nodiscard]] Result<void> keep(const Record& record) const;
    [[nodiscard]] Result<void> forget(const std::string& container) const;

    struct Contents {
        std::vector<Record> alive{};       // with a namespace; sorted by container
        std::vector<Record> dead{};        // without one
        std::vector<std::string> stray{};  // paths of namespaces and files nobody knows
    };

    [[nodiscard]] Result<Contents> read() const;

    // What is left at a path `stray` named.
    [[nodiscard]] static Result<void> remove_stray(const std::string& path);

private:
    [[nodiscard]] std::string record_path(const std::string& container) const;

    std::string path_;
};

}  // namespace shoal::network
