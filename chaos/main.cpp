// shoal-sim: runs seeds through the simulator and says what broke, or that nothing did.
#include "chaos/run.h"
#include "node/agent/recording.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>

namespace {

using namespace shoal;
using namespace shoal::chaos;

struct Options {
    std::uint32_t nodes = 100;
    std::uint64_t seeds = 20;
    std::uint64_t first = 1;
    std::uint64_t seed = 0;
    std::uint32_t records = 0;
    double duration = 30;
    bool no_wire = false;
    bool wire = false;
    bool hostile = false;
    bool hash_only = false;
    bool log = false;
    std::string replay{};
};

double milliseconds_of(Duration duration) {
    return static_cast<double>(duration.count()) / 1000.0;
}

int replay_recording(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) {
        std::fprintf(stderr, "cannot read %s\n", path.c_str());
        return 1;
    }
    const Bytes bytes{std::istreambuf_iterator<char>{in}, {}};
    const auto recording = agent::read_recording(bytes);
    if (!recording) {
        std::fprintf(stderr, "%s: %s\n", path.c_str(), recording.error().detail.c_str());
        return 1;
    }
    const auto replayed = agent::replay(*recording);
    if (!replayed.same) {
        std::printf("replay: step %zu of %zu has other effects than were recorded\n",
                    replayed.first_difference, recording->steps.size());
        return 1;
    }
    std::printf("replay: %zu steps, every effect as recorded%s\n", replayed.steps,
                recording->torn ? "; the last frame was torn" : "");
    return 0;
}

void summary(const Counters& c, std::uint64_t seeds, double node_hours, double cpu_seconds) {
    std::printf(
        "sim: %llu seeds, %.1f node-hours, %.2f node-hours per CPU second\n"
        "     kills %llu, restarts %llu, partitions %llu, pauses %llu, troubles %llu, disk "
        "rollbacks %llu\n"
        "     packets %llu, lost %llu, doubled %llu, corrupted %llu, stream messages %llu\n"
        "     writes acknowledged %llu, placements %llu, replacements %llu, stops %llu, illnesses "
        "%llu\n",
        static_cast<unsigned long long>(seeds), node_hours, node_hours / cpu_seconds,
        static_cast<unsigned long long>(c.kills), static_cast<unsigned long long>(c.restarts),
        static_cast<unsigned long long>(c.partitions), static_cast<unsigned long long>(c.pauses),
        static_cast<unsigned long long>(c.troubles), static_cast<unsigned long long>(c.rollbacks),
        static_cast<unsigned long long>(c.packets), static_cast<unsigned long long>(c.lost),
        static_cast<unsigned long long>(c.doubled), static_cast<unsigned long long>(c.corrupted),
        static_cast<unsigned long long>(c.stream_messages),
        static_cast<unsigned long long>(c.writes_acked),
        static_cast<unsigned long long>(c.placements),
        static_cast<unsigned long long>(c.replacements), static_cast<unsigned long long>(c.stops),
        static_cast<unsigned long long>(c.illnesses));
}

// A sweep that did next to nothing proves next to nothing. Single seeds draw few faults; these
// minimums are for what several add up to.
bool did_enough(const Counters& c, std::uint64_t seeds) {
    if (seeds < 3) return true;

    struct Minimum {
        const char* what;
        std::uint64_t did;
        std::uint64_t per_seed;
    };

    bool enough = true;
    for (const Minimum& m :
         {Minimum{"kills", c.kills, 1}, Minimum{"restarts", c.restarts, 1},
          Minimum{"packets lost", c.lost, 10}, Minimum{"writes acknowledged", c.writes_acked, 20},
          Minimum{"placements", c.placements, 5}}) {
        if (m.did >= m.per_seed * seeds) continue;
        std::printf("sim: FAILED: only %llu %s in %llu seeds; at least %llu make a proof\n",
                    static_cast<unsigned long long>(m.did), m.what,
                    static_cast<unsigned long long>(seeds),
                    static_cast<unsigned long long>(m.per_seed * seeds));
        enough = false;
    }
    if (c.partitions == 0 || c.replacements == 0) {
        std::printf("sim: FAILED: no partition or no replacement in %llu seeds\n",
                    static_cast<unsigned long long>(seeds));
        enough = false;
    }
    return enough;
}

