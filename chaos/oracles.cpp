#include "chaos/oracles.h"

#include "placement/slots.h"

#include <algorithm>
#include <utility>

namespace shoal::chaos {

using placement::ContainerId;

void Oracles::fail(const std::string& invariant, std::string what) {
    if (!violation_) violation_ = Violation{invariant, std::move(what), cluster_.now()};
}

Oracles::PerProcess& Oracles::process(const Machine& m) {
    PerProcess& out = processes_[m.host];
    if (out.instance != m.instance) {
        out = PerProcess{};
        out.instance = m.instance;
    }
    return out;
}

Oracles::PerDisk& Oracles::disk_of(const Machine& m) {
    PerDisk& out = disks_[m.host];
    if (out.life != m.disk.lives()) out = PerDisk{.life = m.disk.lives()};
    return out;
}

// What a node was told: it may lie stopped, and not have heard it yet.
void Oracles::hear_of_trouble(const Machine& m, const agent::Input& input) {
    if (const auto* troubled = std::get_if<agent::RuntimeTroubled>(&input)) {
        process(m).troubled = !troubled->why.empty();
    }
    if (const auto* space = std::get_if<agent::DiskSpace>(&input)) {
        process(m).low = !space->low.empty();
    }
}

void Oracles::stepped(Instant /*now*/, const Machine& m, const agent::Input& input,
                      const agent::Effects& effects) {
    hear_of_trouble(m, input);
    check_incarnation(m);
    bool ledger_moved = false;
    for (const auto& one : effects) {
        std::visit([&](const auto& e) { effect(m, e); }, one);
        ledger_moved = ledger_moved || std::holds_alternative<agent::Persist>(one);
    }
    if (ledger_moved) {
        check_ledger(m);
        check_own_head(m);
        note_placed(m);
    }
}

// S1: what a node promised never exceeds what it has.
void Oracles::check_ledger(const Machine& m) {
    const auto& ledger = m.agent->placement().ledger();
    const auto used = ledger.used();
    const auto capacity = ledger.capacity();
    if (used.cpu_milli > capacity.cpu_milli || used.memory_bytes > capacity.memory_bytes) {
        fail("S1", m.facts.name + " promised " + std::to_string(used.cpu_milli) + " of " +
                       std::to_string(capacity.cpu_milli) + " mCPU, " +
                       std::to_string(used.memory_bytes >> 20U) + " of " +
                       std::to_string(capacity.memory_bytes >> 20U) + " MiB");
    }
}

// S2: one (origin, boot, log_epoch, seq) names one content.
void Oracles::check_own_head(const Machine& m) {
    const auto& log = m.agent->store().own_log();
    if (log.empty()) return;
    const auto& head = log.head();
    const auto [known, fresh] =
        contents_.try_emplace({head.origin, head.boot, head.log_epoch, head.seq}, head.content);
    if (!fresh && known->second != head.content) {
        fail("S2", m.facts.name + " signed two contents as (" + std::to_string(head.log_epoch) +
                       ", " + std::to_string(head.seq) + ")");
    }
}

// S18: a node that can start nothing, or has no room, offers nothing.
void Oracles::check_offer(const Machine& m, const placement::Message& message) {
    if (!std::holds_alternative<placement::Bid>(message)) return;
    const auto& told = process(m);
    if (told.troubled) fail("S18", m.facts.name + " bids while its runtime is away");
    if (told.low) fail("S18", m.facts.name + " bids while its disk is nearly full");
}

void Oracles::effect(const Machine& m, const agent::Transmit& e) {
    if (const auto* market = std::get_if<placement::Message>(&e.message)) check_offer(m, *market);
    // What is said of our own log and of acknowledgements is checked where it is received.
    const auto* message = std::get_if<store::Message>(&e.message);
    if (message == nullptr) return;
    const auto* ack = std::get_if<store::EntryAck>(message);
    if (ack == nullptr) return;
    // S15, at its root: an ack leaves only for what is on this disk.
    std::string row = ack->key;
    row.push_back('\0');
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        row.push_back(static_cast<char>(static_cast<std::uint8_t>(ack->version >> (shift - 8))));
    }
    const auto* held = m.agent->store().map().held(ack->key);
    const bool newer = held != nullptr && !held->versions.contains(ack->version);
    if (!newer && !m.disk.holds(Table::Map, row)) {
        fail("S15", m.facts.name + " acknowledged " + ack->key + " before it was on disk");
    }
}

