// The API of docs/api.md: from a request to what the node does or knows.
#pragma once

#include "node/host/daemon/image_routes.h"
#include "node/host/daemon/node.h"
#include "node/host/http/message.h"

#include <asio/io_context.hpp>

#include <functional>

namespace shoal::host {

class Routes {
public:
    using Respond = std::function<void(http::Response)>;

    Routes(asio::io_context& loop, Node& node) : loop_(loop), node_(node), images_(node.clock()) {}

    // `respond` is called exactly once, now or later.
    void handle(const http::Request& request, const Respond& respond);

private:
    void relay(http::Request request, const std::string& name, const Respond& respond);
    void of_process(const http::Request& request, const Respond& respond);
    void of_member(Member& member, const http::Request& request, const Respond& respond);
    void jobs(Member& member, const http::Request& request, const std::string& name,
              const Respond& respond);
    void values(Member& member, const http::Request& request, const std::string& key,
                const Respond& respond);
    void events(const http::Request& request, const Respond& respond);

    asio::io_context& loop_;
    Node& node_;
    ImageRoutes images_;
};

}  // namespace shoal::host
