#include "chaos/narrator.h"

#include "node/base/overloaded.h"

#include <cstdio>
#include <string>

namespace shoal::chaos {
namespace {

std::string name(const placement::ContainerId& id) {
    return to_string(id.slot) + " epoch " + std::to_string(id.epoch);
}

std::string tell(const agent::Input& input) {
    return std::visit(
        Overloaded{
            [](const agent::Start&) { return std::string{"starts"}; },
            [](const agent::Leave&) { return std::string{"is told to leave"}; },
            [](const agent::PersistFailed& e) {
                return "journal refuses batch " + std::to_string(e.token);
            },
            [](const agent::RuntimeListed& e) {
                std::string out = "runtime lists";
                for (const auto& report : e.containers) {
                    out += " " + name(report.id) + ";";
                }
                return out;
            },
            [](const agent::RuntimeTroubled& e) {
                return "runtime: " + (e.why.empty() ? std::string{"well again"} : e.why);
            },
            [](const agent::RemoveVolume& e) { return "removes volume " + to_string(e.volume); },
            [](const agent::RuntimeReported& e) {
                using placement::ContainerState;
                return "runtime: " + name(e.report.id) +
                       (e.report.state == ContainerState::Running   ? " runs"
                        : e.report.state == ContainerState::Pulling ? " waits for its image"
                                                                    : " ended");
            },
            [](const agent::CheckReported& e) {
                return e.report.outcome == placement::CheckOutcome::Failed
                           ? "check of " + name(e.report.id) + " fails"
                           : std::string{};
            },
            [](const agent::ClientJob& e) {
                return "accepts job " + e.spec.name + " x" + std::to_string(e.spec.replicas);
            },
            [](const agent::ClientWrite& e) {
                return e.body ? std::string{} : "accepts the end of " + e.key;
            },
            [](const auto&) { return std::string{}; },
        },
        input);
}

std::string tell(const agent::Effect& effect) {
    return std::visit(
        Overloaded{
            [](const agent::StartContainer& e) { return "  start " + name(e.id); },
            [](const agent::StopContainer& e) {
                return "  stop " + name(e.id) + ": " + std::string{to_string(e.reason)};
            },
            [](const agent::MemberChanged& e) {
                return "  sees " + to_short(e.node) + " " + std::string{to_string(e.after)} +
                       ", incarnation " + std::to_string(e.incarnation);
            },
            [](const agent::SlotDecided& e) {
                return "  decides " + to_string(e.slot) + ": " + e.sentence;
            },
            [](const agent::MustStop&) { return std::string{"  must stop"}; },
            [](const store::Notice& e) {
                return "  notices of " + to_short(e.node) + ": " + e.detail;
            },
            [](const auto&) { return std::string{}; },
        },
        effect);
}

void print(Instant now, const Machine& machine, const std::string& line) {
    if (line.empty()) return;
    std::printf("%10.6f %s %s\n", static_cast<double>(now.time_since_epoch().count()) / 1e6,
                machine.facts.name.c_str(), line.c_str());
}

}  // namespace

void narrate(Instant now, const Machine& machine, const agent::Input& input,
             const agent::Effects& effects) {
    print(now, machine, tell(input));
    for (const auto& effect : effects) {
        print(now, machine, tell(effect));
    }
}

}  // namespace shoal::chaos
