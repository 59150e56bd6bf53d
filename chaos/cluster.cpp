#include "chaos/cluster.h"

#include "chaos/narrator.h"
#include "node/base/overloaded.h"

#include <algorithm>
#include <utility>

namespace shoal::chaos {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kBacklogMax = 4096;              // what a kernel queues for a stopped process
constexpr Duration kRuntimeRetry = milliseconds{100};  // of a stop while the runtime is away
constexpr std::uint64_t kWallBase = 1'800'000'000'000;  // some day, in milliseconds

}  // namespace

Counters& Counters::operator+=(const Counters& other) {
    kills += other.kills;
    restarts += other.restarts;
    partitions += other.partitions;
    rollbacks += other.rollbacks;
    pauses += other.pauses;
    troubles += other.troubles;
    packets += other.packets;
    lost += other.lost;
    doubled += other.doubled;
    corrupted += other.corrupted;
    stream_messages += other.stream_messages;
    steps += other.steps;
    writes_acked += other.writes_acked;
    placements += other.placements;
    replacements += other.replacements;
    stops += other.stops;
    illnesses += other.illnesses;
    undecodable += other.undecodable;
    return *this;
}

Cluster::Cluster(const ClusterOptions& options, std::uint64_t seed)
    : options_(options), random_(seed), network_(options.weather, Random{seed}.fork()) {
    for (Host host = 0; host < options.nodes; ++host) {
        auto machine = std::make_unique<Machine>(host);
        machine->endpoint = {
            "10.0." + std::to_string(host / 250) + "." + std::to_string(host % 250 + 1), 7373};
        machine->facts = {.name = "n" + std::to_string(host),
                          .zone = "z" + std::to_string(host % 3),
                          .version = "sim",
                          .labels = {{"disk", host % 2 == 0 ? "ssd" : "hdd"}},
                          .capacity = options.capacity,
                          .runtime = true,
                          .addresses = {machine->endpoint}};
        addresses_[machine->endpoint] = host;
        machines_.push_back(std::move(machine));
    }
}

// ---- time

void Cluster::schedule(Instant at, What what) {
    events_.push({at, next_number_++, std::make_shared<What>(std::move(what))});
}

void Cluster::at(Instant when, std::function<void()> what) {
    schedule(std::max(when, now_), std::move(what));
}

void Cluster::run_for(Duration duration) {
    const Instant end = now_ + duration;
    while (!events_.empty() && events_.top().at <= end) {
        const Event event = events_.top();
        events_.pop();
        now_ = event.at;
        dispatch(*event.what);
    }
    now_ = end;
}

bool Cluster::run_until(const std::function<bool()>& done, Duration limit, Duration cadence) {
    const Instant end = now_ + limit;
    while (now_ < end) {
        if (done()) return true;
        run_for(std::min(cadence, end - now_));
    }
    return done();
}

WallTime Cluster::wall(const Machine& machine) const {
    const auto ms = std::chrono::duration_cast<milliseconds>(now_.time_since_epoch()).count();
    return {static_cast<std::int64_t>(kWallBase) + ms + machine.wall_skew_ms};
}

// ---- machines

void Cluster::boot(Host host) {
    Machine& m = machine(host);
    if (m.runs() || m.left || m.lost) return;
    if (m.instance > 0) ++counters_.restarts;
    m.power = Power::On;
    m.paused = false;
    ++m.instance;
    m.boot = random_.next();
    m.armed_for = kNever;
    m.agent = std::make_unique<agent::Agent>(agent::Agent::Identity{m.id, m.boot}, options_.agent,
                                             random_.fork(), m.signer, m.disk.snapshot());
    const std::vector<placement::VolumeId> volumes{m.volumes.begin(), m.volumes.end()};
    step(m, agent::Start{m.endpoint, host != 0, m.facts, wall(m), volumes});
    if (m.runs() && !m.low_disk.empty()) step(m, agent::DiskSpace{m.low_disk});
    if (m.runs() && !m.runtime_trouble.empty()) {
        step(m, agent::RuntimeTroubled{m.runtime_trouble});
    }
    list_containers(host, m.instance);
}

// Once for every process, as soon as the runtime is there: what runs at that instant.
void Cluster::list_containers(Host host, std::uint64_t instance) {
    at(now_ + milliseconds{20}, [this, host, instance] {
        const Machine& m = machine(host);
        if (!m.runs() || m.instance != instance) return;
        if (!m.runtime_trouble.empty()) {
            list_containers(host, instance);
            return;
        }
        agent::RuntimeListed listed;
        for (const auto& [id, container] : m.containers) {
            listed.containers.push_back({.id = id});
        }
        feed(host, std::move(listed));
    });
}

void Cluster::trouble_runtime(Host host, const std::string& why) {
    if (!why.empty()) ++counters_.troubles;
    machine(host).runtime_trouble = why;
    feed(host, agent::RuntimeTroubled{why});
}

