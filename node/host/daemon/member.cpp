#include "node/host/daemon/member.h"

#include "node/agent/envelope.h"
#include "node/agent/facts.h"
#include "node/host/daemon/views.h"
#include "node/host/identity/secret.h"
#include "node/host/volumes/directories.h"

#include <asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace shoal::host {

Member::Member(asio::io_context& loop, const Clock& clock, Birth birth, const Secret& key,
               const SodiumSigner& signer, EventLog& log, Events events)
    : loop_(loop),
      clock_(clock),
      birth_(std::move(birth)),
      signer_(signer),
      log_(log),
      events_(std::move(events)),
      limited_([](const std::string& line) { spdlog::warn("{}", line); }),
      keys_(key),
      seeds_(loop, birth_.seeds),
      boot_(random_u64()),
      uploads_(birth_.spool_path, {}),
      alive_(std::make_shared<Member*>(this)) {}

// The journal last: it answers what it still has to write, and nobody listens any more.
Member::~Member() {
    alive_.reset();
    if (machine_) machine_->stop();
    services_.reset();
    space_.reset();
    keeper_.reset();
    fetcher_.reset();
    runtime_.reset();
    if (transport_) transport_->stop();
    journal_.reset();
}

Result<std::unique_ptr<Member>> Member::start(asio::io_context& loop, const Clock& clock,
                                              Birth birth, const Secret& key,
                                              const SodiumSigner& signer, EventLog& log,
                                              Events events) {
    std::unique_ptr<Member> out{
        new Member{loop, clock, std::move(birth), key, signer, log, std::move(events)}};
    if (out->birth_.lost_journal) {
        out->warn("journal",
                  "there was no journal at " + out->birth_.state_path +
                      ": this node fetches the registry from the others, and what no other has is "
                      "lost");
    }
    if (const auto opened = out->open(); !opened) return fail(opened.error());
    return out;
}

// Port and runtime before the journal: a port in use, or containers that cannot have a network,
// must leave no trace of a cluster never entered. Nothing is heard until the loop turns.
Result<void> Member::open() {
    if (const auto listening = listen(); !listening) return listening;
    if (birth_.make_runtime) {
        fetcher_ = std::make_unique<images::Fetcher>(loop_, fetch_world());
        auto runtime = birth_.make_runtime(
            [this](const placement::ContainerReport& report) {
                machine_->feed(agent::RuntimeReported{report});
            },
            [this](const std::string& image, const oci::Descriptor& blob, const std::string& file,
                   std::function<void(Result<void>)> done) {
                fetcher_->fetch(image, blob, file, std::move(done));
            });
        if (!runtime) return fail(runtime.error());
        runtime_ = std::move(*runtime);
        runtime_->on_trouble([this](const std::string& why) { runtime_troubled(why); });
    }
    auto journal = store::RocksJournal::open(birth_.state_path);
    if (!journal) return fail(journal.error());
    journal_ = std::move(*journal);
    auto rows = journal_->load();
    if (!rows) return fail(rows.error());
    if (journal_->cut_short()) {
        warn("journal", birth_.state_path +
                            " was damaged and stands where it was some time before the end: what "
                            "this node wrote last is lost unless others have it");
    }
    std::optional<Recorder> recorder;
    if (!birth_.record.empty()) {
        auto opened = Recorder::open(birth_.record);
        if (!opened) return fail(opened.error());
        recorder = std::move(*opened);
    }
    begin(std::move(*rows), std::move(recorder));
    return {};
}

Result<void> Member::listen() {
    TransportConfig config{.self = signer_.id(), .cluster = birth_.cluster, .boot = boot_};
    config.bind.push_back({birth_.bind, birth_.advertised.port});
    transport_ =
        std::make_unique<Transport>(loop_, std::move(config), keys_, signer_, transport_events());
    return transport_->start();
}

void Member::begin(Snapshot rows, std::optional<Recorder> recorder) {
    machine_ = std::make_unique<Machine>(
        loop_, clock_, Machine::Birth{{signer_.id(), boot_}, random_u64(), std::move(rows)},
        signer_, [this](const agent::Effect& effect) { carry_out(effect); }, std::move(recorder));
    machine_->feed(agent::Start{birth_.advertised, !birth_.seeds.empty(), birth_.facts,
                                clock_.wall(), volumes::list(birth_.volume_path)});
    begin_housekeeping();
    if (runtime_ == nullptr) {
        machine_->feed(agent::RuntimeListed{});
        return;
    }
    services_ = std::make_unique<ServiceWatch>(
        loop_, agent(), [this](const ServiceTable& services) { runtime_->serve(services); });
    runtime_->list([weak = std::weak_ptr{alive_}](std::vector<placement::ContainerReport> all) {
        if (const auto self = weak.lock()) {
            (*self)->machine_->feed(agent::RuntimeListed{std::move(all)});
            (*self)->services_->begin();
        }
    });
}

