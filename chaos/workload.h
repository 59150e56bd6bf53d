// Clients that write, submit, scale and delete at random nodes, and remember what they were told.
#pragma once

#include "chaos/cluster.h"
#include "chaos/oracles.h"

#include <cstdint>
#include <map>
#include <string>

namespace shoal::chaos {

// Asked every second, more often at first; what fails twice is unhealthy.
[[nodiscard]] placement::HealthCheck quick_check();

class Workload final : public Observer {
public:
    // Passes every step on to `oracles` after looking for answers to its own requests.
    Workload(Cluster& cluster, Oracles& oracles, Random random);

    void run_until(Instant end);
    // Every node writes so many keys of its own, evenly over the time.
    void fill(std::uint32_t records, Duration over);

    void stepped(Instant now, const Machine& machine, const agent::Input& input,
                 const agent::Effects& effects) override;

    void container_runs(Instant now, const Machine& machine,
                        const placement::ContainerId& id) override {
        oracles_.container_runs(now, machine, id);
    }

    void check_passed(Instant now, const Machine& machine,
                      const placement::ContainerId& id) override {
        oracles_.check_passed(now, machine, id);
    }

    // What each client does, one at a time; also used by scenarios.
    void write(Host host, const std::string& key);
    void submit(Host host, const std::string& job, std::uint32_t replicas,
                const std::string& image = "web");
    void submit(Host host, placement::JobSpec spec);
    void remove(Host host, const std::string& job);

private:
    void next(Instant end);
    [[nodiscard]] std::uint64_t total_wanted() const;
    [[nodiscard]] placement::JobSpec some_job(std::uint64_t number, std::uint32_t replicas);

    [[nodiscard]] SubmissionId submission() { return {random_.next(), random_.next()}; }

    Cluster& cluster_;
    Oracles& oracles_;
    Random random_;
    std::uint64_t last_request_ = 0;
    std::uint64_t writes_ = 0;
    std::map<std::uint64_t, std::uint32_t> asked_;  // request -> disks lost before it
    std::map<std::string, std::uint32_t> jobs_;     // -> replicas last asked for
};

}  // namespace shoal::chaos