void Cluster::run_low(Host host, const std::string& disk) {
    if (!disk.empty()) ++counters_.troubles;
    machine(host).low_disk = disk;
    feed(host, agent::DiskSpace{disk});
}

void Cluster::process_died(Machine& m, bool host_too) {
    ++counters_.kills;
    m.agent.reset();
    m.backlog.clear();
    m.paused = false;
    ++m.instance;  // Nothing meant for the dead process reaches the next.
    m.disk.crash(random_);
    for (auto& other : machines_) {
        // An EOF or RST reaches whoever had a connection, unless the whole host went silent.
        const bool had = other->connected.erase(m.host) > 0 || m.connected.contains(other->host);
        if (!had || !other->runs() || host_too || !network_.reaches(m.host, other->host)) continue;
        schedule(now_ + network_.delay(),
                 ForNode{other->host, other->instance, agent::StreamBroken{m.id}});
    }
    m.connected.clear();
}

void Cluster::kill_agent(Host host) {
    Machine& m = machine(host);
    if (!m.runs()) return;
    m.power = Power::AgentDown;
    process_died(m, false);
}

void Cluster::kill_host(Host host) {
    Machine& m = machine(host);
    const bool ran = m.runs();
    m.power = Power::HostDown;
    m.containers.clear();
    if (ran) process_died(m, true);
}

void Cluster::pause(Host host) {
    if (!machine(host).runs() || machine(host).paused) return;
    ++counters_.pauses;
    machine(host).paused = true;
}

void Cluster::resume(Host host) {
    Machine& m = machine(host);
    if (!m.runs() || !m.paused) return;
    m.paused = false;
    const auto instance = m.instance;
    for (auto& input : std::exchange(m.backlog, {})) {
        if (!m.runs() || m.instance != instance) return;
        step(m, input);
    }
    if (m.runs()) step(m, agent::Tick{wall(m)});
}

void Cluster::feed(Host host, agent::Input input) {
    Machine& m = machine(host);
    if (!m.runs()) return;
    if (!m.paused) {
        step(m, input);
    } else if (m.backlog.size() < kBacklogMax) {
        m.backlog.push_back(std::move(input));
    }
}

std::optional<Host> Cluster::host_at(const Endpoint& endpoint) const {
    const auto found = addresses_.find(endpoint);
    if (found == addresses_.end()) return std::nullopt;
    return found->second;
}

// ---- the driver

void Cluster::dispatch(What& what) {
    std::visit(Overloaded{
                   [&](ForNode& e) {
                       Machine& m = machine(e.host);
                       if (!m.runs() || (e.instance != 0 && e.instance != m.instance)) return;
                       if (std::holds_alternative<agent::Tick>(e.input)) {
                           if (m.armed_for != now_) return;  // Overtaken by an earlier wakeup.
                           m.armed_for = kNever;
                           if (m.paused) return;
                           e.input = agent::Tick{wall(m)};
                       }
                       feed(e.host, std::move(e.input));
                   },
                   [&](Synced& e) {
                       Machine& m = machine(e.host);
                       if (m.instance != e.instance) return;
                       m.disk.sync(e.batch);
                       feed(e.host, agent::Persisted{e.token});
                   },
                   [&](Started& e) { started(e); },
                   [&](Checked& e) { checked(e); },
                   [&](Stopped& e) {
                       Machine& m = machine(e.host);
                       if (!m.runtime_trouble.empty() && m.power != Power::HostDown) {
                           Instant& last = m.runtime_busy_until[e.id];
                           last = std::max(now_ + kRuntimeRetry, last + Duration{1});
                           schedule(last, Stopped{e});
                           return;
                       }
                       m.containers.erase(e.id);
                       feed(e.host, agent::RuntimeReported{
                                        {.id = e.id, .state = placement::ContainerState::Gone}});
                   },
                   [&](std::function<void()>& call) { call(); },
               },
               what);
}

void Cluster::started(const Started& event) {
    Machine& m = machine(event.host);
    if (m.power == Power::HostDown) return;
    const auto& id = event.request.id;
    const auto& container = event.request.container;
    const auto volumes = placement::volumes_of(container.mounts, id.slot.index);
    placement::ContainerReport report{.id = id};
    if (m.runtime_trouble.empty()) m.volumes.insert(volumes.begin(), volumes.end());
    if (!m.runtime_trouble.empty()) {
        report.state = placement::ContainerState::StartFailed;
        report.detail = m.runtime_trouble;
    } else if (container.image == "crash") {
        report.state = placement::ContainerState::Exited;
        report.exit_code = 1;
    } else if (!m.containers.contains(id)) {
        placement::JobSpec spec;
        spec.container = container;
        m.containers[id] = {.need = placement::reserved(spec),
                            .image = container.image,
                            .volumes = volumes,
                            .check = placement::resolve(container.health, {}),
                            .sick = container.image == "sick"};
        if (observer_ != nullptr) observer_->container_runs(now_, m, id);
    }
    feed(event.host, agent::RuntimeReported{report});
}

