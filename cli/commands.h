// Each file of commands adds its own.
#pragma once

#include "cli/program.h"

namespace shoal::cli {

void add_cluster_commands(Program& program);  // init, token, leave, reset
void add_join_command(Program& program);
void add_status_command(Program& program);
void add_node_commands(Program& program);
void add_config_command(Program& program);
void add_up_commands(Program& program);  // up, down
void add_run_command(Program& program);
void add_services_command(Program& program);  // ls
void add_ps_command(Program& program);
void add_stats_command(Program& program);
void add_inspect_command(Program& program);
void add_scale_commands(Program& program);  // scale, rm
void add_job_commands(Program& program);
void add_explain_command(Program& program);
void add_image_commands(Program& program);
void add_logs_command(Program& program);
void add_kv_commands(Program& program);
void add_events_command(Program& program);
void add_doctor_command(Program& program);
void add_version_command(Program& program);
void add_completion_commands(Program& program);
void add_manual_command(Program& program);
void add_dial_stdio_command(Program& program);

}  // namespace shoal::cli
