// What every write of a job or a value has in common: a submission id, so that a retry at another
// node is the same write, the copies demanded, and the word on who has it.
#pragma once

#include "cli/context.h"

#include <string>

namespace shoal::cli {

// Draws a submission id, unless the request brings its own.
[[nodiscard]] Request write_request(const Context& context, Request request);

// "generation 3, on 3 of 3 disks"
[[nodiscard]] std::string written(const Json& answer);

// Warns who does not have it yet. The write stands all the same.
void warn_of_missing(Context& context, const Json& answer);

// Sends it and warns. What came back says which generation it made.
Outcome<Json> write(Context& context, Request request);

// Shows "SENTENCE: generation 3, on 3 of 3 disks".
void show_written(Context& context, const Json& answer, const std::string& name,
                  const std::string& sentence);

// Both.
Outcome<Exit> send_write(Context& context, Request request, const std::string& name,
                         const std::string& sentence);

}  // namespace shoal::cli
