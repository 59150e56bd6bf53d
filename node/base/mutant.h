// Seeded bugs: the proof that the simulator's oracles bite.
//
//     if (!SHOAL_MUTANT(AcceptStaleAlive) && claim.incarnation < known.incarnation) return;
//
// In every shipped or tested library SHOAL_MUTANT is the constant false and costs nothing. Only the
// *_mutants twin libraries define SHOAL_MUTANTS; `shoal-mutants` switches on one bug at a time and
// demands that a named invariant catches it.
#pragma once

#ifdef SHOAL_MUTANTS

#include <cstdint>

namespace shoal {

enum class Mutant : std::uint8_t {
    None,
    // membership
    AcceptStaleAlive,       // an old sign of life overrides newer evidence
    ReuseIncarnation,       // a restart does not raise the incarnation
    IgnoreRefutation,       // a node never answers accusations against itself
    NeverProbeUnreachable,  // what went silent once is never asked again
    // store
    SkipFloorCheck,         // a deleted fact returns from an old replica
    AckBeforeSync,          // a write is acknowledged before it is durable
    LowerVersionWins,       // merge of the shared map prefers the smaller version
    ReuseSeqAfterRollback,  // a lost journal does not raise log_epoch
    NeverSync,              // what was not sent at once is never sent
    AcceptUnsignedHead,     // a head is applied without checking its signature
    // placement
    StartBeforeSync,     // a container starts before its ledger entry is durable
    OverCommit,          // an award is accepted without looking at the capacity
    AcceptLowerEpoch,    // an award with an epoch already seen starts again
    StopOnSilence,       // a container stops because nobody speaks of its job any more
    IgnoreWinner,        // a duplicate never gives way to the winner
    ForgetLedgerOnBoot,  // running containers are not adopted
    ReplaceNobody,       // a dead node's slots are never replaced
    BidInTrouble,        // a node whose runtime is away or whose disk is nearly full bids on
    IgnoreVolumes,       // a slot goes to any node, whoever holds its volume
    StartBeside,         // a replacement does not wait for the one whose volume it takes over
    HealthyOnStart,      // what runs is taken for healthy, whatever its check says
    IgnoreUnhealthy,     // an unhealthy replica is left as it is
    IgnoreOrder,         // a job is placed before what it comes after
    ForgetSlotOwner,     // any slot of a job for every node will do anywhere
};

inline Mutant active_mutant = Mutant::None;

}  // namespace shoal

#define SHOAL_MUTANT(name) (::shoal::active_mutant == ::shoal::Mutant::name)

#else
#define SHOAL_MUTANT(name) false
#endif
