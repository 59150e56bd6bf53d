// The conversation with one address: HTTP by libcurl, over a UNIX socket, TCP or ssh.
#pragma once

#include "cli/address.h"
#include "cli/failure.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace shoal::cli {

struct HttpRequest {
    std::string method = "GET";
    std::string target = "/";  // path and query, escaped
    std::string body{};        // empty: none
    std::string content_type = "application/json";
    std::chrono::milliseconds timeout{30'000};
};

struct HttpResponse {
    long status = 0;
    std::string body{};
};

// Why there is no response.
struct Silence {
    enum class Kind : std::uint8_t {
        NotConnected,  // nobody got the request
        Broken,        // somebody may have got it
        TimedOut,      // likewise
    };
    Kind kind = Kind::NotConnected;
    std::string reason{};  // "connection refused"
    std::string hint{};    // what to try; may be empty
};

class Connection {
public:
    // `bearer` goes with every request over http://, nowhere else.
    Connection(Address address, std::string bearer);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // One after another; the connection is kept open between them where the node allows.
    tl::expected<HttpResponse, Silence> exchange(const HttpRequest& request);

    [[nodiscard]] const Address& address() const { return address_; }

private:
    struct Curl;

    [[nodiscard]] Silence silence(int code, int system_error, bool sent);

    Address address_;
    std::string bearer_;
    std::unique_ptr<Curl> curl_;
};

}  // namespace shoal::cli
