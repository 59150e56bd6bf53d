#include "node/compose/mounts.h"

#include "node/api/quantities.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace shoal::compose {
namespace {

constexpr std::string_view kSocket =
    "the socket of a container engine is the host's root; no container gets it";
constexpr std::string_view kOfThisMachine =
    "a path of this machine is on no node; hand over a file with ':ro', take a named volume, or "
    "a path of the nodes that begins with '/'";
constexpr std::string_view kFolder =
    "a folder of this machine is not handed over, only single files are; or take a path of the "
    "nodes that begins with '/'";
constexpr std::string_view kMissing = "this machine has no such file to hand over";

bool is_path(std::string_view source) {
    return source.starts_with('/') || source.starts_with('.') || source.starts_with('~');
}

bool is_socket(std::string_view source) {
    return source == "/var/run/docker.sock" || source == "/run/docker.sock" ||
           source == "/run/containerd/containerd.sock" ||
           source == "/var/run/containerd/containerd.sock";
}

// "/var/lib/x" as part of a name: "var-lib-x".
std::string as_name(std::string_view path) {
    std::string out;
    for (const char c : path) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '_' || c == '.';
        if (good) {
            out += c;
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    return out;
}

class Reader {
public:
    Reader(const MountPlace& place, Problems& problems) : place_(place), problems_(problems) {}

    void volumes(const Value& list) {
        if (list.kind == Value::Kind::Null) return;
        if (list.kind != Value::Kind::List) {
            problems_.unfit(list, "volumes", "a list of SOURCE:TARGET[:ro]");
            return;
        }
        for (std::size_t i = 0; i < list.items.size(); ++i) {
            const auto& item = list.items[i];
            path_ = {"services", place_.service, "volumes", "[" + std::to_string(i) + "]"};
            if (item.kind == Value::Kind::Map) {
                long_form(item);
            } else if (const auto text = read_text(item, "volumes", problems_)) {
                short_form(item, *text);
            }
        }
    }

    Mounts take() { return std::move(out_); }

private:
    void short_form(const Value& item, const std::string& text) {
        const auto first = text.find(':');
        if (first == std::string::npos) {
            anonymous(item.mark, text);
            return;
        }
        const auto second = text.find(':', first + 1);
        Mount mount{.source = text.substr(0, first),
                    .target = text.substr(
                        first + 1, second == std::string::npos ? second : second - first - 1)};
        auto rest = second == std::string::npos ? std::string_view{}
                                                : std::string_view{text}.substr(second + 1);
        while (!rest.empty()) {
            const auto option = rest.substr(0, rest.find(','));
            rest =
                option.size() == rest.size() ? std::string_view{} : rest.substr(option.size() + 1);
            if (option == "ro") {
                mount.read_only = true;
            } else if (option == "nocopy") {
                mount.copy = false;
            } else if (option != "rw" && option != "z" && option != "Z" && option != "cached" &&
                       option != "delegated" && option != "consistent") {
                problems_.unfit(item, "volumes",
                                "SOURCE:TARGET[:OPTIONS] with ro, rw or nocopy, divided by ','");
                return;
            }
        }
        sort(item.mark, std::move(mount));
    }

    void long_form(const Value& item) {
        Mount mount;
        const auto text = [&](const char* key, std::string& into) {
            if (const auto* value = item.find(key)) {
                into = read_text(*value, key, problems_).value_or("");
            }
        };
        text("type", mount.type);
        text("source", mount.source);
        text("target", mount.target);
        if (const auto* value = item.find("read_only")) {
            mount.read_only = read_truth(*value, "read_only", problems_).value_or(false);
        }
        if (const auto* value = at(item, "volume").find("nocopy")) {
            mount.copy = !read_truth(*value, "nocopy", problems_).value_or(false);
        }
        if (const auto* value = at(item, "tmpfs").find("size")) {
            const auto size = value->is_scalar() ? api::parse_memory(value->text) : std::nullopt;
            if (!size) problems_.unfit(*value, "size", "a size, as 64m");
            mount.size = size.value_or(0);
        }
        if (const auto* value = at(item, "tmpfs").find("mode")) {
            mount.mode = read_mode(*value, problems_).value_or(0);
        }
        if (mount.type == "tmpfs") {
            keep(item.mark, std::move(mount));
        } else if (mount.type == "volume" && mount.source.empty()) {
            anonymous(item.mark, mount.target);
        } else if (mount.type == "volume" || mount.type == "bind") {
            if (mount.type == "volume" && is_path(mount.source)) {
                problems_.add(item.mark, "volumes: " + shown(mount.source) +
                                             " is a path; expected the name of a volume, or "
                                             "'type: bind'");
                return;
            }
            sort(item.mark, std::move(mount));
        } else {
            problems_.unfit(at(item, "type").kind == Value::Kind::Null ? item : at(item, "type"),
                            "type", "volume, bind or tmpfs");
        }
    }

    void anonymous(Mark mark, const std::string& target) {
        keep(mark, {.type = "volume",
                    .source = place_.project + "_" + place_.service + "-" + as_name(target),
                    .target = target});
    }

    // By where its source is.
    void sort(Mark mark, Mount mount) {
        if (mount.source.empty()) {
            problems_.add(mark, "volumes: nothing stands before ':" + mount.target +
                                    "'; expected a volume or a path (is a variable empty?)");
            return;
        }
        if (mount.type == "volume" || (mount.type.empty() && !is_path(mount.source))) {
            named(mark, std::move(mount));
        } else if (is_socket(mount.source)) {
            refuse(mark, kSocket);
        } else if (mount.source.starts_with('/')) {
            mount.type = "bind";
            keep(mark, std::move(mount));
        } else {
            of_this_machine(mark, mount);
        }
    }

    void named(Mark mark, Mount mount) {
        const auto& declared = at(place_.root, "volumes");
        const auto* found = declared.find(mount.source);
        if (found == nullptr) {
            problems_.add(mark, shown(mount.source) +
                                    " is not among the volumes of this file; declare it there, or "
                                    "begin a path with '/' or './'");
            return;
        }
        const auto& external = at(*found, "external");
        mount.external = external.is_truth(true) || external.kind == Value::Kind::Map;
        const auto* name = found->find("name");
        if (name == nullptr) name = external.find("name");
        const auto own = mount.external ? mount.source : place_.project + "_" + mount.source;
        mount.source = name == nullptr ? own : read_text(*name, "name", problems_).value_or(own);
        mount.type = "volume";
        keep(mark, std::move(mount));
    }

    void of_this_machine(Mark mark, const Mount& mount) {
        if (!mount.read_only) {
            refuse(mark, kOfThisMachine);
            return;
        }
        auto content = place_.read(mount.source);
        if (!content) {
            refuse(mark, content.error().code == Errc::NotFound ? kMissing : kFolder);
            return;
        }
        if (content->size() > kFileBytesMax) {
            problems_.add(mark, "volumes: " + shown(mount.source) + " is " +
                                    std::to_string(content->size()) +
                                    " bytes; at most 64 KiB can be handed to a service");
            return;
        }
        out_.files.push_back({.target = mount.target, .content = std::move(*content)});
    }

    void refuse(Mark mark, std::string_view why) {
        out_.refused.push_back({path_, mark, Treatment::Refused, why});
    }

    void keep(Mark mark, Mount mount) {
        if (!mount.target.starts_with('/') || mount.target == "/") {
            problems_.add(mark, "volumes: " + shown(mount.target) +
                                    " is no place in a container; expected an absolute path "
                                    "below /");
            return;
        }
        while (mount.target.size() > 1 && mount.target.ends_with('/')) {
            mount.target.pop_back();
        }
        const auto same =
            std::find_if(out_.mounts.begin(), out_.mounts.end(),
                         [&](const Mount& one) { return one.target == mount.target; });
        if (same != out_.mounts.end()) {
            problems_.add(mark, "volumes: " + shown(mount.target) + " is mounted on twice");
            return;
        }
        out_.mounts.push_back(std::move(mount));
    }

    const MountPlace& place_;
    Problems& problems_;
    Path path_{};
    Mounts out_{};
};

}  // namespace

Mounts read_mounts(const Value& service, const MountPlace& place, Problems& problems) {
    Reader reader{place, problems};
    reader.volumes(at(service, "volumes"));
    return reader.take();
}

}  // namespace shoal::compose
