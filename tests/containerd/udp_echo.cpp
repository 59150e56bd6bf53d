// Sends back what comes to a UDP port: the one thing busybox has no program for. Static, because it
// runs in an image that holds nothing else.
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>

int main(int count, char** words) {
    if (count != 2) return 2;
    const int door = socket(AF_INET, SOCK_DGRAM, 0);
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_port = htons(static_cast<std::uint16_t>(std::atoi(words[1])));
    if (bind(door, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) return 1;
    std::array<char, 2048> bytes{};
    for (;;) {
        sockaddr_in from{};
        socklen_t size = sizeof from;
        auto* const whom = reinterpret_cast<sockaddr*>(&from);
        const auto got = recvfrom(door, bytes.data(), bytes.size(), 0, whom, &size);
        if (got < 0) return 1;
        sendto(door, bytes.data(), static_cast<std::size_t>(got), 0, whom, size);
    }
}
