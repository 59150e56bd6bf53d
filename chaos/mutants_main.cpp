// shoal-mutants: the simulator proves itself. Each seeded bug of node/base/mutant.h is switched on
// alone and must be caught by one of the invariants that are there for it, within so many seeds;
// with none switched on the same seeds must pass.
//
// Each seed runs in a process of its own, so that a bug that trips a check inside a machine is seen
// as what it is.
#include "chaos/run.h"
#include "node/base/mutant.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace shoal;
using namespace shoal::chaos;

struct Case {
    Mutant mutant = Mutant::None;
    const char* name = "";
    std::vector<std::string> caught_by{};  // any of these
    std::uint32_t nodes = 3;
};

constexpr std::uint64_t kSeeds = 200;

const std::vector<Case>& cases() {
    static const std::vector<Case> kAll{
        {Mutant::AcceptStaleAlive, "AcceptStaleAlive", {"S8", "L1"}},
        {Mutant::ReuseIncarnation, "ReuseIncarnation", {"S8", "L1"}},
        {Mutant::IgnoreRefutation, "IgnoreRefutation", {"L1"}},
        {Mutant::NeverProbeUnreachable, "NeverProbeUnreachable", {"L1"}},
        {Mutant::SkipFloorCheck, "SkipFloorCheck", {"S5", "L2", "S4"}},
        {Mutant::AckBeforeSync, "AckBeforeSync", {"S15"}},
        {Mutant::LowerVersionWins, "LowerVersionWins", {"S4", "L2", "S15"}},
        {Mutant::ReuseSeqAfterRollback, "ReuseSeqAfterRollback", {"S2", "S4", "S5", "L2"}},
        {Mutant::AcceptUnsignedHead, "AcceptUnsignedHead", {"S2", "S5", "L2", "L4"}},
        {Mutant::NeverSync, "NeverSync", {"L2", "L3"}},
        {Mutant::StartBeforeSync, "StartBeforeSync", {"S6"}},
        {Mutant::OverCommit, "OverCommit", {"S1"}},
        {Mutant::AcceptLowerEpoch, "AcceptLowerEpoch", {"S7"}},
        {Mutant::StopOnSilence, "StopOnSilence", {"S9"}},
        {Mutant::IgnoreWinner, "IgnoreWinner", {"L3"}},
        {Mutant::ForgetLedgerOnBoot, "ForgetLedgerOnBoot", {"S7", "S10", "S19", "L3", "L4", "S1"}},
        {Mutant::ReplaceNobody, "ReplaceNobody", {"L3"}},
        {Mutant::BidInTrouble, "BidInTrouble", {"S18"}},
        {Mutant::IgnoreVolumes, "IgnoreVolumes", {"S19"}},
        {Mutant::StartBeside, "StartBeside", {"S19", "S1"}},
        {Mutant::HealthyOnStart, "HealthyOnStart", {"S21"}},
        {Mutant::IgnoreUnhealthy, "IgnoreUnhealthy", {"L4"}},
        {Mutant::IgnoreOrder, "IgnoreOrder", {"S20"}},
        {Mutant::ForgetSlotOwner, "ForgetSlotOwner", {"L3"}},
    };
    return kAll;
}

// What the seed ended with: "" for nothing wrong, an invariant's name, or "check" for an abort.
std::string outcome(const Case& one, std::uint64_t seed) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) return "pipe";
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) return "fork";
    if (child == 0) {
        (void)close(ends[0]);
        if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(3);
        active_mutant = one.mutant;
        const auto result = run({.nodes = one.nodes, .seed = seed});
        const std::string name = result.violation ? result.violation->invariant : "";
        if (write(ends[1], name.data(), name.size()) < 0) _exit(3);
        _exit(0);
    }
    (void)close(ends[1]);
    std::array<char, 64> buffer{};
    const auto count = read(ends[0], buffer.data(), buffer.size());
    (void)close(ends[0]);
    int status = 0;
    (void)waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return "check";
    return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
}

bool is_caught(const Case& one) {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const std::string name = outcome(one, seed);
        if (name.empty()) continue;
        const bool by_right =
            std::find(one.caught_by.begin(), one.caught_by.end(), name) != one.caught_by.end();
        std::printf("%-24s %s by %s in seed %llu\n", one.name,
                    by_right ? "caught" : "CAUGHT BY ANOTHER,", name.c_str(),
                    static_cast<unsigned long long>(seed));
        return by_right;
    }
    std::printf("%-24s SURVIVED %llu seeds\n", one.name, static_cast<unsigned long long>(kSeeds));
    return false;
}

bool is_clean() {
    for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
        const std::string name = outcome({}, seed);
        if (name.empty()) continue;
        std::printf("%-24s %s violated in seed %llu\n", "(no bug)", name.c_str(),
                    static_cast<unsigned long long>(seed));
        return false;
    }
    std::printf("%-24s passes %llu seeds\n", "(no bug)", static_cast<unsigned long long>(kSeeds));
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string only = argc > 1 ? argv[1] : "";
    std::size_t caught = 0;
    std::size_t tried = 0;
    bool fine = !only.empty() || is_clean();
    for (const Case& one : cases()) {
        if (!only.empty() && only != one.name) continue;
        ++tried;
        if (is_caught(one)) {
            ++caught;
        } else {
            fine = false;
        }
    }
    if (tried == 0) {
        std::fprintf(stderr, "no seeded bug is called '%s'\n", only.c_str());
        return 2;
    }
    std::printf("mutants: %zu of %zu caught\n", caught, tried);
    return fine ? 0 : 1;
}
