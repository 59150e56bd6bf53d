// A caller of the HTTP server that writes its requests by hand, and a server that answers.
#pragma once

#include "node/host/http/server.h"
#include "tests/host/net_pair.h"

#include <asio/connect.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/write.hpp>
#include <gmock/gmock.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace shoal::host::http::tests {

using shoal::host::tests::run_until;

// What came back, read without the parsers under test.
struct Answer {
    int status = 0;
    std::string head{};
    std::string body{};

    [[nodiscard]] std::string code() const {
        const auto json = nlohmann::json::parse(body, nullptr, false);
        if (json.is_discarded() || !json.contains("error")) return {};
        return json["error"].value("code", "");
    }
};

class Caller {
public:
    Caller(asio::io_context& loop, const std::string& unix_path)
        : Caller(loop, asio::local::stream_protocol::endpoint{unix_path}) {}

    Caller(asio::io_context& loop, const Endpoint& at)
        : Caller(loop, asio::ip::tcp::endpoint{asio::ip::make_address(at.ip), at.port}) {}

    ~Caller() { hang_up(); }

    Caller(const Caller&) = delete;
    Caller& operator=(const Caller&) = delete;

    // Written as the loop runs, so that even more than a socket holds can be on its way.
    void send(std::string text) {
        const auto kept = std::make_shared<std::string>(std::move(text));
        asio::async_write(line_->socket, asio::buffer(*kept),
                          [kept, line = line_](const asio::error_code&, std::size_t) {});
    }

    // Now, in one piece.
    void send_at_once(const std::string& text) {
        asio::error_code ignored;
        asio::write(line_->socket, asio::buffer(text), ignored);
    }

    void finish() {
        asio::error_code ignored;
        line_->socket.shutdown(Socket::shutdown_send, ignored);
    }

    void hang_up() {
        asio::error_code ignored;
        line_->socket.close(ignored);
    }

    // The next whole answer; status 0 if the connection ended before it came.
    Answer answer() {
        Answer out{};
        (void)run_until(loop_, [&] { return take(out) || line_->ended; });
        return out;
    }

    Answer ask(std::string request) {
        send(std::move(request));
        return answer();
    }

    // The server hangs up and says no more.
    bool sees_the_end() {
        return run_until(loop_, [&] { return line_->ended; }) && line_->received.empty();
    }

    std::string all_until_the_end() {
        (void)run_until(loop_, [&] { return line_->ended; });
        return line_->received;
    }

private:
    using Socket = asio::generic::stream_protocol::socket;

    // Shared with what the loop still holds when the caller has gone.
    struct Line {
        Socket socket;
        std::array<char, 4096> piece{};
        std::string received{};
        bool ended = false;
    };

    template <class At>
    Caller(asio::io_context& loop, const At& at)
        : loop_(loop), line_(std::make_shared<Line>(Line{Socket{loop}})) {
        line_->socket.connect(at);
        listen(line_);
    }

    static void listen(const std::shared_ptr<Line>& line) {
        line->socket.async_read_some(asio::buffer(line->piece),
                                     [line](const asio::error_code& error, std::size_t size) {
                                         line->received.append(line->piece.data(), size);
                                         line->ended = static_cast<bool>(error);
                                         if (!error) listen(line);
                                     });
    }

    bool take(Answer& out) {
        auto& received = line_->received;
        const auto end = received.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        const auto head = received.substr(0, end + 2);
        const auto at = head.find("Content-Length: ");
        const auto size = at == std::string::npos ? 0 : std::stoul(head.substr(at + 16));
        if (received.size() < end + 4 + size) return false;
        out = {std::stoi(head.substr(9, 3)), head, received.substr(end + 4, size)};
        received.erase(0, end + 4 + size);
        return true;
    }

    asio::io_context& loop_;
    std::shared_ptr<Line> line_;
};

// A folder of its own, gone afterwards.
class Folder {
public:
    Folder() {
        auto pattern = (std::filesystem::temp_directory_path() / "shoal-http-XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }

    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }

    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    std::string path;
};

// A server on a UNIX socket and a TCP port which answers every request with its own body, or keeps
// it for the test to answer.
class ServerTest : public ::testing::Test {
protected:
    static constexpr const char* kToken = "the-token-of-this-test";

    void serve(const HttpLimits& limits = {}) {
        server = std::make_unique<HttpServer>(loop, limits, [this](Request request, Respond done) {
            requests.push_back(request);
            if (keep) return pending.push_back(std::move(done));
            Response out{};
            out.body = request.body.empty() ? "\"" + request.path + "\"" : request.body;
            done(std::move(out));
        });
        const auto local = server->listen_unix(socket);
        ASSERT_TRUE(local) << local.error().detail;
        const auto tcp = server->listen_tcp({"127.0.0.1", 0}, kToken);
        ASSERT_TRUE(tcp) << tcp.error().detail;
        at = *tcp;
    }

    [[nodiscard]] Caller call() { return Caller{loop, socket}; }

    [[nodiscard]] bool until(const std::function<bool()>& so) { return run_until(loop, so); }

    static std::string get(const std::string& target, const std::string& headers = {}) {
        return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
    }

    static std::string put(const std::string& body, const std::string& headers = {}) {
        return "PUT /v1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
               headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    asio::io_context loop;
    Folder folder;
    std::string socket = folder.path + "/run/shoal.sock";
    Endpoint at{};
    bool keep = false;
    std::vector<Request> requests;
    std::vector<Respond> pending;
    std::unique_ptr<HttpServer> server;
};

}  // namespace shoal::host::http::tests
