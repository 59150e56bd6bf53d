// `shoal agent`: the process around a node. Signals, logging, the API's doors, and the loop.
#include "node/host/daemon/daemon.h"
#include "node/host/daemon/node.h"
#include "node/host/daemon/ready.h"
#include "node/host/daemon/routes.h"
#include "node/host/http/server.h"
#include "node/host/identity/files.h"
#include "node/host/identity/token.h"
#include "node/host/net/address.h"

#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <utility>

namespace shoal::host {
namespace {

// Between the last word of a node that stops and the end of its sockets.
constexpr std::chrono::milliseconds kLastWords{150};

class Process {
public:
    Process(const AgentOptions& options, const MakeRuntime& make_containerd)
        : options_(options), make_containerd_(make_containerd), signals_(loop_) {}

    Result<void> start() {
        auto node = Node::open(
            loop_, clock_, options_, make_containerd_,
            {.relay = [this](const NodeId& from,
                             std::shared_ptr<Pipe> pipe) { server_->serve(std::move(pipe), from); },
             .end = [this](int status, const std::string& why) { end(status, why); }});
        if (!node) return fail(node.error());
        node_ = std::move(*node);
        routes_ = std::make_unique<Routes>(loop_, *node_);
        server_ = std::make_unique<http::HttpServer>(
            loop_, http::HttpLimits{},
            [this](const http::Request& request, const Routes::Respond& respond) {
                routes_->handle(request, respond);
            });
        if (const auto entered = enter(); !entered) return entered;
        if (const auto open = server_->listen_unix(options_.socket); !open) return open;
        if (const auto open = listen_tcp(); !open) return open;
        spdlog::info(
            "shoal {} answers at unix://{}{}", SHOAL_VERSION, options_.socket,
            node_->member() == nullptr ? "; in no cluster yet: shoal init or shoal join" : "");
        tell_ready();
        return {};
    }

    int run() {
        for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
            signals_.add(number);
        }
        await_signal();
        loop_.run();
        server_.reset();
        routes_.reset();
        node_.reset();
        return status_;
    }

private:
    // --init and --join, for scripts; both only where the node is in no cluster yet.
    Result<void> enter() {
        if (options_.init && !options_.join.empty()) {
            return fail(Errc::Malformed, "--init and --join exclude each other");
        }
        if (options_.init) {
            const auto entered = node_->init();
            if (!entered) return fail(entered.error());
        }
        if (options_.join.empty()) return {};
        const auto read = read_token(options_.token_file);
        if (!read) return fail(read.error());
        if (!read->warning.empty()) spdlog::warn("{}", read->warning);
        auto text = make_token(read->token);
        const auto entered = node_->join(options_.join, text);
        wipe(text);
        if (!entered) return fail(entered.error());
        return {};
    }

    Result<void> listen_tcp() {
        if (options_.http.empty()) return {};
        const auto at = parse_endpoint(options_.http, 7380);
        if (!at) {
            return fail(at.error().code, "--http: " + at.error().detail +
                                             "; expected ADDRESS:PORT, for example 127.0.0.1:7380");
        }
        const std::string path = options_.data_dir + "/api-token";
        if (!exists(path)) {
            const auto fresh = to_hex(ClusterId{random_u64(), random_u64()}) +
                               to_hex(ClusterId{random_u64(), random_u64()}) + "\n";
            if (const auto kept = write_private_file(path, to_bytes(fresh)); !kept) return kept;
        }
        auto token = read_private_file(path, 4096);
        if (!token) return fail(token.error());
        while (token->ends_with('\n'))
            token->pop_back();
        const auto open = server_->listen_tcp(*at, *token);
        wipe(*token);
        if (!open) return fail(open.error());
        spdlog::info("the API answers at http://{} too, with the token in {}", to_string(*open),
                     path);
        return {};
    }

    void await_signal() {
        signals_.async_wait([this](const std::error_code& error, int number) {
            if (error) return;
            if (number == SIGHUP) {
                spdlog::info("SIGHUP: nothing to read again; settings change with a restart");
                await_signal();
                return;
            }
            spdlog::info("stopping; what runs here runs on");
            node_->announce_restart();
            end(0, "");
        });
    }

    void end(int status, const std::string& why) {
        if (std::exchange(ending_, true)) return;
        status_ = status;
        if (!why.empty()) spdlog::error("{}", why);
        last_words_.expires_after(kLastWords);
        last_words_.async_wait([this](const std::error_code&) { loop_.stop(); });
    }

    AgentOptions options_;
    MakeRuntime make_containerd_;
    asio::io_context loop_{1};
    asio::signal_set signals_;
    asio::steady_timer last_words_{loop_};
    Clock clock_;
    std::unique_ptr<http::HttpServer> server_;
    std::unique_ptr<Node> node_;
    std::unique_ptr<Routes> routes_;
    int status_ = 0;
    bool ending_ = false;
};

// A shell grants 1024 descriptors; peers and callers together may be several thousand.
void take_descriptors() {
    constexpr rlim_t kEnough = 65'536;
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const auto wanted = std::min(limit.rlim_max, kEnough);
    if (limit.rlim_cur >= wanted) return;
    limit.rlim_cur = wanted;
    (void)::setrlimit(RLIMIT_NOFILE, &limit);  // Without it, fewer are served at once.
}

}  // namespace

int run_agent(const AgentOptions& options, const MakeRuntime& make_containerd) {
    spdlog::set_default_logger(
        std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
    spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
    spdlog::set_level(spdlog::level::from_str(options.log_level));
    spdlog::flush_on(spdlog::level::info);
    // A broken connection and a file at its limit are errors of the call, not the end.
    (void)std::signal(SIGPIPE, SIG_IGN);
    (void)std::signal(SIGXFSZ, SIG_IGN);
    take_descriptors();
    Process process{options, make_containerd};
    if (const auto started = process.start(); !started) {
        spdlog::error("{}", started.error().detail);
        return 1;
    }
    return process.run();
}

}  // namespace shoal::host
