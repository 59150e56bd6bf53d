// The part of the API about volumes: which there are, who has them, and removing one.
#pragma once

#include "node/host/daemon/member.h"
#include "node/host/http/message.h"

#include <functional>

namespace shoal::host {

// False: the path is none of these, and nothing was answered.
bool handle_volumes(Member& member, const http::Request& request,
                    const std::function<void(http::Response)>& respond);

}  // namespace shoal::host
