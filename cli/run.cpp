#include "cli/run.h"

#include "cli/program.h"

#include <utility>

namespace shoal::cli {

int run(World& world, std::vector<std::string> arguments) {
    Program program{world};
    add_commands(program);
    return program.run(std::move(arguments));
}

}  // namespace shoal::cli