// ---- what others say

void Member::received(const NodeId& from, const Endpoint& source, agent::Channel channel,
                      ByteView bytes) {
    auto message = agent::decode_message(bytes, channel);
    if (!message) {
        limited_.say(clock_.now(), "undecodable " + to_hex(from),
                     to_string(source) + " sent a message that cannot be read (" +
                         message.error().detail + "); does it run a newer shoal?");
        return;
    }
    machine_->feed(agent::Receive{from, source, channel, std::move(*message)});
}

TransportEvents Member::transport_events() {
    TransportEvents on;
    on.on_datagram = [this](const NodeId& from, const Endpoint& source, const Bytes& payload) {
        received(from, source, agent::Channel::Datagram, payload);
    };
    on.on_stream = [this](const NodeId& from, const Endpoint& source, const Bytes& payload) {
        received(from, source, agent::Channel::Stream, payload);
    };
    on.on_stream_broken = [this](const NodeId& peer) { machine_->feed(agent::StreamBroken{peer}); };
    on.on_probe = [this](const membership::StreamProbed& answer) {
        if (answer.question == 0) return;  // Ours, of a seed: see ResolveSeeds.
        machine_->feed(agent::StreamProbed{answer.peer, answer.question, answer.reach,
                                           answer.heard_our_datagrams});
    };
    on.on_reject = [this](const Endpoint& at, Reject reason, ProtoRange theirs) {
        const auto text = describe(reason, at, theirs);
        if (reason == Reject::Busy) {
            seeds_.note_silent(at, text);
        } else {
            seeds_.note_rejected(at, text);
        }
        limited_.say(clock_.now(), "reject " + to_string(at), text);
    };
    on.on_unreachable = [this](const Endpoint& at, const std::string& why) {
        seeds_.note_silent(at, why);
        spdlog::debug("{}: {}", to_string(at), why);
    };
    on.on_answered = [this](const Endpoint& at, bool heard) {
        const auto& there = heard ? birth_.advertised : at;
        seeds_.note_silent(at, std::string{"it answers on TCP, but UDP from "} +
                                   (heard ? "there does not arrive here; open port "
                                          : "here does not arrive there; open port ") +
                                   std::to_string(there.port) +
                                   (heard ? "/udp on this host" : "/udp on its host"));
    };
    on.on_wrong_node = [this](const Endpoint& at, const NodeId& wanted, const NodeId& found) {
        limited_.say(clock_.now(), "wrong node " + to_string(at),
                     "at " + to_string(at) + " answers node " + to_short(found) + ", not " +
                         to_short(wanted));
    };
    on.on_stranger = [this](const Endpoint& source, Stranger kind) {
        limited_.say(clock_.now(), "stranger " + to_string(kind),
                     "from " + to_string(source) + ": " + to_string(kind));
    };
    on.on_relay = [this](const NodeId& from, std::shared_ptr<Pipe> pipe) {
        if (events_.relay) events_.relay(from, std::move(pipe));
    };
    return on;
}

// ---- what the agent wants done

void Member::carry_out(const agent::Effect& effect) {
    std::visit([this](const auto& one) { carry(one); }, effect);
}

void Member::carry(const agent::Transmit& effect) {
    auto bytes = agent::encode_message(effect.message);
    if (effect.channel == agent::Channel::Datagram) {
        transport_->send_datagram(effect.to, effect.at, bytes);
    } else {
        transport_->send_stream(effect.to, effect.at, std::move(bytes));
    }
}

void Member::carry(const agent::Persist& effect) {
    if (!effect.sync) {
        journal_->write(effect.batch);
        return;
    }
    journal_->write_synced(
        effect.batch, [&loop = loop_, weak = std::weak_ptr{alive_},
                       token = effect.token](std::optional<std::string> refused) {
            asio::post(loop, [weak, token, refused = std::move(refused)] {
                const auto self = weak.lock();
                if (!self) return;
                if (!refused) {
                    (*self)->machine_->feed(agent::Persisted{token});
                    return;
                }
                (*self)->limited_.say((*self)->clock_.now(), "journal",
                                      "the journal refused a write: " + *refused);
                (*self)->machine_->feed(agent::PersistFailed{token, *refused});
            });
        });
}