// S19: a node takes on no volume that it knows another holds; a directory of its own it may tell
// of.
void Oracles::effect(const Machine& m, const agent::Persist& e) {
    auto& taken = disk_of(m).volumes;
    for (const Row& row : e.batch) {
        const auto id = placement::parse_volume_key(row.key);
        if (row.table != Table::Ledger || !id || !row.value) continue;
        if (!taken.insert(row.key).second || m.volumes.contains(*id)) continue;
        if (m.disk.holds(Table::Ledger, row.key)) continue;
        const auto& known = m.agent->placement().view().volumes;
        const auto found = known.find(*id);
        if (found == known.end()) continue;
        for (const auto& [node, record] : found->second) {
            if (node == m.id) continue;
            fail("S19", m.facts.name + " takes volume " + to_string(*id) + ", which " +
                            to_short(node) + " holds");
        }
    }
}

// S6: nothing starts without a promise on disk. S7: a new start is of a higher epoch than every
// earlier one of the slot; starting one's own claim again keeps its epoch.
void Oracles::effect(const Machine& m, const agent::StartContainer& e) {
    const auto key = placement::claim_key(e.id.slot, e.id.epoch);
    if (!m.disk.holds(Table::Ledger, "promise/" + key)) {
        fail("S6", m.facts.name + " starts " + key + " without a ledger entry on disk");
    }
    for (const auto& id : placement::volumes_of(e.container.mounts, e.id.slot.index)) {
        if (m.agent->placement().volumes().find(id) != nullptr) continue;
        fail("S19", m.facts.name + " starts " + key + " without a record of " + to_string(id));
    }
    auto& started = disk_of(m).started[e.id.slot];
    if (!started.empty() && !started.contains(e.id.epoch) && e.id.epoch < *started.rbegin()) {
        fail("S7",
             m.facts.name + " starts " + key + " after epoch " + std::to_string(*started.rbegin()));
    }
    started.insert(e.id.epoch);
}

// S9: a container stops only on evidence, and the evidence is true in the node's own view when the
// stop is first asked for. Asked again (no answer came, or the agent restarted), it stays decided.
void Oracles::effect(const Machine& m, const agent::StopContainer& e) {
    using placement::StopReason;
    if (e.reason == StopReason::Unhealthy) {
        // Not the end of the promise: what follows for the same id is judged again.
        const auto found = m.containers.find(e.id);
        if (found != m.containers.end() && !found->second.sick) {
            fail("S9", m.facts.name + " restarts " + placement::claim_key(e.id.slot, e.id.epoch) +
                           " as unhealthy, which passes its check");
        }
        return;
    }
    if (!disk_of(m).stopped.insert(e.id).second) return;
    const auto& view = m.agent->placement().view();
    const auto job = view.jobs.find(e.id.slot.job);
    const bool known = job != view.jobs.end();
    const bool deleted = known && !job->second.spec;
    bool good = false;
    switch (e.reason) {
        case StopReason::JobDeleted:
            good = deleted;
            break;
        case StopReason::ScaledDown:
            good = deleted || (known && !may_have(*job->second.spec, e.id.slot.index, m.id));
            break;
        case StopReason::ConstraintBroken:
            good = known && !deleted && job->second.spec->global &&
                   !placement::is_meant(*job->second.spec, m.facts);
            break;
        case StopReason::Superseded:
        case StopReason::LostToWinner:
            for (const auto& held : view.claims_of(e.id.slot)) {
                const bool other = held.node != m.id || held.claim.epoch != e.id.epoch;
                good = good || (other && held.claim.state == placement::ClaimState::Healthy);
            }
            break;
        case StopReason::Draining:
            good = m.leaving;
            break;
        case StopReason::Replaced:
            good = m.agent->placement().ledger().successor(e.id) != nullptr;
            break;
        case StopReason::NoLedgerEntry:
        case StopReason::Unhealthy:
            break;  // Nothing in this version stops for these.
    }
    if (!good) {
        fail("S9", m.facts.name + " stops " + placement::claim_key(e.id.slot, e.id.epoch) + ": " +
                       std::string{to_string(e.reason)} + ", which is not so in its view");
    }
}

