"""The tree keeps every rule, and every rule notices when it is broken."""
import os
import tempfile
import unittest

import rules

ROOT = os.environ["SHOAL_SOURCE_DIR"]


class Tree(unittest.TestCase):
    def test_keeps_the_rules(self):
        for rule in rules.ALL:
            with self.subTest(rule.__name__):
                self.assertEqual([], list(rule(ROOT)))

    def test_is_really_read(self):
        seen = [path for path, _ in rules.files(ROOT, rules.SOURCES)]
        for folder in ("node/base/", "membership/", "store/", "placement/", "node/agent/", "chaos/", "tests/"):
            self.assertTrue(any(path.startswith(folder) for path in seen), folder)


class Planted(unittest.TestCase):
    """Each row: a rule, a file, a text that breaks it, and one beside it that does not."""

    HEADER = "// What it is.\n#pragma once\n"

    def complaints(self, rule, path, text):
        with tempfile.TemporaryDirectory() as root:
            file = os.path.join(root, path)
            os.makedirs(os.path.dirname(file), exist_ok=True)
            with open(file, "w", encoding="utf-8") as out:
                out.write(text)
            return list(rule(root))

    def expect(self, rule, path, bad, good):
        with self.subTest(rule=rule.__name__, path=path, bad=bad):
            self.assertEqual(1, len(self.complaints(rule, path, bad)))
            self.assertEqual([], self.complaints(rule, path, good))

    def test_siblings_and_the_world_are_strangers_to_a_machine(self):
        base = '#include "node/base/id.h"\n'
        for path, bad in (
                ("membership/a.cpp", '#include "store/store.h"\n'),
                ("store/a.cpp", '#include "placement/job.h"\n'),
                ("placement/a.h", '#include "node/agent/agent.h"\n'),
                ("node/base/a.h", '#include "membership/claim.h"\n'),
                ("node/agent/a.cpp", '#include "node/host/net/transport.h"\n'),
                ("chaos/a.cpp", '#include "node/host/net/transport.h"\n'),
                ("cli/a.cpp", '#include "node/agent/agent.h"\n'),
                ("cli/a.cpp", '#include "node/host/daemon/agent_main.h"\n'),
                ("node/host/a.cpp", '#include "chaos/cluster.h"\n'),
                ("membership/a.cpp", "#include <asio.hpp>\n"),
                ("store/store.cpp", "#include <rocksdb/db.h>\n"),
                ("placement/a.cpp", "#include <sodium.h>\n"),
                ("node/agent/a.cpp", "#include <spdlog/spdlog.h>\n"),
                ("membership/a.cpp", "#include <thread>\n"),
                ("membership/a.cpp", "#include <random>\n"),
                ("membership/a.cpp", "#include <sys/socket.h>\n"),
                ("membership/a.cpp", "  #  include <fstream>\n")):
            self.expect(rules.layers, path, bad, base)
        self.expect(rules.layers, "store/store.cpp", "#include <filesystem>\n", "#include <vector>\n")
        daemon = '#include "node/host/daemon/agent_main.h"\n'
        self.assertEqual([], self.complaints(rules.layers, "cli/agent_command.cpp", daemon))
        self.assertEqual([], self.complaints(rules.layers, "store/rocks_journal.cpp", "#include <rocksdb/db.h>\n"))

    def test_clocks_chance_and_hash_order_are_found_in_code_and_not_in_comments(self):
        for bad in ("auto t = std::chrono::steady_clock::now();", "std::random_device device;",
                    "std::unordered_map<int, int> map;", "std::thread t;", 'std::getenv("X");'):
            self.expect(rules.determinism, "membership/a.cpp", bad + "\n", "// not " + bad + "\n")
            self.assertEqual([], self.complaints(rules.determinism, "node/host/a.cpp", bad + "\n"))

    def test_sizes(self):
        self.expect(rules.sizes, "cli/a.cpp", "\n" * 501, "\n" * 500)

    def test_headers(self):
        self.expect(rules.headers, "cli/a.h", "#pragma once\n", self.HEADER)
        self.expect(rules.headers, "cli/a.h", "// What it is.\nint a;\n", self.HEADER)

    def test_words(self):
        for bad in ("TO" "DO: later", "// FIX" "ME", "Co-Auth" "ored-By: somebody", "see issue " "#12",
                    "cd /wo" "rk/main", "image: docker" ".io/library/nginx", "in this ses" "sion"):
            self.expect(rules.words, "docs/a.md", bad + "\n", "a sealed session; /v1/work; mktemp -d a.XXXXXX\n")

    def test_readmes(self):
        self.expect(rules.readmes, "store/CMakeLists.txt", "shoal_library(store)\n", "# nothing built here\n")

    def test_links(self):
        self.expect(rules.links, "docs/a.md", "[b](b.md)\n", "[self](a.md) [far](https://example.org)\n")
        self.expect(rules.links, "docs/a.md", "# One\n[here](#two)\n", "# One two\n[here](#one-two)\n")
        self.expect(rules.links, "docs/a.md", "see `docs/none.md`\n", "see `docs/a.md`\n")


if __name__ == "__main__":
    unittest.main()
