#include "node/host/daemon/seeds.h"

#include "node/host/net/address.h"

#include <asio/post.hpp>

#include <charconv>
#include <utility>

namespace shoal::host {

struct Seeds::Round {
    std::size_t waiting = 0;
    std::vector<Endpoint> found{};
    std::vector<Resolved> callers{};
};

Result<HostPort> parse_host_port(const std::string& text, std::uint16_t default_port) {
    const std::string valid = "'" + text + "' is not HOST or HOST:PORT";
    if (text.empty() || text.size() > 260) return fail(Errc::Malformed, valid);
    HostPort out{text, default_port};
    const bool bracketed = text.front() == '[';
    const auto close = text.find(']');
    if (bracketed && close == std::string::npos) return fail(Errc::Malformed, valid);
    const auto colon = text.rfind(':');
    const bool one_colon = colon != std::string::npos && text.find(':') == colon;
    const bool has_port = bracketed ? colon > close && colon != std::string::npos : one_colon;
    if (has_port) {
        const auto* end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, out.port);
        if (error != std::errc{} || stop != end || out.port == 0) {
            return fail(Errc::Malformed, valid + "; a port is 1 to 65535");
        }
        out.host = text.substr(0, colon);
    }
    if (bracketed) out.host = text.substr(1, close - 1);
    if (out.host.empty()) return fail(Errc::Malformed, valid);
    return out;
}

Seeds::Seeds(asio::io_context& loop, const std::vector<std::string>& addresses)
    : loop_(loop), resolver_(loop) {
    for (const auto& address : addresses) {
        tries_.push_back({.address = address});
    }
}

void Seeds::resolve(Resolved done) {
    if (round_) {
        round_->callers.push_back(std::move(done));
        return;
    }
    round_ = std::make_shared<Round>();
    round_->callers.push_back(std::move(done));
    round_->waiting = 1;
    const auto finish = [this, round = round_] {
        if (--round->waiting > 0) return;
        round_.reset();
        for (const auto& caller : round->callers) {
            caller(round->found);
        }
    };
    for (std::size_t i = 0; i < tries_.size(); ++i) {
        const auto at = parse_host_port(tries_[i].address, kDefaultPort);
        if (!at) {
            tries_[i].error = at.error().detail;
            continue;
        }
        ++round_->waiting;
        resolver_.async_resolve(
            at->host, std::to_string(at->port),
            [this, i, round = round_, finish](const std::error_code& error, const auto& results) {
                if (error == asio::error::operation_aborted) return;
                SeedTry& one = tries_[i];
                if (error) one.error = "cannot be resolved: " + error.message();
                one.resolved.clear();
                one.rejected = false;
                for (const auto& result : results) {
                    one.resolved.push_back(to_endpoint(result.endpoint()));
                    round->found.push_back(one.resolved.back());
                }
                finish();
            });
    }
    asio::post(loop_, finish);
}

void Seeds::note_silent(const Endpoint& at, const std::string& error) {
    for (SeedTry& one : tries_) {
        if (!one.rejected && one.leads_to(at)) one.error = error;
    }
}

void Seeds::note_rejected(const Endpoint& at, const std::string& error) {
    for (SeedTry& one : tries_) {
        if (!one.leads_to(at)) continue;
        one.error = error;
        one.rejected = true;
    }
}

}  // namespace shoal::host
