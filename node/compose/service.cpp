#include "node/compose/service.h"

#include "node/api/quantities.h"
#include "node/api/replicas.h"
#include "node/compose/environment.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::uint64_t kGraceMax = 24ULL * 3'600'000;
constexpr std::size_t kNameMax = 63;
constexpr std::uint64_t kCpuPeriod = 100'000;  // microseconds, the kernel's own
constexpr std::uint64_t kCpuTimeMax = 1'000'000'000;

// A word of a fixed set, given the word the API has for it.
template <std::size_t N>
void read_word(const Value& value, std::string_view key,
               const std::array<std::pair<std::string_view, std::string_view>, N>& words,
               std::string& out, Problems& problems) {
    if (!is_said(value)) return;
    std::string allowed;
    for (const auto& [word, meaning] : words) {
        if (value.is_scalar() && value.text == word) {
            out = meaning;
            return;
        }
        allowed += (allowed.empty() ? "" : ", ") + std::string{word};
    }
    problems.unfit(value, key, "one of " + allowed);
}

using WordPair = std::pair<std::string_view, std::string_view>;

class Reader {
public:
    Reader(const Member& member, const Surroundings& around, Problems& problems,
           std::vector<Problem>& remarks)
        : member_(member),
          from_(member.value),
          around_(around),
          problems_(problems),
          remarks_(remarks) {
        out_.name = member.key;
        out_.mark = member.mark;
    }

