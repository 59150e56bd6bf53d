#include "chaos/nemesis.h"

#include <algorithm>
#include <vector>

namespace shoal::chaos {

using std::chrono::milliseconds;

Faults Faults::draw(Random& random) {
    const auto maybe = [&] { return random.below(3) != 0; };
    Faults out{maybe(), maybe(), maybe(), maybe(), maybe(), maybe(), maybe(), maybe(),
               maybe(), maybe(), maybe(), maybe(), maybe(), maybe(), maybe()};
    if (!out.kill_agents && !out.kill_hosts && !out.partitions) out.kill_agents = true;
    return out;
}

Nemesis::Nemesis(Cluster& cluster, Oracles& oracles, const Faults& faults, Random random)
    : cluster_(cluster),
      oracles_(oracles),
      faults_(faults),
      random_(random),
      calm_(cluster.network().weather()) {}

void Nemesis::run_until(Instant end) {
    next(end);
}

void Nemesis::next(Instant end) {
    // Larger clusters are struck more often: about as often per node.
    const auto nodes = static_cast<std::uint64_t>(cluster_.machines().size());
    const auto pace = std::max<std::uint64_t>(150, 8'000 / (nodes + 2));
    const Instant when = cluster_.now() + between(pace / 2, pace * 2);
    if (when >= end) return;
    cluster_.at(when, [this, end] {
        strike(end);
        next(end);
    });
}

Host Nemesis::any() {
    return static_cast<Host>(random_.below(cluster_.machines().size()));
}

Duration Nemesis::between(std::uint64_t from_ms, std::uint64_t to_ms) {
    return milliseconds{static_cast<std::int64_t>(from_ms + random_.below(to_ms - from_ms + 1))};
}

void Nemesis::strike(Instant /*end*/) {
    switch (random_.below(16)) {
        case 0:
        case 1:
            if (faults_.kill_agents) kill(false);
            break;
        case 2:
            if (faults_.kill_hosts) kill(true);
            break;
        case 3:
            if (faults_.partitions) partition();
            break;
        case 4:
            if (faults_.one_way) one_way();
            break;
        case 5:
            if (faults_.pauses) pause();
            break;
        case 6:
            if (faults_.full_disks) fill_disk();
            break;
        case 7:
            if (faults_.rollbacks) roll_back();
            break;
        case 8:
            if (faults_.clock_jumps) jump_clock();
            break;
        case 9:
            if (faults_.leaves) leave();
            break;
        case 10:
            if (faults_.forgeries) forge();
            break;
        case 11:
            if (faults_.runtimes) trouble_runtime();
            break;
        case 12:
            if (faults_.low_disks) run_low();
            break;
        case 13:
        case 14:
            if (faults_.illnesses) sicken();
            break;
        default:
            if (faults_.weather) change_weather();
            break;
    }
}

void Nemesis::kill(bool host) {
    const Host victim = any();
    if (!cluster_.machine(victim).runs()) return;
    if (host) {
        cluster_.kill_host(victim);
    } else {
        cluster_.kill_agent(victim);
    }
    const Duration down = between(500, 12'000);
    cluster_.at(cluster_.now() + down, [this, victim] { cluster_.boot(victim); });
}

// A log nobody may write but its owner, made longer by somebody else: the head claims more than was
// ever signed, and what it names may be gone or invented.
void Nemesis::forge() {
    const Machine& victim = cluster_.machine(any());
    const Machine& owner = cluster_.machine(any());
    const Machine& liar = cluster_.machine(any());
    if (!victim.runs() || liar.host == victim.host) return;
    const auto* log = victim.agent->store().log(owner.id);
    if (log == nullptr || log->empty()) return;
    store::Delta forged = log->delta_from(log->head().log_epoch, log->head().seq);
    forged.head.seq += 1 + random_.below(100);
    if (random_.below(2) == 0) {
        forged.records.push_back(
            {.key = "forged", .seq = forged.head.seq, .value = to_blob("by somebody else")});
    }
    cluster_.feed(victim.host, agent::Receive{.from = liar.id,
                                              .source = liar.endpoint,
                                              .channel = agent::Channel::Stream,
                                              .message = store::Message{std::move(forged)}});
}

void Nemesis::sicken() {
    std::vector<Container*> well;
    for (const auto& m : cluster_.machines()) {
        for (auto& [id, container] : m->containers) {
            if (placement::asks(container.check) && !container.sick) well.push_back(&container);
        }
    }
    if (well.empty()) return;
    well[random_.below(well.size())]->sick = true;
    ++cluster_.counters().illnesses;
}

void Nemesis::partition() {
    if (!cluster_.network().whole()) return;
    ++cluster_.counters().partitions;
    std::map<Host, std::uint32_t> groups;
    const auto nodes = static_cast<Host>(cluster_.machines().size());
    // Halves, a tenth, or one alone.
    const std::uint64_t kind = random_.below(3);
    for (Host host = 0; host < nodes; ++host) {
        const bool apart = kind == 0 ? random_.below(2) == 0 : kind == 1 && random_.below(10) == 0;
        if (apart) groups[host] = 1;
    }
    if (kind == 2 || groups.empty()) groups[any()] = 1;
    cluster_.network().partition(groups);
    cluster_.at(cluster_.now() + between(1'000, 15'000), [this] { cluster_.network().heal(); });
}

void Nemesis::one_way() {
    const Host from = any();
    const Host to = any();
    if (from == to) return;
    ++cluster_.counters().partitions;
    cluster_.network().block(from, to);
    cluster_.at(cluster_.now() + between(1'000, 10'000), [this] { cluster_.network().heal(); });
}

void Nemesis::pause() {
    const Host victim = any();
    cluster_.pause(victim);
    cluster_.at(cluster_.now() + between(50, 15'000), [this, victim] { cluster_.resume(victim); });
}

void Nemesis::fill_disk() {
    const Host victim = any();
    cluster_.machine(victim).disk.set_full(true);
    cluster_.at(cluster_.now() + between(500, 6'000),
                [this, victim] { cluster_.machine(victim).disk.set_full(false); });
}

void Nemesis::trouble_runtime() {
    const Host victim = any();
    cluster_.trouble_runtime(victim, "its runtime is away");
    cluster_.at(cluster_.now() + between(200, 8'000),
                [this, victim] { cluster_.trouble_runtime(victim, ""); });
}

void Nemesis::run_low() {
    const Host victim = any();
    cluster_.run_low(victim, "has no space");
    cluster_.at(cluster_.now() + between(500, 10'000),
                [this, victim] { cluster_.run_low(victim, ""); });
}

// One disk a run goes back to an old copy: more than W - 1 at once may lose what was acknowledged.
void Nemesis::roll_back() {
    if (rolled_back_) return;
    rolled_back_ = true;
    const Host victim = any();
    cluster_.machine(victim).disk.keep_copy();
    cluster_.at(cluster_.now() + between(2'000, 10'000), [this, victim] {
        if (healed_) return;
        cluster_.kill_host(victim);
        if (cluster_.machine(victim).disk.restore_copy()) {
            ++cluster_.counters().rollbacks;
            oracles_.disk_lost();
        }
        cluster_.at(cluster_.now() + between(500, 3'000),
                    [this, victim] { cluster_.boot(victim); });
    });
}

void Nemesis::jump_clock() {
    const auto jump = static_cast<std::int64_t>(random_.below(7'200'000)) - 3'600'000;
    cluster_.machine(any()).wall_skew_ms += jump;
}

void Nemesis::change_weather() {
    Weather worse = calm_;
    worse.loss_per_million = static_cast<std::uint32_t>(random_.below(200'000));
    worse.duplicate_per_million = static_cast<std::uint32_t>(random_.below(50'000));
    worse.corrupt_per_million = static_cast<std::uint32_t>(random_.below(20'000));
    worse.delay_max = between(1, 60);
    worse.delay_min = std::min(worse.delay_min, worse.delay_max);
    cluster_.network().set_weather(worse);
    cluster_.at(cluster_.now() + between(1'000, 10'000),
                [this] { cluster_.network().set_weather(calm_); });
}

// What is left must still hold all that is wanted: see Workload.
bool Nemesis::can_spare_one() const {
    const auto& all = cluster_.machines();
    const auto gone =
        std::count_if(all.begin(), all.end(), [](const auto& m) { return m->leaving; });
    return all.size() >= 3 && gone == 0;
}

void Nemesis::leave() {
    if (left_ || !can_spare_one()) return;
    // Seeds stay, or whoever boots later could not find the others.
    const Host victim = any();
    if (victim < 2 || !cluster_.machine(victim).runs()) return;
    left_ = true;
    cluster_.machine(victim).leaving = true;
    cluster_.feed(victim, agent::Leave{false, std::chrono::seconds{20}});
}

void Nemesis::lose_host() {
    if (!can_spare_one()) return;
    const Host victim = any();
    cluster_.kill_host(victim);
    cluster_.machine(victim).lost = true;
    oracles_.disk_lost();
}

void Nemesis::heal() {
    healed_ = true;
    cluster_.network().heal();
    cluster_.network().set_weather(calm_);
    if (faults_.lost_host) lose_host();
    for (const auto& m : cluster_.machines()) {
        m->disk.set_full(false);
        if (m->lost) continue;
        cluster_.resume(m->host);
        if (!m->runtime_trouble.empty()) cluster_.trouble_runtime(m->host, "");
        if (!m->low_disk.empty()) cluster_.run_low(m->host, "");
        cluster_.boot(m->host);
    }
}

}  // namespace shoal::chaos
