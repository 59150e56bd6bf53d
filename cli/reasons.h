// Why slots wait for a node, asked now and then while somebody waits with them.
#pragma once

#include "cli/context.h"

#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace shoal::cli {

class Reasons {
public:
    explicit Reasons(Context& context) : context_(context) {}

    // Asks for each of `jobs` (as the API shows them) that has a slot without a node.
    void ask(const std::vector<Json>& jobs);

    // ask(), unless that was done a moment ago.
    void refresh(const std::vector<Json>& jobs);

    void forget() { known_.clear(); }

    // The sentence for a slot; empty if nobody knows one.
    [[nodiscard]] std::string sentence(const std::string& job, const Json& slot) const;

    // Was everybody asked about some job, and is there nobody who wants it?
    [[nodiscard]] bool nobody_bids() const;

    // All that is known, a table for each job.
    [[nodiscard]] std::string tables() const;

private:
    Context& context_;
    std::map<std::string, Json> known_{};  // by job
    std::chrono::milliseconds again_{};
};

}  // namespace shoal::cli