    Service read() {
        check_name();
        if (from_.kind != Value::Kind::Map) {
            problems_.unfit(from_, "services." + out_.name, "a map of keys, with an 'image'");
            return std::move(out_);
        }
        read_image();
        out_.entrypoint = words("entrypoint");
        out_.command = words("command");
        out_.environment = read_environment(from_, around_.variables, around_.read, problems_);
        out_.labels = read_labels(from_, around_.variables, around_.read, problems_);
        if (is_said(at(from_, "ports"))) out_.ports = read_ports(at(from_, "ports"), problems_);
        out_.profiles = read_texts(at(from_, "profiles"), "profiles", problems_);
        read_mode();
        read_replicas();
        read_need();
        out_.placed = read_placement(at(at(from_, "deploy"), "placement"), problems_);
        read_restart();
        read_grace();
        out_.health = read_health(at(from_, "healthcheck"), problems_);
        out_.after = read_dependencies(at(from_, "depends_on"), problems_);
        read_ours();
        if (is_said(at(from_, "init"))) {
            out_.init = read_truth(at(from_, "init"), "init", problems_).value_or(false);
        }
        out_.process = read_process(member_, out_.memory, problems_);
        read_what_is_mounted();
        return std::move(out_);
    }

private:
    void check_name() {
        const auto& name = out_.name;
        const bool fits = !name.empty() && name.size() <= kNameMax &&
                          std::all_of(name.begin(), name.end(), [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                     (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
                          });
        if (!fits) {
            problems_.add(out_.mark, "service " + shown(name) +
                                         ": a name is 1 to 63 letters, digits, '.', '_' and '-'");
        }
    }

    void read_image() {
        const auto& image = at(from_, "image");
        if (is_said(image)) {
            out_.image = read_text(image, "image", problems_).value_or("");
            if (out_.image.empty() || out_.image.size() > 512) {
                problems_.unfit(image, "image", "1 to 512 characters");
            }
        } else if (is_said(at(from_, "build"))) {
            // The name a build of this file gives it.
            out_.image = around_.project + "-" + out_.name;
        } else {
            problems_.add(out_.mark, "service " + shown(out_.name) +
                                         " has no 'image'; expected the name of one");
        }
    }

    std::vector<std::string> words(const char* key) {
        const auto& value = at(from_, key);
        if (!is_said(value)) return {};
        if (value.kind == Value::Kind::List || value.kind == Value::Kind::Map) {
            auto out = read_texts(value, key, problems_);
            if (value.kind == Value::Kind::List && value.items.empty()) empty_words(value, key);
            return out;
        }
        auto out = split_words(value.text);
        if (!out) {
            problems_.unfit(value, key, "a line with its quotes closed, or a list of words");
            return {};
        }
        if (out->empty()) empty_words(value, key);
        return std::move(*out);
    }

    void empty_words(const Value& value, const std::string& key) {
        problems_.add(value.mark, key +
                                      ": an empty one, to have none at all, is not possible; leave "
                                      "it out for the image's or write words");
    }

    void read_mode() {
        const auto& mode = at(at(from_, "deploy"), "mode");
        out_.global = mode.is_scalar() && mode.text == "global";
    }

    void read_replicas() {
        const auto& scale = at(from_, "scale");
        const auto& replicas = at(at(from_, "deploy"), "replicas");
        for (const auto* said : {&scale, &replicas}) {
            if (!is_said(*said)) continue;
            const auto* key = said == &scale ? "scale" : "deploy.replicas";
            const auto number = read_number(*said, key, api::kReplicasMax, problems_);
            if (number) out_.replicas = static_cast<std::uint32_t>(*number);
            if (out_.global) {
                problems_.add(said->mark, std::string{key} +
                                              ": a global service has one replica on each node; "
                                              "leave it out, or 'deploy.mode'");
            }
        }
        if (is_said(scale) && is_said(replicas) && scale.text != replicas.text) {
            problems_.add(scale.mark,
                          "scale: 'deploy.replicas' says another number; one of them "
                          "has to go");
        }
    }

    // Nothing, or "0", which the specification has for no limit.
    std::uint32_t cpus_of(const Value& value, const char* key) {
        if (!is_said(value)) return 0;
        const auto text = value.text.starts_with('.') ? "0" + value.text : value.text;
        const auto milli = value.is_scalar() ? api::parse_cpus(text) : std::nullopt;
        if (!milli) problems_.unfit(value, key, "cores, as 2 or 0.5, to the thousandth");
        return milli.value_or(0);
    }

    std::uint64_t memory_of(const Value& value, const char* key) {
        if (!is_said(value)) return 0;
        const auto bytes = value.is_scalar() ? api::parse_memory(value.text) : std::nullopt;
        if (!bytes) problems_.unfit(value, key, "a size, as 512m or 1.5g");
        return bytes.value_or(0);
    }

    template <class Number>
    Number one_of(Number limit, Number older, const Value& older_value, const char* key) {
        if (limit != 0 && older != 0 && limit != older) {
            problems_.add(older_value.mark, std::string{key} +
                                                ": 'deploy.resources' says another; one of them "
                                                "has to go");
        }
        return limit != 0 ? limit : older;
    }

    // The older way to say `cpus`: so many microseconds of each period.
    std::uint32_t cpus_of_quota() {
        const auto& quota = at(from_, "cpu_quota");
        const auto& period = at(from_, "cpu_period");
        const auto us = [&](const Value& value, const char* key, std::uint64_t otherwise) {
            if (!is_said(value)) return otherwise;
            return read_number(value, key, kCpuTimeMax, problems_).value_or(otherwise);
        };
        const auto whole = std::max<std::uint64_t>(1, us(period, "cpu_period", kCpuPeriod));
        if (is_said(quota) && quota.text == "-1") return 0;
        const auto part = us(quota, "cpu_quota", 0);
        return static_cast<std::uint32_t>((part * 1000 + whole - 1) / whole);
    }

    void read_need() {
        const auto& resources = at(at(from_, "deploy"), "resources");
        const auto& limits = at(resources, "limits");
        const auto& reserved = at(resources, "reservations");
        out_.cpu_milli = one_of(cpus_of(at(limits, "cpus"), "limits.cpus"),
                                cpus_of(at(from_, "cpus"), "cpus"), at(from_, "cpus"), "cpus");
        out_.cpu_milli =
            one_of(out_.cpu_milli, cpus_of_quota(), at(from_, "cpu_quota"), "cpu_quota");
        out_.memory = one_of(memory_of(at(limits, "memory"), "limits.memory"),
                             memory_of(at(from_, "mem_limit"), "mem_limit"), at(from_, "mem_limit"),
                             "mem_limit");
        reserve(out_.cpu_milli, cpus_of(at(reserved, "cpus"), "reservations.cpus"),
                at(reserved, "cpus"), "reservations.cpus");
        const auto memory = memory_of(at(reserved, "memory"), "reservations.memory");
        const auto older = memory_of(at(from_, "mem_reservation"), "mem_reservation");
        const bool new_form = is_said(at(reserved, "memory"));
        reserve(out_.memory, new_form ? memory : older,
                new_form ? at(reserved, "memory") : at(from_, "mem_reservation"),
                new_form ? "reservations.memory" : "mem_reservation");
    }

    // What a replica is promised is also what it may use: there is one number for both.
    template <class Number>
    void reserve(Number& need, Number reserved, const Value& value, const char* key) {
        if (reserved == 0) return;
        if (need != 0 && need < reserved) {
            problems_.add(value.mark, std::string{key} + ": more than the limit");
        } else if (need == 0) {
            need = reserved;
            remarks_.push_back({value.mark, "services." + out_.name + ": " + key +
                                                " without a limit is taken as the limit too"});
        }
    }

    void read_restart() {
        const auto& condition = at(at(at(from_, "deploy"), "restart_policy"), "condition");
        if (is_said(at(at(from_, "deploy"), "restart_policy"))) {
            out_.restart = "always";  // the default of a policy without a condition
            read_word(condition, "restart_policy.condition",
                      std::array{WordPair{"none", "never"}, WordPair{"on-failure", "on-failure"},
                                 WordPair{"any", "always"}},
                      out_.restart, problems_);
            return;
        }
        const auto& restart = at(from_, "restart");
        if (const std::string_view counted = "on-failure:";
            restart.text.starts_with(counted) &&
            api::parse_number<std::uint32_t>(restart.text.substr(counted.size()))) {
            out_.restart = "on-failure";
            remarks_.push_back({restart.mark, "services." + out_.name +
                                                  ": after how many failures a node gives up is "
                                                  "its own choice; restart is on-failure"});
            return;
        }
        read_word(
            restart, "restart",
            std::array{WordPair{"no", "never"}, WordPair{"always", "always"},
                       WordPair{"unless-stopped", "always"}, WordPair{"on-failure", "on-failure"},
                       // What `restart: no` is to readers of YAML 1.1, and some write.
                       WordPair{"false", "never"}},
            out_.restart, problems_);
    }

    void read_grace() {
        const auto& value = at(from_, "stop_grace_period");
        if (!is_said(value)) return;
        const auto ms = value.is_scalar() ? parse_span(value.text) : std::nullopt;
        if (!ms || *ms > kGraceMax) {
            problems_.unfit(value, "stop_grace_period", "a duration as 1m30s, up to 24h");
            return;
        }
        out_.stop_grace_ms = static_cast<std::uint32_t>(*ms);
    }

    void read_ours() {
        const auto& ours = at(from_, "x-shoal");
        if (is_said(ours) && ours.kind != Value::Kind::Map) {
            problems_.unfit(ours, "x-shoal",
                            "a map of on_partition, reconcile and on_volume_node_loss");
        }
        read_word(at(ours, "on_partition"), "on_partition",
                  std::array{WordPair{"replace", "replace"}, WordPair{"keep", "keep"}},
                  out_.on_partition, problems_);
        read_word(at(ours, "reconcile"), "reconcile",
                  std::array{WordPair{"oldest", "oldest"}, WordPair{"newest", "newest"}},
                  out_.reconcile, problems_);
    }

    void read_what_is_mounted() {
        read_word(at(at(from_, "x-shoal"), "on_volume_node_loss"), "on_volume_node_loss",
                  std::array{WordPair{"wait", "wait"}, WordPair{"recreate", "recreate"}},
                  out_.on_volume_node_loss, problems_);
        auto mounts =
            read_mounts(from_, {around_.project, out_.name, around_.root, around_.read}, problems_);
        out_.mounts = std::move(mounts.mounts);
        out_.refused = std::move(mounts.refused);
        out_.files = read_files(from_, around_.root, around_.variables, around_.read, problems_);
        std::move(mounts.files.begin(), mounts.files.end(), std::back_inserter(out_.files));
    }

    const Member& member_;
    const Value& from_;
    const Surroundings& around_;
    Problems& problems_;
    std::vector<Problem>& remarks_;
    Service out_{};
};

}  // namespace

Service read_service(const Member& member, const Surroundings& around, Problems& problems,
                     std::vector<Problem>& remarks) {
    auto out = Reader{member, around, problems, remarks}.read();
    out.names = read_names(member, around.project, problems);
    return out;
}

}  // namespace shoal::compose
