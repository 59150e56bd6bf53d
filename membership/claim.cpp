#include "membership/claim.h"

namespace shoal::membership {

bool outranks(const Claim& challenger, const Claim& known) {
    if (challenger.incarnation != known.incarnation) {
        return challenger.incarnation > known.incarnation;
    }
    if (challenger.health != known.health) return challenger.health > known.health;
    // Only a twin makes two claims that differ here alone; any fixed order keeps merging a join.
    if (challenger.boot != known.boot) return challenger.boot > known.boot;
    return challenger.endpoint > known.endpoint;
}

bool admissible(const Claim& claim) {
    if (claim.about.is_zero() || claim.incarnation > kIncarnationMax) return false;
    if (claim.endpoint.ip.size() > kIpBytesMax) return false;
    return claim.health != Health::Dead && claim.health != Health::AgentDown;
}

}  // namespace shoal::membership