void Cluster::checked(const Checked& event) {
    using placement::CheckOutcome;
    Machine& m = machine(event.host);
    placement::CheckReport report{.id = event.request.id, .number = event.request.number};
    const auto found = m.containers.find(event.request.id);
    // Now and then nobody can tell, and never while the runtime is away.
    const bool asked = m.runtime_trouble.empty() && random_.below(50) != 0;
    if (found != m.containers.end() && asked) {
        Container& container = found->second;
        report.outcome = container.sick ? CheckOutcome::Failed : CheckOutcome::Passed;
        container.passed = container.passed || !container.sick;
        if (!container.sick && observer_ != nullptr)
            observer_->check_passed(now_, m, event.request.id);
    }
    if (m.instance == event.instance) feed(event.host, agent::CheckReported{report});
}

void Cluster::step(Machine& m, const agent::Input& input) {
    ++counters_.steps;
    const auto effects = m.agent->step(now_, input);
    if (options_.hash) {
        trace_.add(now_);
        trace_.add_word(m.host);
        trace_.add(input);
        trace_.add(effects);
    }
    if (options_.narrate) narrate(now_, m, input, effects);
    if (observer_ != nullptr) observer_->stepped(now_, m, input, effects);
    carry_out(m, effects);
    if (m.runs()) arm(m);
}

void Cluster::arm(Machine& m) {
    const Instant due = m.agent->wakeup();
    if (due == kNever) return;
    const Instant when = std::max(due, now_ + Duration{1});
    if (m.armed_for <= when) return;
    m.armed_for = when;
    schedule(when, ForNode{m.host, m.instance, agent::Tick{}});
}

void Cluster::carry_out(Machine& m, const agent::Effects& effects) {
    for (const auto& effect : effects) {
        std::visit(Overloaded{
                       [&](const agent::Transmit& e) { transmit(m, e); },
                       [&](const agent::Persist& e) { persist(m, e); },
                       [&](const agent::ResolveSeeds&) {
                           agent::SeedsResolved seeds;
                           seeds.seeds.push_back(machines_[0]->endpoint);
                           if (machines_.size() > 1) seeds.seeds.push_back(machines_[1]->endpoint);
                           schedule(now_ + milliseconds{1}, ForNode{m.host, m.instance, seeds});
                       },
                       [&](const agent::ProbeStream& e) { probe(m, e); },
                       [&](const agent::StartContainer& e) {
                           ++counters_.placements;
                           const auto wait =
                               milliseconds{20 + static_cast<int>(random_.below(100))};
                           Instant& last = m.runtime_busy_until[e.id];
                           last = std::max(now_ + wait, last + Duration{1});
                           schedule(last, Started{m.host, e});
                           if (random_.below(4) != 0) return;
                           const agent::RuntimeReported pulls{
                               {.id = e.id, .state = placement::ContainerState::Pulling}};
                           schedule(now_ + wait / 2, ForNode{m.host, m.instance, pulls});
                       },
                       [&](const agent::StopContainer& e) {
                           ++counters_.stops;
                           const auto wait = milliseconds{10 + static_cast<int>(random_.below(50))};
                           Instant& last = m.runtime_busy_until[e.id];
                           last = std::max(now_ + wait, last + Duration{1});
                           schedule(last, Stopped{m.host, e.id});
                       },
                       [&](const agent::CheckContainer& e) {
                           const auto wait = milliseconds{5 + static_cast<int>(random_.below(50))};
                           schedule(now_ + wait, Checked{m.host, m.instance, e});
                       },
                       [&](const agent::SlotDecided& e) {
                           if (e.what == agent::SlotDecided::What::Replacing)
                               ++counters_.replacements;
                       },
                       [&](const agent::DeleteVolume& e) { m.volumes.erase(e.volume); },
                       [&](const agent::MustStop&) {
                           at(now_, [this, host = m.host] {
                               machine(host).left = true;
                               kill_agent(host);
                           });
                       },
                       [](const auto&) {},
                   },
                   effect);
    }
}

void Cluster::persist(Machine& m, const agent::Persist& effect) {
    const auto spread =
        static_cast<std::uint64_t>((options_.sync_max - options_.sync_min).count()) + 1;
    const auto wait =
        options_.sync_min + Duration{static_cast<Duration::rep>(random_.below(spread))};
    // Batches become durable, and are answered, in the order they were asked for.
    m.synced_until = std::max(now_ + wait, m.synced_until + Duration{1});
    if (m.disk.full()) {
        if (effect.sync) {
            schedule(m.synced_until, ForNode{m.host, m.instance,
                                             agent::PersistFailed{effect.token, "no space left"}});
        }
        return;
    }
    const auto number = m.disk.write(effect.batch);
    if (effect.sync) schedule(m.synced_until, Synced{m.host, m.instance, number, effect.token});
}

}  // namespace shoal::chaos
