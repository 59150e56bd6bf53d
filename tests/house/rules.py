"""The rules of the house that no compiler knows, as functions from a folder to a list of complaints.

A rule that is only written down is kept until the first busy week. Each complaint names the file, the
line and what to do instead. test_rules.py plants a violation of every rule and demands it is found.
"""
import os
import re

SOURCES = (".h", ".cpp")
TEXTS = SOURCES + (".py", ".sh", ".md", ".txt", ".cmake", ".json", ".yaml", ".yml", "")
LINES_MAX = 500
SKIPPED = {".git", ".cache", "build", "__pycache__"}

# Each folder and the folders of ours it may include; the longest match counts.
LAYERS = {
    "node/base/": ("node/base/",),
    "membership/": ("membership/", "node/base/"),
    "store/": ("store/", "node/base/"),
    "placement/": ("placement/", "node/base/"),
    "node/agent/": ("node/agent/", "membership/", "store/", "placement/", "node/base/"),
    "node/api/": ("node/api/", "node/base/"),
    "node/compose/": ("node/compose/", "node/api/", "node/base/"),
    "node/host/": ("node/", "membership/", "store/", "placement/"),
    "chaos/": ("chaos/", "node/agent/", "membership/", "store/", "placement/", "node/base/"),
    "cli/": ("cli/", "node/api/", "node/compose/", "node/base/"),
    # The one command that starts the daemon; it knows no more of the host than that door, and hands
    # it the runtime the host does not link.
    "cli/agent_command": ("cli/", "node/base/", "node/host/daemon/", "node/host/containerd/make_"),
}

# The machines: no clock, no socket, no thread, no chance. What is not listed is not allowed.
PURE = ("node/base/", "membership/", "store/", "placement/", "node/agent/")
PURE_HEADERS = set("""algorithm array bit bitset cctype charconv chrono cinttypes cmath compare concepts
    cstddef cstdint cstdio cstdlib cstring deque functional initializer_list iterator limits list map
    memory numeric optional queue set span stdexcept string string_view tuple type_traits utility
    variant vector""".split())
# A library, and the only places that may include it.
THIRD_PARTY = {
    "msgpack": ("node/base/wire.", "tests/"),
    "tl/": ("node/base/result.h", "node/host/"),
    "rocksdb/": ("store/rocks_journal", "tests/rocks/"),
    "asio": ("node/host/", "tests/"),
    "sodium": ("node/host/", "tests/"),
    "grpc": ("node/host/containerd/", "tests/containerd/fake_containerd."),
    # Generated at build time, and slow to compile.
    "github.com/containerd/": tuple(f"node/host/containerd/{name}" for name in ("client", "stream", "stubs")),
    "google/protobuf": ("node/host/containerd/",),
    "archive": ("node/host/containerd/archive.",),
    "spdlog/": ("node/host/",),
    "http_parser": ("node/host/http/",),
    "yaml-cpp/": ("node/host/", "node/compose/", "cli/", "tests/"),
    "valijson/": ("node/compose/schema.",),
    "nlohmann/": ("node/host/", "node/api/", "node/compose/", "cli/", "tests/"),
    "CLI/": ("cli/", "chaos/", "node/host/daemon/"),
    "curl/": ("cli/",),
}
# Words of others, kept as they wrote them.
STRANGERS = ("tests/fixtures/", "node/compose/specification/")
# What a run must not depend on, spelt in code; the simulator shares the ban.
DETERMINISM = {
    r"_clock::now": "take an Instant as a parameter",
    r"std::random_device|std::mt19937|\b_distribution\b": "take a Random as a parameter",
    r"std::unordered_": "use std::map: iteration order reaches the wire",
    r"std::(thread|mutex|async|atomic)\b": "the machines are single-threaded",
    r"\bgetenv\b": "take it as a parameter",
}

_WORDS = {  # Spelt in halves, so that this file keeps its own rules.
    r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "XX" "X", "HA" "CK"]) + r")\b": "do it, or leave it out",
    r"(?i)\b(" + "|".join(["clau" "de", "anthro" "pic", "open" "ai", "chat" "gpt", "co" "pilot", "ll" "m",
                           "language mo" "del", "ai[- ]gener" "ated", "co-auth" "ored-by", "sub" "agent",
                           "integr" "ator", "(this|previous|earlier|last) ses" "sion"]) +
    r")\b": "the text speaks of the product alone",
    r"(?i)\b(issue|pull request) #?\d": "text must stand without a tracker",
    r"(?<![\w.~-])/(wo" r"rk|works" r"pace|home/\w+)/": "no path of one machine",
    r"(?i)\b(docker" r"\.io|gh" r"cr\.io|qu" r"ay\.io|g" r"cr\.io|mcr\.micro" r"soft\.com|registry"
    r"\.k8s\.io|public\.e" r"cr\.aws)\b": "no host name of a registry",
}


