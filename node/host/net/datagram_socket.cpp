#include "node/host/net/datagram_socket.h"

#include "node/host/net/address.h"

#include <asio/buffer.hpp>

#include <utility>

namespace shoal::host {

DatagramSocket::DatagramSocket(const TransportConfig& config, const KeyRing& keys,
                               TransportCounters& counters, Handlers handlers)
    : config_(config),
      keys_(keys),
      counters_(counters),
      handlers_(std::move(handlers)),
      guard_(config.limits.senders_max) {}

void DatagramSocket::start(std::vector<asio::ip::udp::socket> sockets) {
    for (auto& socket : sockets) {
        asio::error_code ignored;
        socket.non_blocking(true, ignored);
        listeners_.push_back(std::make_shared<Listener>(std::move(socket)));
        receive(listeners_.back());
    }
}

void DatagramSocket::stop() {
    stopped_ = true;
    for (const auto& listener : listeners_) {
        asio::error_code ignored;
        listener->socket.close(ignored);
    }
    listeners_.clear();
    handlers_ = {};
}

void DatagramSocket::send(const NodeId& to, const Endpoint& at, ByteView payload) {
    const auto address = to_address(at.ip);
    const auto sealed = seal_datagram(
        {to, config_.self, config_.boot, ++counter_, {payload.begin(), payload.end()}},
        config_.proto, keys_);
    if (!address || !sealed) {
        ++counters_.datagrams_unsent;
        return;
    }
    const asio::ip::udp::endpoint target{*address, at.port};
    for (const auto& listener : listeners_) {
        asio::error_code error;
        if (listener->socket.local_endpoint(error).protocol() != target.protocol()) continue;
        listener->socket.send_to(asio::buffer(*sealed), target, 0, error);
        if (error) break;  // Lost, as any datagram may be.
        ++counters_.datagrams_sent;
        counters_.datagram_bytes_sent += sealed->size();
        return;
    }
    ++counters_.datagrams_unsent;
}

bool DatagramSocket::heard(const NodeId& node) const {
    const auto found = heard_.find(node);
    return found != heard_.end() &&
           std::chrono::steady_clock::now() - found->second <= config_.limits.heard_for;
}

void DatagramSocket::receive(const std::shared_ptr<Listener>& listener) {
    listener->socket.async_receive_from(
        asio::buffer(listener->buffer), listener->source,
        [self = shared_from_this(), listener](const std::error_code& error, std::size_t size) {
            if (self->stopped_ || error == asio::error::operation_aborted) return;
            if (!error) {
                self->take(ByteView{listener->buffer}.first(size), to_endpoint(listener->source));
            }
            // Errors here speak of packets sent earlier; the socket goes on.
            if (!self->stopped_) self->receive(listener);
        });
}

void DatagramSocket::take(ByteView bytes, const Endpoint& source) {
    auto opened = open_datagram(bytes, config_.proto, keys_);
    if (!opened) return strange(source, opened.error());
    // Our own packet come back: a reflection, or two nodes with one identity. The latter have
    // different boots and must be heard.
    const bool echo = opened->from == config_.self && opened->boot == config_.boot;
    if (echo || (!opened->to.is_zero() && opened->to != config_.self)) {
        ++counters_.misaddressed;
        return;
    }
    if (!guard_.accept(opened->from, opened->boot, opened->counter)) {
        ++counters_.replayed;
        return;
    }
    ++counters_.datagrams_received;
    counters_.datagram_bytes_received += bytes.size();
    remember(opened->from);
    if (handlers_.on_datagram) {
        handlers_.on_datagram(opened->from, source, std::move(opened->payload));
    }
}

void DatagramSocket::strange(const Endpoint& source, Stranger kind) {
    if (kind == Stranger::Noise) ++counters_.noise;
    if (kind == Stranger::WrongKey) ++counters_.wrong_key;
    if (kind == Stranger::OtherProto) ++counters_.other_proto;
    if (handlers_.on_stranger) handlers_.on_stranger(source, kind);
}

void DatagramSocket::remember(const NodeId& node) {
    const auto now = std::chrono::steady_clock::now();
    if (heard_.size() >= config_.limits.senders_max && heard_.count(node) == 0) {
        std::erase_if(heard_, [&](const auto& entry) {
            return now - entry.second > config_.limits.heard_for;
        });
        if (heard_.size() >= config_.limits.senders_max) return;
    }
    heard_[node] = now;
}

}  // namespace shoal::host
