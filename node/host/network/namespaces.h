// Network namespaces that are kept by a file: bind-mounted, so that they live without a process.
//
// A thread changes its namespace for good, therefore every change happens in a thread made for it
// and thrown away; the caller's thread stays where it is.
#pragma once

#include "node/base/result.h"

#include <functional>
#include <string>

namespace shoal::network {

// A fresh namespace with its loopback up, at `path`. Conflict: the file exists. On failure nothing
// is left.
[[nodiscard]] Result<void> make_namespace(const std::string& path);

// Gone already: fine. What runs inside keeps it alive, unnamed.
[[nodiscard]] Result<void> remove_namespace(const std::string& path);

[[nodiscard]] bool is_namespace(const std::string& path);

// Runs `what` in the namespace and waits for it. Sockets opened there stay there.
[[nodiscard]] Result<void> run_inside(const std::string& path,
                                      const std::function<Result<void>()>& what);

}  // namespace shoal::network