int sweep(const Options& options) {
    Counters total;
    double node_hours = 0;
    const std::clock_t cpu_before = std::clock();
    const std::uint64_t first = options.seed != 0 ? options.seed : options.first;
    const std::uint64_t last = options.seed != 0 ? options.seed : options.first + options.seeds - 1;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const bool wire = options.wire || (!options.no_wire && options.nodes <= 100);
        const auto result =
            run({.nodes = options.nodes,
                 .seed = seed,
                 .records = options.records,
                 .faults_for = Duration{static_cast<Duration::rep>(options.duration * 1'000'000)},
                 .wire = wire,
                 .hostile = options.hostile,
                 .narrate = options.log});
        if (options.hash_only) {
            std::printf("seed %llu trace %016llx\n", static_cast<unsigned long long>(seed),
                        static_cast<unsigned long long>(result.trace));
        } else {
            std::printf(
                "seed %llu: %s  views %.1f s, stores %.1f s, jobs %.1f s after healing, "
                "trace %016llx\n",
                static_cast<unsigned long long>(seed), result.violation ? "VIOLATED" : "ok",
                milliseconds_of(result.l1) / 1000, milliseconds_of(result.l2) / 1000,
                milliseconds_of(result.l3) / 1000, static_cast<unsigned long long>(result.trace));
        }
        std::fflush(stdout);
        total += result.counters;
        node_hours +=
            static_cast<double>(options.nodes) * milliseconds_of(result.simulated) / 3.6e6;
        if (!result.violation) continue;
        std::printf("sim: %s violated at %.3f s: %s\n", result.violation->invariant.c_str(),
                    milliseconds_of(result.violation->at.time_since_epoch()) / 1000,
                    result.violation->what.c_str());
        std::printf("replay: ./dev sim --nodes %u --seed %llu --records %u --duration %g%s%s\n",
                    options.nodes, static_cast<unsigned long long>(seed), options.records,
                    options.duration, wire ? " --wire" : " --no-wire",
                    options.hostile ? " --hostile" : "");
        return 1;
    }
    if (options.hash_only) return 0;
    const double cpu =
        static_cast<double>(std::clock() - cpu_before) / static_cast<double>(CLOCKS_PER_SEC);
    summary(total, last - first + 1, node_hours, cpu);
    return did_enough(total, last - first + 1) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Runs shoal's agents by the hundred in simulated weather."};
    Options options;
    app.add_option("--nodes", options.nodes, "machines in the cluster")->capture_default_str();
    app.add_option("--seeds", options.seeds, "how many seeds")->capture_default_str();
    app.add_option("--first-seed", options.first, "the first of them")->capture_default_str();
    app.add_option("--seed", options.seed, "this one alone");
    app.add_option("--records", options.records,
                   "what each node writes before anything breaks (0: nothing)");
    app.add_option("--duration", options.duration, "seconds of faults per seed, simulated")
        ->capture_default_str();
    app.add_flag("--wire", options.wire,
                 "encode and decode every message (default up to 100 nodes)");
    app.add_flag("--no-wire", options.no_wire, "pass messages as they are");
    app.add_flag("--hostile", options.hostile,
                 "corrupted packets reach the machines; only safety is asked for then");
    app.add_flag("--hash", options.hash_only, "print the trace hash of each seed and nothing else");
    app.add_flag("--log", options.log, "tell what happens, line by line");
    app.add_option("--replay", options.replay, "replay a recording of `shoal agent --record`");
    CLI11_PARSE(app, argc, argv);
    return options.replay.empty() ? sweep(options) : replay_recording(options.replay);
}
