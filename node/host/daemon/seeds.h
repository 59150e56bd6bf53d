// The addresses a node was told to join through: resolved anew each time they are asked for, with
// what became of the last try, for the person who waits.
#pragma once

#include "node/base/endpoint.h"
#include "node/base/result.h"

#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace shoal::host {

struct SeedTry {
    std::string address{};  // as it was given
    std::vector<Endpoint> resolved{};
    std::string error{};    // of the last try; empty: none yet, or it answered
    bool rejected = false;  // a member there has said that it will not have us

    [[nodiscard]] bool leads_to(const Endpoint& at) const {
        return std::find(resolved.begin(), resolved.end(), at) != resolved.end();
    }
};

class Seeds {
public:
    using Resolved = std::function<void(std::vector<Endpoint>)>;

    Seeds(asio::io_context& loop, const std::vector<std::string>& addresses);

    // Calls back once, later, with all addresses of all names that resolved. A call before the last
    // was answered is answered with it.
    void resolve(Resolved done);

    // What became of a try. A rejection is worth more than the silence of another address of the
    // same name.
    void note_silent(const Endpoint& at, const std::string& error);
    void note_rejected(const Endpoint& at, const std::string& error);

    [[nodiscard]] const std::vector<SeedTry>& tries() const { return tries_; }

private:
    struct Round;

    asio::io_context& loop_;
    asio::ip::udp::resolver resolver_;
    std::vector<SeedTry> tries_;
    std::shared_ptr<Round> round_;
};

// "HOST", "HOST:PORT", "[V6]:PORT" -> host and port, the default one if there is none.
struct HostPort {
    std::string host{};
    std::uint16_t port = 0;
};

[[nodiscard]] Result<HostPort> parse_host_port(const std::string& text, std::uint16_t default_port);

inline constexpr std::uint16_t kDefaultPort = 7373;

}  // namespace shoal::host
