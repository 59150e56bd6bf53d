#include "placement/ledger.h"

#include "node/base/mutant.h"

#include <algorithm>
#include <limits>
#include <string>

namespace shoal::placement {
namespace {

std::string promise_key(const ContainerId& id) {
    return "promise/" + claim_key(id.slot, id.epoch);
}

std::string ended_key(const SlotId& slot) {
    return "ended/" + claim_key(slot, 0);
}

// How many of these the node itself is to find a host port for.
std::uint64_t to_choose(const std::vector<PortWish>& ports, Protocol protocol) {
    return static_cast<std::uint64_t>(std::count_if(
        ports.begin(), ports.end(),
        [&](const PortWish& wish) { return wish.host_port == 0 && wish.protocol == protocol; }));
}

// In GiB with one decimal from there on, in MiB below.
std::string size_text(std::uint64_t bytes) {
    const std::uint64_t mebi = bytes >> 20U;
    if (mebi < 1024) return std::to_string(mebi) + " MiB";
    return std::to_string(mebi / 1024) + "." + std::to_string(mebi % 1024 * 10 / 1024) + " GiB";
}

bool holds_port(const Promise& promise, std::uint16_t port, Protocol protocol) {
    const auto& wishes = promise.spec.container.ports;
    for (std::size_t i = 0; i < promise.host_ports.size() && i < wishes.size(); ++i) {
        if (promise.host_ports[i] == port && wishes[i].protocol == protocol) return true;
    }
    return false;
}

// What one that needs `need` takes on top of what a partner holds anyway.
Resources beyond(Resources need, const Promise* partner) {
    if (partner == nullptr) return need;
    const auto held = reserved(partner->spec);
    return {need.cpu_milli - std::min(need.cpu_milli, held.cpu_milli),
            need.memory_bytes - std::min(need.memory_bytes, held.memory_bytes)};
}

}  // namespace

Resources reserved(const JobSpec& spec) {
    Resources need = spec.container.need;
    if (need.cpu_milli == 0) need.cpu_milli = kDefaultNeed.cpu_milli;
    if (need.memory_bytes == 0) need.memory_bytes = kDefaultNeed.memory_bytes;
    // A promise of a spoilt disk, or of a job written past all validation: sums must not wrap.
    need.cpu_milli = std::min(need.cpu_milli, kNeedMax.cpu_milli);
    need.memory_bytes = std::min(need.memory_bytes, kNeedMax.memory_bytes);
    return need;
}

std::vector<std::uint16_t> published_ports(const Promise& promise) {
    std::vector<std::uint16_t> out;
    const auto& wishes = promise.spec.container.ports;
    for (std::size_t i = 0; i < std::min(wishes.size(), promise.host_ports.size()); ++i) {
        if (wishes[i].reach == PortReach::Published) out.push_back(promise.host_ports[i]);
    }
    return out;
}

std::vector<ServedPort> served_ports(const Promise& promise) {
    std::vector<ServedPort> out;
    if (project_of(promise.slot.job).empty()) return out;
    const auto& wishes = promise.spec.container.ports;
    for (std::size_t i = 0; i < std::min(wishes.size(), promise.host_ports.size()); ++i) {
        const auto host = promise.host_ports[i];
        if (host == 0 || !is_any_address(wishes[i].host_ip)) continue;
        out.push_back({{wishes[i].container_port, wishes[i].protocol}, host});
    }
    return out;
}

void Ledger::restore(const Snapshot& rows) {
    if (SHOAL_MUTANT(ForgetLedgerOnBoot)) return;
    std::map<ContainerId, Promise> found;  // by number: what is waited for comes first
    for (const Row& row : rows) {
        if (row.table != Table::Ledger || !row.value) continue;
        if (row.key.starts_with("promise/")) {
            auto promise = decode_promise(row.value->view());
            const bool fits = promise && promise->epoch < kEpochMax &&
                              promise->spec.container.ports.size() <= kPortsMax &&
                              row.key == promise_key({promise->slot, promise->epoch});
            if (fits) found[{promise->slot, promise->epoch}] = std::move(*promise);
        } else if (row.key.starts_with("ended/")) {
            const auto key = parse_claim_key(std::string_view{row.key}.substr(6));
            Epoch epoch = 0;
            for (const std::uint8_t byte : row.value->view()) {
                epoch = (epoch << 8U) | byte;
            }
            if (key && epoch < kEpochMax) ended_[key->slot] = epoch;
        }
    }
    for (auto& [id, promise] : found) {
        (void)add(std::move(promise));
    }
}

std::vector<Reason> Ledger::lacking(Resources need, const std::vector<PortWish>& ports,
                                    std::uint32_t count, const Promise* instead) const {
    std::vector<Reason> out;
    if (SHOAL_MUTANT(OverCommit)) return out;
    const auto spared = instead == nullptr ? Resources{} : reserved(instead->spec);
    const std::uint64_t cpu_used = cpu_used_ - std::min<std::uint64_t>(cpu_used_, spared.cpu_milli);
    const std::uint64_t memory_used = memory_used_ - std::min(memory_used_, spared.memory_bytes);
    const std::uint64_t cpu_free =
        capacity_.cpu_milli > cpu_used ? capacity_.cpu_milli - cpu_used : 0;
    const std::uint64_t memory_free =
        capacity_.memory_bytes > memory_used ? capacity_.memory_bytes - memory_used : 0;
    const std::uint64_t cpu = std::uint64_t{need.cpu_milli} * count;
    if (cpu > cpu_free) {
        out.push_back({Filter::Cpu, cpu, cpu_free,
                       "needs " + std::to_string(cpu) + " mCPU, has " + std::to_string(cpu_free) +
                           " free of " + std::to_string(capacity_.cpu_milli)});
    }
    // Divided instead of multiplied: a hostile need must not wrap around.
    if (count > 0 && need.memory_bytes > memory_free / count) {
        out.push_back({Filter::Memory, need.memory_bytes, memory_free,
                       "needs " + size_text(need.memory_bytes) + ", has " + size_text(memory_free) +
                           " free of " + size_text(capacity_.memory_bytes)});
    }
    for (const PortWish& wish : ports) {
        if (wish.host_port == 0) continue;
        const bool spared_too =
            instead != nullptr && holds_port(*instead, wish.host_port, wish.protocol);
        if (count > 1 || (!spared_too && !port_free(wish.host_port, wish.protocol))) {
            out.push_back({Filter::Port, wish.host_port, 0,
                           "host port " + std::to_string(wish.host_port) + " is taken"});
        }
    }
    for (const Protocol protocol : {Protocol::Tcp, Protocol::Udp}) {
        const std::uint64_t wanted = std::uint64_t{count} * to_choose(ports, protocol);
        const std::uint64_t free = wanted == 0 ? 0 : ports_to_choose_from(ports, protocol);
        if (wanted <= free) continue;
        out.push_back({Filter::Port, wanted, free,
                       "needs " + std::to_string(wanted) + " host ports, has " +
                           std::to_string(free) + " free of " + std::to_string(width())});
    }
    return out;
}

std::uint64_t Ledger::ports_to_choose_from(const std::vector<PortWish>& ports,
                                           Protocol protocol) const {
    std::set<std::uint16_t> taken;
    const auto take = [&](std::uint16_t port) {
        if (port >= range_.first && port <= range_.last) taken.insert(port);
    };
    for (const auto& [port, of] : ports_) {
        if (of == protocol) take(port);
    }
    for (const PortWish& wish : ports) {
        if (wish.protocol == protocol) take(wish.host_port);
    }
    return width() - taken.size();
}

Resources Ledger::used() const {
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return {static_cast<std::uint32_t>(std::min(cpu_used_, kMost)), memory_used_};
}

Promise& Ledger::add(Promise promise) {
    // Its end was under way, and it turned out to run: it holds its capacity once, not twice.
    ended({promise.slot, promise.epoch});
    const auto need = beyond(reserved(promise.spec), partner(promise));
    cpu_used_ += need.cpu_milli;
    memory_used_ += need.memory_bytes;
    const auto& wishes = promise.spec.container.ports;
    promise.host_ports.resize(wishes.size());
    // Those asked for by name first, or another wish of the same job might be given them.
    for (std::size_t i = 0; i < wishes.size(); ++i) {
        auto& port = promise.host_ports[i];
        if (port == 0) port = wishes[i].host_port;
        if (port != 0) ports_.insert({port, wishes[i].protocol});
    }
    for (std::size_t i = 0; i < wishes.size(); ++i) {
        auto& port = promise.host_ports[i];
        for (std::uint32_t tried = 0; port == 0 && tried < width(); ++tried) {
            const auto candidate =
                static_cast<std::uint16_t>(range_.first + (next_port_++ % width()));
            if (port_free(candidate, wishes[i].protocol)) port = candidate;
        }
        if (port != 0) ports_.insert({port, wishes[i].protocol});
    }
    const ContainerId id{promise.slot, promise.epoch};
    return promises_.insert_or_assign(id, std::move(promise)).first->second;
}

Batch Ledger::end(const ContainerId& id) {
    Batch rows{{Table::Ledger, promise_key(id), std::nullopt}};
    auto& ended = ended_[id.slot];
    if (id.epoch >= ended) {
        ended = id.epoch;
        Bytes value;
        for (unsigned shift = 64; shift > 0; shift -= 8) {
            value.push_back(static_cast<std::uint8_t>(ended >> (shift - 8)));
        }
        rows.push_back({Table::Ledger, ended_key(id.slot), Blob{std::move(value)}});
    }
    if (auto promise = promises_.extract(id)) ending_.insert(std::move(promise));
    return rows;
}

void Ledger::ended(const ContainerId& id) {
    if (const auto promise = ending_.extract(id)) give_back(promise.mapped());
}

void Ledger::forget(const ContainerId& id) {
    if (const auto promise = promises_.extract(id)) give_back(promise.mapped());
}

const Promise* Ledger::partner(const Promise& promise) const {
    for (const auto* table : {&promises_, &ending_}) {
        for (auto at = table->lower_bound({promise.slot, 0});
             at != table->end() && at->first.slot == promise.slot; ++at) {
            const Promise& other = at->second;
            const bool earlier = promise.after != 0 && other.epoch == promise.after;
            const bool later = other.after != 0 && other.after == promise.epoch;
            if (other.epoch != promise.epoch && (earlier || later)) return &other;
        }
    }
    return nullptr;
}

const Promise* Ledger::successor(const ContainerId& id) const {
    for (auto at = promises_.lower_bound({id.slot, 0});
         at != promises_.end() && at->first.slot == id.slot; ++at) {
        if (at->second.after != 0 && at->second.after == id.epoch) return &at->second;
    }
    return nullptr;
}

// What is held together with a partner stays held: by the one that is left.
void Ledger::give_back(const Promise& promise) {
    const Promise* other = partner(promise);
    const auto need = beyond(reserved(promise.spec), other);
    // A spoilt disk may tell of whole chains that wait for one another: sums must not wrap.
    cpu_used_ -= std::min<std::uint64_t>(cpu_used_, need.cpu_milli);
    memory_used_ -= std::min(memory_used_, need.memory_bytes);
    for (std::size_t i = 0; i < promise.host_ports.size(); ++i) {
        const auto port = promise.host_ports[i];
        const auto protocol = promise.spec.container.ports[i].protocol;
        const bool kept = other != nullptr && holds_port(*other, port, protocol);
        if (!kept) ports_.erase({port, protocol});
    }
}

Row Ledger::row(const Promise& promise) const {
    return {Table::Ledger, promise_key({promise.slot, promise.epoch}),
            Blob{encode_promise(promise)}};
}

Promise* Ledger::find(const ContainerId& id) {
    const auto found = promises_.find(id);
    return found == promises_.end() ? nullptr : &found->second;
}

const Promise* Ledger::find(const ContainerId& id) const {
    const auto found = promises_.find(id);
    return found == promises_.end() ? nullptr : &found->second;
}

Epoch Ledger::highest_epoch(const SlotId& slot) const {
    Epoch top = 0;
    const auto ended = ended_.find(slot);
    if (ended != ended_.end()) top = ended->second;
    for (auto at = promises_.lower_bound({slot, 0});
         at != promises_.end() && at->first.slot == slot; ++at) {
        top = std::max(top, at->first.epoch);
    }
    return top;
}

std::uint32_t Ledger::replicas_of(const std::string& job) const {
    std::uint32_t count = 0;
    for (auto at = promises_.lower_bound({{job, 0}, 0});
         at != promises_.end() && at->first.slot.job == job; ++at) {
        if (!at->second.draining) ++count;
    }
    return count;
}

}  // namespace shoal::placement
