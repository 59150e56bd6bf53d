// A small cluster to play one story with: booted, settled, watched by every invariant.
#pragma once

#include "chaos/cluster.h"
#include "chaos/oracles.h"
#include "chaos/workload.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace shoal::tests {

class Scenario {
public:
    explicit Scenario(std::uint32_t nodes, std::uint64_t seed = 1)
        : cluster_{{.nodes = nodes, .narrate = std::getenv("NARRATE") != nullptr}, seed},
          oracles_{cluster_},
          workload_{cluster_, oracles_, Random{seed}} {
        cluster_.set_observer(&workload_);
        for (chaos::Host host = 0; host < nodes; ++host) {
            cluster_.boot(host);
        }
        comes_true([&] { return !oracles_.l1_views_are_true() && !oracles_.l2_stores_are_equal(); },
                   "all see all");
    }

    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;

    ~Scenario() {
        oracles_.check_cluster();
        oracles_.check_at_rest();
        EXPECT_FALSE(oracles_.violation())
            << oracles_.violation()->invariant << ": " << oracles_.violation()->what;
    }

    template <class Predicate>
    void comes_true(const Predicate& predicate, const std::string& what) {
        EXPECT_TRUE(cluster_.run_until(predicate, std::chrono::seconds{60})) << "never: " << what;
    }

    // A job of that many replicas, submitted at a node and running everywhere it should.
    void runs_job(chaos::Host at, std::uint32_t replicas) {
        workload_.submit(at, "web", replicas);
        comes_true([&] { return running() == replicas && whole(); }, "the job runs");
    }

    void all_is_well() {
        std::optional<std::string> wrong;
        const auto right = [&] {
            wrong = oracles_.l1_views_are_true();
            if (!wrong) wrong = oracles_.l2_stores_are_equal();
            if (!wrong) wrong = oracles_.l3_jobs_are_whole();
            return !wrong;
        };
        EXPECT_TRUE(cluster_.run_until(right, std::chrono::seconds{60})) << *wrong;
    }

    [[nodiscard]] bool whole() const { return !oracles_.l3_jobs_are_whole(); }

    // Containers on all hosts, by what really runs.
    [[nodiscard]] std::size_t running() const {
        std::size_t out = 0;
        for (const auto& m : cluster_.machines()) {
            out += m->containers.size();
        }
        return out;
    }

    [[nodiscard]] std::optional<Standing> sees(chaos::Host who, chaos::Host whom) {
        const auto seen = cluster_.machine(who).agent->membership().find(cluster_.machine(whom).id);
        return seen ? std::optional{seen->standing} : std::nullopt;
    }

    chaos::Cluster& cluster() { return cluster_; }

    chaos::Oracles& oracles() { return oracles_; }

    chaos::Workload& workload() { return workload_; }

private:
    chaos::Cluster cluster_;
    chaos::Oracles oracles_;
    chaos::Workload workload_;
};

}  // namespace shoal::tests
