#include "cli/replicas.h"

#include "cli/human.h"
#include "cli/settling.h"
#include "cli/text.h"
#include "cli/tones.h"

#include <utility>

namespace shoal::cli {

std::vector<Json> slots_of(const Json& job) {
    std::vector<Json> out;
    for (const auto& slot : items_at(job, "slots")) {
        if (!slot.is_object()) continue;
        Json one = {{"job", text_at(job, "name")}};
        one.update(slot);
        out.push_back(std::move(one));
    }
    return out;
}

std::vector<std::string> names_of(const std::vector<Json>& slots) {
    std::vector<std::string> out;
    for (const auto& slot : slots) {
        out.push_back(slot_name(text_at(slot, "job"), slot));
    }
    return out;
}

std::string ports_of(const Json& item) {
    std::vector<std::string> out;
    for (const auto& port : items_at(item, "ports")) {
        out.push_back(port.is_string() ? port.get<std::string>() : dump(port));
    }
    return join(out, ",");
}

std::string replica_table(const Context& context, const std::vector<Json>& slots) {
    std::vector<std::string> header = {"REPLICA", "NODE", "STATE", "AGE", "RESTARTS", "PORTS"};
    if (context.wide()) header.insert(header.end(), {"CHECK", "EPOCH", "SINCE"});
    header.emplace_back("DETAIL");
    Table table{header};
    table.wrap_last_column(context.width());
    for (const auto& slot : slots) {
        const auto since = text_at(slot, "since");
        std::vector<Cell> row = {
            {slot_name(text_at(slot, "job"), slot)},
            {text_at(slot, "node")},
            slot_cell(text_at(slot, "state")),
            {age_of(since, context.world.wall())},
            {std::to_string(count_at(slot, "restarts"))},
            {ports_of(slot)},
        };
        if (context.wide()) {
            row.push_back({text_at(slot, "health")});
            row.push_back({std::to_string(count_at(slot, "epoch"))});
            row.push_back({since});
        }
        row.push_back({text_at(slot, "detail")});
        table.row(std::move(row));
    }
    return context.printed(table);
}

}  // namespace shoal::cli
