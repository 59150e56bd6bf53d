// A host of its own for each test, with one neighbour: nothing a test does reaches the machine it
// runs on.
//
//     neighbour 192.0.2.2 ---- uplink 192.0.2.1, MTU 1400 ---- this "host"
//
// The test's process leaves the machine's network and mount namespaces for good, so every test
// needs a process of its own (as CTest gives it) and the right to do that: without root it fails.
#pragma once

#include "node/host/network/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace shoal::network::tests {

inline const std::string kHost{};  // where a test's main thread is
inline const std::string kNeighbour = "/run/neighbour";
inline constexpr const char* kHostAddress = "192.0.2.1";
inline constexpr const char* kNeighbourAddress = "192.0.2.2";

// Generous: it only ends a test that has failed.
inline constexpr int kPatienceSeconds = 60;
// How long is waited for what must not happen. A slow machine makes such a check weaker, not wrong.
inline constexpr int kBriefSeconds = 2;

[[nodiscard]] Ipv4 ip(std::string_view text);

// Runs `words` (no quoting) in a namespace; fails the test if they fail. Returns what they print.
std::string run(const std::string& space, const std::string& words, const std::string& input = {});
// The same with nft, one transaction.
void nft(const std::string& text);

[[nodiscard]] std::string read_sysctl(const std::string& path);
void write_sysctl(const std::string& path, const std::string& value,
                  const std::string& space = kHost);

// Answers every TCP connection with "NAME for ADDRESS", the address of who asks.
class Server {
public:
    Server(const std::string& space, const std::string& address, std::uint16_t port,
           std::string name);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

private:
    void serve() const;

    Descriptor socket_;
    std::string name_;
    std::thread thread_;
};

// The same for datagrams; the one who asks keeps its port.
class DatagramServer {
public:
    DatagramServer(const std::string& space, std::uint16_t port, std::string name);
    DatagramServer(const DatagramServer&) = delete;
    DatagramServer& operator=(const DatagramServer&) = delete;
    ~DatagramServer();

private:
    void serve() const;

    Descriptor socket_;
    std::string name_;
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

class DatagramClient {
public:
    explicit DatagramClient(const std::string& space);
    // Empty: no answer in `seconds`.
    std::string ask(const std::string& address, std::uint16_t port, int seconds);

private:
    Descriptor socket_;
};

// What the server there answers; "refused", "no answer" or another reason if it does not.
std::string fetch(const std::string& space, const std::string& address, std::uint16_t port,
                  int seconds = kPatienceSeconds);
// Waits only briefly for an answer that must not come.
bool reaches(const std::string& space, const std::string& address, std::uint16_t port);

// 0, or why a listener cannot be opened there on the host (errno).
int listening_fails_with(const std::string& address, std::uint16_t port);

class World : public testing::Test {
protected:
    World();

    void SetUp() override;

    [[nodiscard]] Settings settings(std::uint32_t node = 0x7f3a91c2) const;

    // Opens the network of a node; fails the test if it cannot.
    [[nodiscard]] static std::unique_ptr<Network> opened(const Settings& settings);
    static Attachment attached(Network& network, const std::string& container,
                               const std::vector<PortRequest>& ports);

    // Everything in the host's kernel and run directory, to be compared.
    [[nodiscard]] std::string snapshot() const;
};

[[nodiscard]] PortRequest tcp(std::string_view host, std::uint16_t host_port,
                              std::uint16_t container_port);

}  // namespace shoal::network::tests
