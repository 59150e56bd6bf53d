// Whether a job may be placed yet, as far as the jobs it comes after are concerned. Functions of
// the view alone: every node can say what is waited for.
//
// A condition gates the first placement of each template generation, and nothing else. Once a
// replica of that generation has been placed somewhere, what is lost is replaced and what is wanted
// besides is placed without looking back: a database that is down now must not keep a web server
// from moving.
#pragma once

#include "placement/view.h"

#include <optional>
#include <string>
#include <vector>

namespace shoal::placement {

// What the job waits for, as a sentence; nothing: it may be placed.
[[nodiscard]] std::optional<std::string> waits_for(const View& view, const JobSpec& spec);

// The jobs on a way from this one back to itself: it, those between, and it again. Empty: none.
[[nodiscard]] std::vector<std::string> circle_through(const View& view, const JobSpec& spec);

// Conflict if the job would close a circle, with the way round.
[[nodiscard]] Result<void> check_order(const View& view, const JobSpec& spec);

}  // namespace shoal::placement
