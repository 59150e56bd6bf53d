#include "chaos/workload.h"

#include <algorithm>
#include <utility>

namespace shoal::chaos {

using std::chrono::milliseconds;

namespace {

std::string name_of(std::uint64_t number) {
    return "job-" + std::to_string(number);
}

// Some jobs have volumes from their first day to their last, and two of them share one.
void add_volumes(placement::JobSpec& spec) {
    const auto& job = spec.name;
    if (job == "job-1" || job == "job-2") {
        spec.container.need = {50, 64ULL << 20U};
        spec.container.mounts.push_back({.source = job + "-data", .target = "/data"});
    }
    if (job == "job-0" || job == "job-1") {
        spec.container.need = {50, 64ULL << 20U};
        spec.container.mounts.push_back({.source = "common", .target = "/common", .shared = true});
    }
}

}  // namespace

placement::HealthCheck quick_check() {
    return {.kind = placement::HealthCheck::Kind::Program,
            .test = {"check"},
            .interval_ms = 1000,
            .retries = 2,
            .start_interval_ms = 300};
}

Workload::Workload(Cluster& cluster, Oracles& oracles, Random random)
    : cluster_(cluster), oracles_(oracles), random_(random) {}

void Workload::stepped(Instant now, const Machine& m, const agent::Input& input,
                       const agent::Effects& effects) {
    for (const auto& effect : effects) {
        const auto* done = std::get_if<agent::WriteDone>(&effect);
        if (done == nullptr) continue;
        const auto asked = asked_.find(done->request);
        if (asked == asked_.end()) continue;
        if (done->outcome == store::WriteOutcome::Done) {
            ++cluster_.counters().writes_acked;
            oracles_.acknowledged(
                {done->key, done->version, done->gen, done->acked, asked->second});
        }
        asked_.erase(asked);
    }
    oracles_.stepped(now, m, input, effects);
}

void Workload::run_until(Instant end) {
    next(end);
}

void Workload::fill(std::uint32_t records, Duration over) {
    const auto nodes = static_cast<Host>(cluster_.machines().size());
    const auto pause = over / std::max(1, static_cast<int>(records));
    for (Host host = 0; host < nodes; ++host) {
        for (std::uint32_t i = 0; i < records; ++i) {
            const auto when = cluster_.now() + pause * i + pause * host / nodes;
            const std::string key = "record/" + std::to_string(host) + "/" + std::to_string(i);
            cluster_.at(when, [this, host, key] { write(host, key); });
        }
    }
}

std::uint64_t Workload::total_wanted() const {
    std::uint64_t sum = 0;
    for (const auto& [name, replicas] : jobs_) {
        sum += replicas;
    }
    return sum;
}

void Workload::next(Instant end) {
    const Instant when =
        cluster_.now() + milliseconds{50 + static_cast<std::int64_t>(random_.below(400))};
    if (when >= end) return;
    cluster_.at(when, [this, end] {
        const auto nodes = static_cast<std::uint64_t>(cluster_.machines().size());
        const auto host = static_cast<Host>(random_.below(nodes));
        const auto number = random_.below(std::max<std::uint64_t>(5, nodes / 4));
        const std::string job = name_of(number);
        const auto kind = random_.below(10);
        if (kind < 6) {
            write(host, "kv/" + std::to_string(random_.below(20)));
        } else if (kind < 9) {
            // Never more than fits: what cannot be placed would wait for ever, rightly.
            const auto replicas = static_cast<std::uint32_t>(random_.below(6));
            if (total_wanted() + replicas <= nodes * 5) submit(host, some_job(number, replicas));
        } else {
            remove(host, job);
        }
        next(end);
    });
}

// Some have a check, some come after another: of a lower number, so that none waits for itself.
placement::JobSpec Workload::some_job(std::uint64_t number, std::uint32_t replicas) {
    placement::JobSpec spec{.name = name_of(number), .replicas = replicas};
    spec.container.image = "web";
    spec.container.need = {400, 512ULL << 20U};
    if (random_.below(4) == 0) spec.container.command = {std::to_string(random_.below(3))};
    if (random_.below(2) == 0) spec.container.health = quick_check();
    if (number > 0 && random_.below(2) == 0) {
        spec.after.push_back({.job = name_of(random_.below(number)),
                              .condition = random_.below(2) == 0
                                               ? placement::After::Condition::Started
                                               : placement::After::Condition::Healthy,
                              .required = random_.below(2) == 0});
    }
    add_volumes(spec);
    const bool shares = std::any_of(spec.container.mounts.begin(), spec.container.mounts.end(),
                                    [](const placement::Mount& mount) { return mount.shared; });
    if (!shares && random_.below(6) == 0) {
        spec.global = true;
        spec.container.need = {20, 16ULL << 20U};  // on every node, beside whatever is there
    }
    return spec;
}

void Workload::write(Host host, const std::string& key) {
    const auto request = ++last_request_;
    asked_[request] = oracles_.disks_lost();
    const Machine& m = cluster_.machine(host);
    cluster_.feed(host, agent::ClientWrite{.request = request,
                                           .key = key,
                                           .body = to_blob("value " + std::to_string(++writes_)),
                                           .submission = submission(),
                                           .wall = cluster_.wall(m)});
}

void Workload::submit(Host host, const std::string& job, std::uint32_t replicas,
                      const std::string& image) {
    placement::JobSpec spec{.name = job, .replicas = replicas};
    spec.container.image = image;
    spec.container.need = {400, 512ULL << 20U};
    if (random_.below(4) == 0) spec.container.command = {std::to_string(random_.below(3))};
    add_volumes(spec);
    submit(host, std::move(spec));
}

void Workload::submit(Host host, placement::JobSpec spec) {
    const auto request = ++last_request_;
    asked_[request] = oracles_.disks_lost();
    jobs_[spec.name] = spec.global ? 0 : spec.replicas;
    const Machine& m = cluster_.machine(host);
    cluster_.feed(host, agent::ClientJob{.request = request,
                                         .spec = std::move(spec),
                                         .submission = submission(),
                                         .wall = cluster_.wall(m)});
}

void Workload::remove(Host host, const std::string& job) {
    const auto request = ++last_request_;
    asked_[request] = oracles_.disks_lost();
    jobs_.erase(job);
    const Machine& m = cluster_.machine(host);
    cluster_.feed(host, agent::ClientWrite{.request = request,
                                           .key = placement::job_key(job),
                                           .submission = submission(),
                                           .wall = cluster_.wall(m)});
}

}  // namespace shoal::chaos
