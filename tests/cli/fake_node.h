// A node's API as a test wants it: canned answers on a UNIX socket of its own, and a note of what
// was asked. Real enough for libcurl, and nothing else listens there.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace shoal::cli {

class FakeNode {
public:
    struct Asked {
        std::string line{};  // "GET /v1/jobs?node=b"
        std::string headers{};
        std::string body{};
    };

    enum class Manner : std::uint8_t { Answers, HangsUp, SaysNothing };

    FakeNode() {
        std::string name = (std::filesystem::temp_directory_path() / "shoal-cli-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        folder_ = name;
        path_ = folder_ + "/s";
        listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path_.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            ::listen(listener_, 16) != 0) {
            throw std::runtime_error("cannot listen on " + path_);
        }
        stop_ = ::eventfd(0, EFD_CLOEXEC);
        thread_ = std::thread{[this] { serve(); }};
    }

    FakeNode(const FakeNode&) = delete;
    FakeNode& operator=(const FakeNode&) = delete;

    ~FakeNode() {
        (void)::eventfd_write(stop_, 1);
        thread_.join();
        ::close(listener_);
        ::close(stop_);
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    [[nodiscard]] const std::string& path() const { return path_; }

    [[nodiscard]] const std::string& folder() const { return folder_; }

    [[nodiscard]] std::string address() const { return "unix://" + path_; }

    // To "METHOD /path", whatever the query. Several answers are given in turn, the last for ever.
    void answers(const std::string& question, const std::string& body, int status = 200) {
        const std::lock_guard lock{mutex_};
        canned_[question].push_back({status, body});
    }

    void refuses(const std::string& question, int status, const std::string& code,
                 const std::string& message, const std::string& hint = {}) {
        nlohmann::ordered_json error = {{"code", code}, {"message", message}};
        if (!hint.empty()) error["hint"] = hint;
        answers(question, nlohmann::ordered_json{{"error", error}}.dump(), status);
    }

    void behaves(Manner manner) {
        const std::lock_guard lock{mutex_};
        manner_ = manner;
    }

    [[nodiscard]] std::vector<Asked> asked() const {
        const std::lock_guard lock{mutex_};
        return asked_;
    }

    // The request lines alone.
    [[nodiscard]] std::vector<std::string> lines() const {
        std::vector<std::string> out;
        for (const auto& one : asked()) {
            out.push_back(one.line);
        }
        return out;
    }

private:
    struct Canned {
        int status = 200;
        std::string body{};
    };

    // Waits for the descriptor, or for the end of the test.
    bool ready(int descriptor) const {
        std::array<pollfd, 2> watched{pollfd{descriptor, POLLIN, 0}, pollfd{stop_, POLLIN, 0}};
        return ::poll(watched.data(), watched.size(), -1) > 0 && watched[1].revents == 0;
    }

    void serve() {
        while (ready(listener_)) {
            const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (peer < 0) continue;
            converse(peer);
            ::close(peer);
        }
    }

    static std::size_t length_of_body(std::string head) {
        std::transform(head.begin(), head.end(), head.begin(), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        const std::string name = "content-length: ";
        const auto at = head.find(name);
        return at == std::string::npos ? 0
                                       : std::strtoul(head.c_str() + at + name.size(), nullptr, 10);
    }

    std::optional<Asked> hear(int peer) const {
        std::string heard;
        for (;;) {
            const auto end = heard.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto head = heard.substr(0, end);
                if (heard.size() >= end + 4 + length_of_body(head)) {
                    const auto line = head.substr(0, head.find(" HTTP/"));
                    return Asked{line, head.substr(head.find("\r\n") + 2), heard.substr(end + 4)};
                }
            }
            std::array<char, 4096> buffer{};
            if (!ready(peer)) return std::nullopt;
            const auto count = ::read(peer, buffer.data(), buffer.size());
            if (count <= 0) return std::nullopt;
            heard.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }

    void converse(int peer) {
        const auto asked = hear(peer);
        if (!asked) return;
        auto manner = Manner::Answers;
        Canned answer{404, R"({"error": {"code": "not-found", "message": "not in this test"}})"};
        {
            const std::lock_guard lock{mutex_};
            asked_.push_back(*asked);
            manner = manner_;
            const auto found = canned_.find(asked->line.substr(0, asked->line.find('?')));
            if (found != canned_.end()) {
                answer = found->second.front();
                if (found->second.size() > 1) found->second.erase(found->second.begin());
            }
        }
        if (manner == Manner::HangsUp) return;
        if (manner == Manner::SaysNothing) {
            std::array<char, 1> nothing{};
            // Until the client gives up, or the test is over.
            while (ready(peer) && ::read(peer, nothing.data(), 1) > 0) {
            }
            return;
        }
        const auto response = "HTTP/1.1 " + std::to_string(answer.status) +
                              " Canned\r\nContent-Type: application/json\r\nConnection: close\r\n"
                              "Content-Length: " +
                              std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
        (void)!::write(peer, response.data(), response.size());
    }

    std::string folder_;
    std::string path_;
    int listener_ = -1;
    int stop_ = -1;
    std::thread thread_;
    mutable std::mutex mutex_;
    std::map<std::string, std::vector<Canned>> canned_;
    std::vector<Asked> asked_;
    Manner manner_ = Manner::Answers;
};

}  // namespace shoal::cli
