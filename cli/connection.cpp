#include "cli/connection.h"

#include "cli/child.h"
#include "cli/random.h"
#include "cli/text.h"
#include "node/base/overloaded.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <curl/curl.h>
#include <optional>
#include <sys/socket.h>
#include <sys/types.h>
#include <utility>
#include <variant>

namespace shoal::cli {
namespace {

// Answers are lists of at most a few thousand things; more is not a node talking.
constexpr std::size_t kAnswerMax = 64U << 20U;

// A host that drops packets must not eat the time the next address could have answered in.
constexpr long kConnectMs = 3000;

std::size_t receive(char* data, std::size_t size, std::size_t count, void* body) {
    auto& text = *static_cast<std::string*>(body);
    if (text.size() + size * count > kAnswerMax) return 0;  // curl ends the transfer
    text.append(data, size * count);
    return size * count;
}

std::vector<std::string> ssh_command(const SshAddress& address) {
    std::vector<std::string> command{"ssh"};
    if (address.port != 0) {
        command.insert(command.end(), {"-p", std::to_string(address.port)});
    }
    command.insert(command.end(), {"-T", "--", address.destination, "shoal", "dial-stdio"});
    return command;
}

struct Tunnel {
    SshAddress address{};
    std::string socket{};  // abstract name libcurl connects to
    std::optional<Child> child{};
    std::string refusal{};  // why there is no child
};

// Called when libcurl is about to connect: what it connects to must be there now.
curl_socket_t open_tunnel(void* tunnel_pointer, curlsocktype /*purpose*/, curl_sockaddr* /*to*/) {
    auto& tunnel = *static_cast<Tunnel*>(tunnel_pointer);
    auto child = Child::start(ssh_command(tunnel.address), tunnel.socket);
    if (!child) {
        tunnel.refusal = child.error().detail;
        return CURL_SOCKET_BAD;
    }
    tunnel.child = std::move(*child);
    return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using Headers = std::unique_ptr<curl_slist, FreeList>;

void add(Headers& headers, const std::string& line) {
    headers.reset(curl_slist_append(headers.release(), line.c_str()));
}

std::string lower_first(std::string text) {
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') {
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    }
    return text;
}

Silence refused_by_socket(const UnixAddress& address, int error) {
    Silence out{Silence::Kind::NotConnected, lower_first(std::strerror(error)), {}};
    if (error == EACCES || error == EPERM) {
        out.hint =
            "run it as root, or join the group shoal: sudo usermod -aG shoal $USER, then "
            "log in again";
    } else if (error == ENOENT || error == ECONNREFUSED) {
        out.reason = error == ENOENT ? "no such socket; the agent is not running"
                                     : "the socket is there, the agent is not running";
        out.hint = "start it with 'shoal agent'";
        if (to_string(Address{address}) == kDefaultAddress) out.hint += ", or set SHOAL_ADDR";
    }
    return out;
}

std::string_view plainly(CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
            return "no such host";
        case CURLE_COULDNT_CONNECT:
            return "no connection";
        case CURLE_OPERATION_TIMEDOUT:
            return "no answer in time";
        case CURLE_GOT_NOTHING:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_PARTIAL_FILE:
            return "the connection broke before the answer";
        case CURLE_UNSUPPORTED_PROTOCOL:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_HTTP2:
            return "what answers there is not a node";
        default:
            return curl_easy_strerror(code);
    }
}

}  // namespace

struct Connection::Curl {
    struct Cleanup {
        void operator()(CURL* used) const { curl_easy_cleanup(used); }
    };

    std::optional<Tunnel> tunnel{};
    std::unique_ptr<CURL, Cleanup> handle{};  // after the tunnel: its socket closes first
};

Connection::Connection(Address address, std::string bearer)
    : address_(std::move(address)), bearer_(std::move(bearer)), curl_(std::make_unique<Curl>()) {
    static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (ready == CURLE_OK) curl_->handle.reset(curl_easy_init());
    auto* handle = curl_->handle.get();
    if (handle == nullptr) return;
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(handle, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);  // a key may hold "/../"
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    if (const auto* socket = std::get_if<UnixAddress>(&address_)) {
        curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, socket->path.c_str());
    } else if (const auto* ssh = std::get_if<SshAddress>(&address_)) {
        curl_->tunnel = Tunnel{*ssh, "shoal-" + random_id(), std::nullopt, {}};
        curl_easy_setopt(handle, CURLOPT_ABSTRACT_UNIX_SOCKET, curl_->tunnel->socket.c_str());
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open_tunnel);
        curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, &*curl_->tunnel);
    }
}

Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

tl::expected<HttpResponse, Silence> Connection::exchange(const HttpRequest& request) {
    auto* handle = curl_->handle.get();
    if (handle == nullptr) {
        return tl::unexpected{Silence{Silence::Kind::NotConnected, "libcurl does not start", {}}};
    }
    const auto* http = std::get_if<HttpAddress>(&address_);
    // Whatever is connected already, curl wants a name and an address that needs no resolver.
    const std::string url =
        "http://" + (http != nullptr ? http->authority : "127.0.0.1") + request.target;
    Headers headers;
    add(headers, "Accept: application/json");
    add(headers, "Expect:");
    if (!request.body.empty()) add(headers, "Content-Type: " + request.content_type);
    if (http == nullptr) add(headers, "Host: localhost");
    if (http != nullptr && !bearer_.empty()) add(headers, "Authorization: Bearer " + bearer_);

    HttpResponse response;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &response.body);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    curl_easy_setopt(handle, CURLOPT_HTTPGET, 1L);
    if (!request.body.empty()) {
        curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
        curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    }
    const CURLcode code = curl_easy_perform(handle);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, nullptr);
    if (code == CURLE_OK) {
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &response.status);
        return response;
    }
    long error = 0;
    curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &error);
    double connected = 0;
    curl_easy_getinfo(handle, CURLINFO_PRETRANSFER_TIME, &connected);
    return tl::unexpected{silence(static_cast<int>(code), static_cast<int>(error), connected > 0)};
}

Silence Connection::silence(int code_number, int system_error, bool sent) {
    const auto code = static_cast<CURLcode>(code_number);
    Silence out{
        sent ? Silence::Kind::Broken : Silence::Kind::NotConnected, std::string{plainly(code)}, {}};
    if (code == CURLE_OPERATION_TIMEDOUT) {
        if (sent) out.kind = Silence::Kind::TimedOut;
        return out;
    }
    if (const auto* socket = std::get_if<UnixAddress>(&address_); socket != nullptr && !sent) {
        return refused_by_socket(*socket, system_error);
    }
    auto& tunnel = curl_->tunnel;
    if (tunnel && !tunnel->child) {
        out.reason = "ssh cannot be started: " + tunnel->refusal;
    } else if (tunnel) {
        out.reason = "ssh " + tunnel->child->wait();
        out.hint = fmt::format("ssh {} shoal version", tunnel->address.destination);
        tunnel->child.reset();
    } else if (!sent && system_error != 0) {
        out.reason = lower_first(std::strerror(system_error));
    }
    return out;
}

}  // namespace shoal::cli
