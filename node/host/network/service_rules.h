// The text of the table that translates services: one chain for each, and one map of who may enter
// which. Pure, and one transaction as all texts here.
//
// A table of its own, so that it is replaced as a whole whenever a replica comes or goes without
// touching published ports. Connections do not notice: the kernel asks once for each.
#pragma once

#include "node/host/network/names.h"
#include "node/host/network/services.h"

#include <string>
#include <vector>

namespace shoal::network {

// In place of whatever was there. What is sent to an address of `services` and not translated is
// refused at once.
[[nodiscard]] std::string services_text(const Names& names, const Subnet& services,
                                        const std::vector<Translation>& translations);

}  // namespace shoal::network
