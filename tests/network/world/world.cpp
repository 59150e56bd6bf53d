#include "tests/network/world/world.h"

#include "node/host/network/files.h"
#include "node/host/network/namespaces.h"
#include "node/host/network/program.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <sstream>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

namespace shoal::network::tests {
namespace {

void must(const Result<void>& done) {
    ASSERT_TRUE(done) << done.error().detail;
}

void in(const std::string& space, const std::function<void()>& what) {
    if (space.empty()) {
        what();
        return;
    }
    must(run_inside(space, [&]() -> Result<void> {
        what();
        return {};
    }));
}

Descriptor open_socket(const std::string& space, int kind) {
    Descriptor out;
    in(space, [&] { out = Descriptor{::socket(AF_INET, kind | SOCK_CLOEXEC, 0)}; });
    return out;
}

sockaddr_in socket_address(const std::string& address, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    out.sin_addr.s_addr = htonl(ip(address).value);
    return out;
}

const sockaddr* generic(const sockaddr_in& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

sockaddr* generic(sockaddr_in& address) {
    return reinterpret_cast<sockaddr*>(&address);
}

int bind_to(const Descriptor& socket, const std::string& address, std::uint16_t port) {
    const int on = 1;
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const auto where = socket_address(address, port);
    return ::bind(socket.get(), generic(where), sizeof where) == 0 ? 0 : errno;
}

void set_patience(const Descriptor& socket, int seconds) {
    const timeval patience{seconds, 0};
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

std::string greeting(const std::string& name, const sockaddr_in& asker) {
    return name + " for " + to_string(Ipv4{ntohl(asker.sin_addr.s_addr)});
}

}  // namespace

Ipv4 ip(std::string_view text) {
    return parse_ipv4(text).value();
}

std::string run(const std::string& space, const std::string& words, const std::string& input) {
    std::istringstream stream{words};
    std::vector<std::string> split{std::istream_iterator<std::string>{stream}, {}};
    std::string out;
    in(space, [&] {
        const auto ran = run_program(split, input);
        ASSERT_TRUE(ran) << ran.error().detail;
        EXPECT_EQ(ran->status, 0) << words << "\n" << input << "\n" << ran->err;
        out = ran->out;
    });
    return out;
}

void nft(const std::string& text) {
    run(kHost, "nft -f -", text);
}

std::string read_sysctl(const std::string& path) {
    auto value = read_file("/proc/sys/" + path).value_or("unreadable");
    return value.substr(0, value.find('\n'));
}

void write_sysctl(const std::string& path, const std::string& value, const std::string& space) {
    in(space, [&] { must(overwrite("/proc/sys/" + path, value)); });
}

Server::Server(const std::string& space, const std::string& address, std::uint16_t port,
               std::string name)
    : socket_(open_socket(space, SOCK_STREAM)), name_(std::move(name)) {
    EXPECT_EQ(bind_to(socket_, address, port), 0) << address << ":" << port;
    EXPECT_EQ(::listen(socket_.get(), 64), 0);
    thread_ = std::thread{[this] { serve(); }};
}

Server::~Server() {
    (void)::shutdown(socket_.get(), SHUT_RDWR);  // ends the accepting
    thread_.join();
}

void Server::serve() const {
    for (;;) {
        sockaddr_in asker{};
        socklen_t size = sizeof asker;
        const Descriptor peer{::accept4(socket_.get(), generic(asker), &size, SOCK_CLOEXEC)};
        if (!peer.open() && errno != EINTR && errno != ECONNABORTED) return;
        const std::string answer = greeting(name_, asker);
        if (peer.open()) (void)::send(peer.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
}

DatagramServer::DatagramServer(const std::string& space, std::uint16_t port, std::string name)
    : socket_(open_socket(space, SOCK_DGRAM)), name_(std::move(name)) {
    EXPECT_EQ(bind_to(socket_, "0.0.0.0", port), 0);
    thread_ = std::thread{[this] { serve(); }};
}

DatagramServer::~DatagramServer() {
    over_ = true;
    (void)::shutdown(socket_.get(), SHUT_RDWR);  // wakes the receiving
    thread_.join();
}

void DatagramServer::serve() const {
    while (!over_) {
        std::array<char, 64> question{};
        sockaddr_in asker{};
        socklen_t size = sizeof asker;
        const auto got =
            ::recvfrom(socket_.get(), question.data(), question.size(), 0, generic(asker), &size);
        if (got <= 0) continue;
        const std::string answer = greeting(name_, asker);
        (void)::sendto(socket_.get(), answer.data(), answer.size(), MSG_NOSIGNAL, generic(asker),
                       size);
    }
}

DatagramClient::DatagramClient(const std::string& space)
    : socket_(open_socket(space, SOCK_DGRAM)) {}

std::string DatagramClient::ask(const std::string& address, std::uint16_t port, int seconds) {
    set_patience(socket_, seconds);
    const auto where = socket_address(address, port);
    (void)::sendto(socket_.get(), "?", 1, 0, generic(where), sizeof where);
    std::array<char, 256> answer{};
    const auto got = ::recv(socket_.get(), answer.data(), answer.size(), 0);
    return got <= 0 ? "" : std::string(answer.data(), static_cast<std::size_t>(got));
}

std::string fetch(const std::string& space, const std::string& address, std::uint16_t port,
                  int seconds) {
    const Descriptor socket = open_socket(space, SOCK_STREAM);
    set_patience(socket, seconds);
    const auto where = socket_address(address, port);
    if (::connect(socket.get(), generic(where), sizeof where) != 0) {
        if (errno == ECONNREFUSED) return "refused";
        if (errno == EINPROGRESS || errno == EAGAIN || errno == ETIMEDOUT) return "no answer";
        return std::generic_category().message(errno);
    }
    std::string out;
    std::array<char, 256> piece{};
    for (;;) {
        const auto got = ::recv(socket.get(), piece.data(), piece.size(), 0);
        if (got == 0) return out;
        if (got < 0) return "no answer";
        out.append(piece.data(), static_cast<std::size_t>(got));
    }
}

bool reaches(const std::string& space, const std::string& address, std::uint16_t port) {
    return fetch(space, address, port, kBriefSeconds).find(" for ") != std::string::npos;
}

int listening_fails_with(const std::string& address, std::uint16_t port) {
    const Descriptor socket = open_socket(kHost, SOCK_STREAM);
    const int wrong = bind_to(socket, address, port);
    if (wrong != 0) return wrong;
    return ::listen(socket.get(), 1) == 0 ? 0 : errno;
}

World::World() = default;

void World::SetUp() {
    if (::geteuid() != 0) {
        FAIL() << "this test needs root: it makes network namespaces, links and nft tables "
                  "(in namespaces of its own; the machine's stay as they are)";
    }
    ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS), 0) << "cannot leave the machine's namespaces";
    ASSERT_EQ(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(::mount("shoal-test", "/run", "tmpfs", 0, "mode=0755"), 0);
    must(make_namespace(kNeighbour));
    run(kHost, "ip link set lo up");
    auto kernel = Netlink::routing();
    ASSERT_TRUE(kernel) << kernel.error().detail;
    const Descriptor neighbour{::open(kNeighbour.c_str(), O_RDONLY | O_CLOEXEC)};
    must(make_veth(*kernel,
                   {"uplink", "eth0", neighbour.get(), hardware_address(ip("192.0.2.2")), 1400}));
    run(kHost, "ip address add 192.0.2.1/24 dev uplink");
    run(kHost, "ip link set uplink up");
    run(kNeighbour, "ip address add 192.0.2.2/24 dev eth0");
    run(kNeighbour, "ip link set eth0 up");
    run(kHost, "ip route add default via 192.0.2.2");
}

Settings World::settings(std::uint32_t node) const {
    Settings out;
    out.node.high = std::uint64_t{node} << 32U;
    out.node.low = node;
    out.run_dir = "/run/shoal/" + to_short(out.node);
    out.subnet_file = "/run/subnet-" + to_short(out.node);
    return out;
}

std::unique_ptr<Network> World::opened(const Settings& settings) {
    auto network = Network::open(settings);
    if (!network) {
        ADD_FAILURE() << network.error().detail;
        throw std::runtime_error{"the network did not open"};
    }
    return std::move(*network);
}

Attachment World::attached(Network& network, const std::string& container,
                           const std::vector<PortRequest>& ports) {
    const auto attachment = network.attach(container, ports);
    if (!attachment) {
        ADD_FAILURE() << attachment.error().detail;
        throw std::runtime_error{"the container was not attached"};
    }
    return *attachment;
}

std::string World::snapshot() const {
    auto kernel = Netlink::routing();
    std::string out;
    const auto all_links = links(*kernel);
    const auto all_addresses = addresses(*kernel);
    const auto all_routes = routes(*kernel);
    for (const Link& link : *all_links) {
        out += link.name + " " + link.kind + " mtu " + std::to_string(link.mtu) + " of " +
               std::to_string(link.master) + (link.up ? " up\n" : " down\n");
    }
    for (const Address& address : *all_addresses) {
        out += to_string(address.address) + "/" + std::to_string(address.prefix) + "\n";
    }
    for (const Route& route : *all_routes)
        out += "route " + to_string(route.destination) + "\n";
    out += run(kHost, "nft -s list ruleset");
    for (const char* folder : {"netns", "containers"}) {
        const auto files = list_directory(settings().run_dir + "/" + folder);
        for (const std::string& name : *files)
            out += std::string{folder} + "/" + name + "\n";
    }
    std::istringstream mounts{read_file("/proc/self/mountinfo").value_or("")};
    for (std::string line; std::getline(mounts, line);) {
        if (line.find(" nsfs ") != std::string::npos) out += line.substr(line.find("/run")) + "\n";
    }
    return out;
}

PortRequest tcp(std::string_view host, std::uint16_t host_port, std::uint16_t container_port) {
    return {ip(host), host_port, container_port, Protocol::Tcp};
}

}  // namespace shoal::network::tests