def files(root, endings=TEXTS):
    """(path relative to root, lines) of every text file, in a fixed order."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED)
        for name in sorted(names):
            if os.path.splitext(name)[1] not in endings or name == "LICENSE" or name in SKIPPED:
                continue
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8", errors="replace") as file:
                yield os.path.relpath(path, root), file.read().split("\n")


def _within(path, folders):
    return any(path.startswith(folder) for folder in folders)


def _includes(lines):
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^">]+)', line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


def _impure_by_design(path):
    return path.startswith("store/rocks_journal")


def layers(root):
    """Siblings are strangers; the machines know nothing of the world."""
    for path, lines in files(root, SOURCES):
        layer = max((f for f in LAYERS if path.startswith(f)), key=len, default=None)
        for number, ours, header in _includes(lines):
            where = f"{path}:{number}: "
            if ours:
                if layer and not _within(header, LAYERS[layer]):
                    yield f"{where}{layer} may not include {header}"
                continue
            library = next((name for name in THIRD_PARTY if header.startswith(name)), None)
            if library:
                if not _within(path, THIRD_PARTY[library]):
                    yield f"{where}<{header}> belongs in {', '.join(THIRD_PARTY[library])}"
            elif _within(path, PURE) and not _impure_by_design(path) and header not in PURE_HEADERS:
                yield f"{where}<{header}> does not belong in a machine; return an Effect"


def determinism(root):
    for path, lines in files(root, SOURCES):
        if not _within(path, PURE + ("chaos/",)) or _impure_by_design(path):
            continue
        for number, line in enumerate(lines, 1):
            code = line.split("//")[0]
            for pattern, instead in DETERMINISM.items():
                found = re.search(pattern, code)
                if found:
                    yield f"{path}:{number}: '{found.group()}' does not belong here: {instead}"


def sizes(root):
    for path, lines in files(root, SOURCES + (".py", ".sh", ".cmake", "")):
        count = len(lines) - (lines[-1] == "")
        if count > LINES_MAX:
            yield f"{path}: {count} lines have grown too long to hold in the head (at most {LINES_MAX})"


def headers(root):
    for path, lines in files(root, (".h",)):
        if not lines[0].startswith("//"):
            yield f"{path}:1: a header opens with what it is and why"
        if "#pragma once" not in lines:
            yield f"{path}: lacks #pragma once"


def words(root):
    for path, lines in files(root):
        if path.startswith(STRANGERS):
            continue
        for number, line in enumerate(lines, 1):
            for pattern, instead in _WORDS.items():
                found = re.search(pattern, line)
                if found:
                    yield f"{path}:{number}: '{found.group()}': {instead}"


def readmes(root):
    for path, lines in files(root, (".txt",)):
        folder = os.path.dirname(path)
        if os.path.basename(path) != "CMakeLists.txt" or not any("shoal_library(" in line for line in lines):
            continue
        if not os.path.exists(os.path.join(root, folder, "README.md")):
            yield f"{folder}/: a library without a README.md"


def _anchors(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("#"):
                heading = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
                yield heading.replace(" ", "-")


def links(root):
    """Every relative link and every `docs/...` named in prose leads somewhere."""
    for path, lines in files(root, (".md",)):
        for number, line in enumerate(lines, 1):
            where = f"{path}:{number}: "
            for target in re.findall(r"\]\(([^)\s]+)\)", line):
                if re.match(r"[a-z]+:", target):
                    continue
                name, _, anchor = target.partition("#")
                file = os.path.join(root, os.path.dirname(path), name) if name else os.path.join(root, path)
                if not os.path.exists(file):
                    yield f"{where}{target} does not exist"
                elif anchor and anchor not in _anchors(file):
                    yield f"{where}{name or path} has no heading for #{anchor}"
            for named in re.findall(r"`(docs/[\w./-]+\.\w+)`", line):
                if not os.path.exists(os.path.join(root, named)):
                    yield f"{where}{named} does not exist"


ALL = (layers, determinism, sizes, headers, words, readmes, links)