// S8 at its root: whoever was born later outranks its former self, while it has the same disk.
void Oracles::check_incarnation(const Machine& m) {
    const auto& membership = m.agent->membership();
    if (!membership.started()) return;
    PerDisk& disk = disk_of(m);
    if (disk.instance != m.instance) {
        if (membership.incarnation() <= disk.incarnation) {
            fail("S8", m.facts.name + " came back with incarnation " +
                           std::to_string(membership.incarnation()) + " after " +
                           std::to_string(disk.incarnation));
        }
        disk.instance = m.instance;
    }
    disk.incarnation = membership.incarnation();
}

// S8: no node's incarnation goes back in anybody's view.
void Oracles::effect(const Machine& m, const agent::MemberChanged& e) {
    auto& last = process(m).incarnations[e.node];
    if (e.incarnation < last) {
        fail("S8", m.facts.name + " went from incarnation " + std::to_string(last) + " to " +
                       std::to_string(e.incarnation) + " of " + to_short(e.node));
    }
    last = e.incarnation;
}

// S4, facts: what was read never gets older.
void Oracles::effect(const Machine& m, const agent::FactChanged& e) {
    if (e.origin == m.id) check_health(m, e);
    const auto* log = m.agent->store().log(e.origin);
    const std::uint64_t epoch = log == nullptr ? 0 : log->head().log_epoch;
    auto& last = process(m).facts[{e.origin, e.key}];
    const auto fresh = std::make_pair(epoch, e.seq);
    if (fresh < last) {
        fail("S4", m.facts.name + " reads " + e.key + " of " + to_short(e.origin) +
                       " in an older version than before");
    }
    last = fresh;
}

// S4, map: neither does the winner of a key.
void Oracles::effect(const Machine& m, const agent::EntryChanged& e) {
    auto& last = process(m).entries[e.key];
    if (last.gen != 0 && store::precedence(e.winner, last) < 0) {
        fail("S4", m.facts.name + " reads " + e.key + " in an older version than before");
    }
    last = e.winner;
}

void Oracles::container_runs(Instant /*now*/, const Machine& m, const ContainerId& id) {
    // S19 again: no two replicas of one slot have their hands on one volume.
    for (const auto& [other, container] : m.containers) {
        if (other.slot != id.slot || other.epoch == id.epoch) continue;
        for (const auto& volume : m.containers.at(id).volumes) {
            const auto& theirs = container.volumes;
            if (std::find(theirs.begin(), theirs.end(), volume) == theirs.end()) continue;
            fail("S19", m.facts.name + " runs " + placement::claim_key(id.slot, id.epoch) +
                            " on volume " + to_string(volume) + " beside epoch " +
                            std::to_string(other.epoch));
        }
    }
    have_run_.insert(id.slot);
    if (!placement::asks(m.containers.at(id).check)) have_been_well_.insert(id.slot);
    // S1 again, by what really runs.
    placement::Resources sum;
    for (const auto& [other, container] : m.containers) {
        sum.cpu_milli += container.need.cpu_milli;
        sum.memory_bytes += container.need.memory_bytes;
    }
    if (sum.cpu_milli > m.facts.capacity.cpu_milli ||
        sum.memory_bytes > m.facts.capacity.memory_bytes) {
        fail("S1", m.facts.name + " runs more than it can with " +
                       placement::claim_key(id.slot, id.epoch));
    }
}

// S3: a replica's position never goes back within one boot.
void Oracles::check_positions(const Machine& m) {
    auto& seen = process(m).positions;
    for (const auto& [origin, log] : m.agent->store().logs()) {
        const auto& head = log.head();
        const Position now{head.log_epoch, head.seq, head.floor};
        Position& last = seen[origin];
        if (std::make_pair(std::get<0>(now), std::get<1>(now)) <
            std::make_pair(std::get<0>(last), std::get<1>(last))) {
            fail("S3", m.facts.name + " went back in the log of " + to_short(origin));
        }
        last = now;
        // S5: equal heads, equal content.
        const auto known = contents_.find({origin, head.boot, head.log_epoch, head.seq});
        if (known != contents_.end() && known->second != head.content) {
            fail("S5", m.facts.name + " holds another content of " + to_short(origin));
        }
    }
}

std::uint32_t Oracles::disks_lost() const {
    std::uint32_t out = disks_lost_;
    for (const auto& m : cluster_.machines()) {
        if (m->left) ++out;
    }
    return out;
}

void Oracles::check_cluster() {
    for (const auto& m : cluster_.machines()) {
        if (m->runs()) check_positions(*m);
    }
}

}  // namespace shoal::chaos
