// The one executable: daemon and command line.
#include "cli/agent_command.h"
#include "cli/program.h"

int main(int count, char** words) {
    auto world = shoal::cli::real_world();
    shoal::cli::Program program{world};
    shoal::cli::add_agent_command(program);
    shoal::cli::add_commands(program);
    return program.run({words + (count > 0 ? 1 : 0), words + count});
}
