// What travels between the machines of a cluster, and what becomes of it on the way.
#include "chaos/cluster.h"
#include "node/agent/envelope.h"
#include "node/base/check.h"

#include <algorithm>
#include <utility>

namespace shoal::chaos {

using std::chrono::seconds;

void Cluster::transmit(Machine& from, const agent::Transmit& effect) {
    const auto to = host_at(effect.at);
    if (!to || *to == from.host) return;
    if (effect.channel == agent::Channel::Datagram) {
        send_datagram(from, *to, effect.message);
    } else {
        send_stream(from, *to, effect.message);
    }
}

std::optional<agent::Message> Cluster::through_the_wire(const agent::Message& message,
                                                        agent::Channel channel, bool corrupted) {
    if (!options_.wire && !corrupted) return message;
    Bytes bytes = agent::encode_message(message);
    if (corrupted) {
        // Sealed, it would not open and be dropped; `hostile` lets a member of ill will send it.
        if (!options_.hostile) return std::nullopt;
        bytes[random_.below(bytes.size())] ^= static_cast<std::uint8_t>(1 + random_.below(255));
    }
    auto decoded = agent::decode_message(bytes, channel);
    if (!decoded) {
        ++counters_.undecodable;
        SHOAL_CHECK(corrupted);  // What we encode we can read.
        return std::nullopt;
    }
    return std::move(*decoded);
}

void Cluster::send_datagram(Machine& from, Host to, const agent::Message& message) {
    ++counters_.packets;
    const auto fate = network_.datagram(from.host, to);
    if (fate.arrivals.empty()) ++counters_.lost;
    if (fate.arrivals.size() > 1) ++counters_.doubled;
    if (fate.corrupted) ++counters_.corrupted;
    for (const Duration delay : fate.arrivals) {
        auto arrived = through_the_wire(message, agent::Channel::Datagram, fate.corrupted);
        if (!arrived) continue;
        schedule(now_ + delay,
                 ForNode{to, 0,
                         agent::Receive{from.id, from.endpoint, agent::Channel::Datagram,
                                        std::move(*arrived)}});
    }
}

void Cluster::send_stream(Machine& from, Host to, const agent::Message& message) {
    ++counters_.stream_messages;
    Machine& target = machine(to);
    const bool both_ways = network_.reaches(from.host, to) && network_.reaches(to, from.host);
    if (!both_ways || target.power != Power::On) {
        // Refused at once by a host without an agent; a silent one takes the sender's time-out.
        const bool refused = both_ways && target.power == Power::AgentDown;
        const Duration wait = refused ? network_.delay() : Duration{seconds{3}};
        from.connected.erase(to);
        schedule(now_ + wait, ForNode{from.host, from.instance, agent::StreamBroken{target.id}});
        return;
    }
    from.connected.insert(to);
    auto arrived = through_the_wire(message, agent::Channel::Stream, false);
    Instant& last = target.last_arrival[from.host];
    last = std::max(now_ + network_.stream_delay(), last + Duration{1});
    schedule(last, ForNode{to, target.instance,
                           agent::Receive{from.id, from.endpoint, agent::Channel::Stream,
                                          std::move(*arrived)}});
}

void Cluster::probe(Machine& from, const agent::ProbeStream& effect) {
    agent::StreamProbed answer{.peer = effect.peer, .question = effect.question};
    Duration wait = seconds{1};
    const auto to = host_at(effect.at);
    if (to && network_.reaches(from.host, *to) && network_.reaches(*to, from.host)) {
        const Machine& target = machine(*to);
        if (target.power == Power::AgentDown) {
            answer.reach = membership::Reach::Refused;
            wait = network_.delay() + network_.delay();
        } else if (target.runs() && !target.paused && target.id == effect.peer) {
            answer.reach = membership::Reach::Answered;
            answer.heard_our_datagrams = true;
            wait = network_.delay() + network_.delay();
        }
    }
    schedule(now_ + wait, ForNode{from.host, from.instance, answer});
}

}  // namespace shoal::chaos
