#include "chaos/run.h"

#include "chaos/nemesis.h"
#include "chaos/workload.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace shoal::chaos {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Until the predicate holds, watching the invariants; the time it took, or a violation.
Duration await(Cluster& cluster, Oracles& oracles, const std::string& name, Duration limit,
               const std::function<std::optional<std::string>()>& wrong, Instant healed) {
    const Instant end = healed + limit;
    auto still = wrong();
    while (still && cluster.now() < end && !oracles.violation()) {
        cluster.run_for(milliseconds{250});
        oracles.check_cluster();
        still = wrong();
    }
    if (still) {
        oracles.fail(name, *still + ", " +
                               std::to_string(std::chrono::duration_cast<seconds>(limit).count()) +
                               " s after healing");
    }
    return cluster.now() - healed;
}

}  // namespace

RunResult run(const RunOptions& options) {
    agent::Config config;
    // Deleted facts are forgotten while somebody is still away who has not heard of it.
    config.store.own.tombstones_for = seconds{4};
    Cluster cluster{{.nodes = options.nodes,
                     .wire = options.wire,
                     .hostile = options.hostile,
                     .hash = options.hash,
                     .narrate = options.narrate,
                     .agent = config},
                    options.seed};
    Oracles oracles{cluster};
    Workload workload{cluster, oracles, cluster.random().fork()};
    cluster.set_observer(&workload);
    const Faults faults = Faults::draw(cluster.random());
    Nemesis nemesis{cluster, oracles, faults, cluster.random().fork()};

    for (Host host = 0; host < options.nodes; ++host) {
        cluster.at(Instant{milliseconds{20} * host}, [&cluster, host] { cluster.boot(host); });
    }
    cluster.run_for(seconds{5} + milliseconds{20} * options.nodes);

    if (options.records > 0) {
        workload.fill(options.records, seconds{20});
        cluster.run_for(seconds{20});
    }

    const Instant end = cluster.now() + options.faults_for;
    workload.run_until(end);
    nemesis.run_until(end);
    while (cluster.now() < end && !oracles.violation()) {
        cluster.run_for(std::min(options.cadence, end - cluster.now()));
        oracles.check_cluster();
    }

    RunResult result;
    // Corrupted packets that reach the decoders can claim anything of anybody, which no
    // authenticated network lets happen: such a run asks for safety of the machines alone.
    if (!oracles.violation() && !options.hostile) {
        nemesis.heal();
        const Instant healed = cluster.now();
        const LivenessLimits limits;
        const auto check = [&](const char* name, Duration limit, auto predicate) {
            if (oracles.violation()) return Duration{};
            return await(
                cluster, oracles, name, limit, [&] { return (oracles.*predicate)(); }, healed);
        };
        const auto& all = cluster.machines();
        const bool lost =
            std::any_of(all.begin(), all.end(), [](const auto& m) { return m->lost; });
        result.l1 = check("L1", limits.l1 + (lost ? limits.find_lost : Duration{}),
                          &Oracles::l1_views_are_true);
        result.l2 = check("L2", limits.l2, &Oracles::l2_stores_are_equal);
        result.l3 = check("L3", limits.l3, &Oracles::l3_jobs_are_whole);
        (void)check("L4", limits.l4, &Oracles::l4_nothing_waits);
        if (!oracles.violation()) oracles.check_at_rest();
    }
    result.violation = oracles.violation();
    result.counters = cluster.counters();
    result.trace = cluster.trace();
    result.simulated = cluster.now().time_since_epoch();
    return result;
}

}  // namespace shoal::chaos