// Datagrams ask the seeds to let us in. A stream besides them finds out why one that does not
// answer does not: nobody there, another key, or UDP alone blocked.
void Member::carry(const agent::ResolveSeeds& /*effect*/) {
    seeds_.resolve([weak = std::weak_ptr{alive_}](std::vector<Endpoint> found) {
        const auto self = weak.lock();
        if (!self) return;
        if ((*self)->joining()) {
            for (const Endpoint& at : found) {
                (*self)->transport_->probe({}, at, 0);
            }
        }
        (*self)->machine_->feed(agent::SeedsResolved{std::move(found)});
    });
}

void Member::carry(const agent::ProbeStream& effect) {
    transport_->probe(effect.peer, effect.at, effect.question);
}

void Member::carry(const agent::StartContainer& effect) {
    if (!runtime_) return;
    if (services_) services_->look();
    runtime_->start(effect);
}

void Member::carry(const agent::StopContainer& effect) {
    if (runtime_) {
        runtime_->stop(effect);
        return;
    }
    asio::post(loop_, [weak = std::weak_ptr{alive_}, id = effect.id] {
        if (const auto self = weak.lock()) {
            (*self)->machine_->feed(
                agent::RuntimeReported{{.id = id, .state = placement::ContainerState::Gone}});
        }
    });
}

void Member::carry(const agent::DeleteVolume& effect) {
    const auto name = to_string(effect.volume);
    if (const auto gone = volumes::remove(birth_.volume_path, effect.volume); !gone) {
        warn("volume " + name, "volume " + name + ": " + gone.error().detail);
        return;
    }
    tell("volume", name, "volume " + name + " is removed, with all that was in it");
}

void Member::carry(const agent::CheckContainer& effect) {
    if (!runtime_) return;
    runtime_->check(effect, [weak = std::weak_ptr{alive_}](placement::CheckReport report) {
        if (const auto self = weak.lock()) {
            (*self)->machine_->feed(agent::CheckReported{std::move(report)});
        }
    });
}

void Member::carry(const agent::WriteDone& effect) {
    const auto waiting = writes_.extract(effect.request);
    if (waiting) waiting.mapped()(effect);
}

void Member::carry(const agent::MustStop& effect) {
    asio::post(loop_, [weak = std::weak_ptr{alive_}, effect] {
        if (const auto self = weak.lock()) (*self)->events_.must_stop(effect);
    });
}

// ---- what people ask

void Member::write(agent::ClientWrite write, Written done) {
    write.request = ++last_request_;
    writes_[write.request] = std::move(done);
    machine_->feed(std::move(write));
}

void Member::submit(agent::ClientJob job, Written done) {
    job.request = ++last_request_;
    writes_[job.request] = std::move(done);
    machine_->feed(std::move(job));
}

void Member::remove_volume(const placement::VolumeId& volume) {
    machine_->feed(agent::RemoveVolume{volume});
}

void Member::leave(bool now, Duration deadline) {
    machine_->feed(agent::Leave{now, deadline});
}

void Member::announce_restart() {
    machine_->feed(agent::Restarting{});
}

void Member::open_relay(const NodeId& node, Transport::Relayed done) {
    const auto member = agent().membership().find(node);
    if (!member) {
        done(fail(Errc::NotFound, "no address of " + to_short(node) + " is known"));
        return;
    }
    transport_->open_relay(node, member->claim.endpoint, std::move(done));
}

bool Member::joining() const {
    if (birth_.seeds.empty()) return false;
    for (const auto& member : agent().membership().members()) {
        if (member.claim.about != signer_.id()) return false;
    }
    return true;
}

std::vector<std::string> Member::warnings() const {
    std::vector<std::string> out;
    for (const auto& [about, text] : warnings_) {
        out.push_back(text);
    }
    for (auto& clash : name_clashes(agent())) {
        out.push_back(std::move(clash));
    }
    const auto& trouble = agent().store().journal_trouble();
    if (!trouble.empty()) out.push_back("the journal refuses writes: " + trouble);
    return out;
}

}  // namespace shoal::host
