"""The machines reach nothing outside themselves; a machine that did would be caught."""
import os
import subprocess
import tempfile
import unittest

import purity

BUILD = os.environ["SHOAL_BINARY_DIR"]
COMPILER = os.environ["SHOAL_CXX"]
ARCHIVES = {
    "base": "node/base/libshoal_base.a",
    "membership": "membership/libshoal_membership.a",
    "store": "store/libshoal_store.a",
    "placement": "placement/libshoal_placement.a",
    "agent": "node/agent/libshoal_agent.a",
}
# What each may use of the others: siblings are strangers.
MAY_USE = {
    "base": (),
    "membership": ("base",),
    "store": ("base",),
    "placement": ("base",),
    "agent": ("base", "membership", "store", "placement"),
}


def path(name):
    return os.path.join(BUILD, ARCHIVES[name])


class Machines(unittest.TestCase):
    def test_reach_nothing_outside_themselves(self):
        for name, others in MAY_USE.items():
            with self.subTest(name):
                self.assertEqual([], purity.outside(path(name), [path(other) for other in others]))


class Planted(unittest.TestCase):
    def outside(self, code, may_use=()):
        with tempfile.TemporaryDirectory() as folder:
            source, thing, archive = (os.path.join(folder, n) for n in ("a.cpp", "a.o", "a.a"))
            with open(source, "w", encoding="utf-8") as out:
                out.write(code)
            subprocess.run([COMPILER, "-std=c++20", "-O1", "-c", source, "-o", thing], check=True)
            subprocess.run(["ar", "rcs", archive, thing], check=True)
            return purity.outside(archive, may_use)

    def test_what_only_computes_passes(self):
        self.assertEqual([], self.outside("""
            #include <map>
            #include <memory>
            #include <string>
            #include <vector>
            int f(const std::string& s) {
                std::map<std::string, std::vector<int>> m;
                m[s + "x"].push_back(1);
                auto p = std::make_shared<std::string>(std::to_string(m.size()));
                return static_cast<int>(m.at(*p).size());
            }"""))

    def test_clocks_chance_sockets_files_and_threads_are_caught(self):
        for header, code, culprit in (
                ("time.h", "timespec t; clock_gettime(CLOCK_REALTIME, &t);", "clock_gettime"),
                ("chrono", "(void)std::chrono::steady_clock::now().time_since_epoch().count();", "steady_clock"),
                ("time.h", "(void)time(nullptr);", "time"),
                ("stdlib.h", "(void)rand();", "rand"),
                ("random", "std::random_device d; (void)d();", "random_device"),
                ("sys/socket.h", "(void)socket(AF_INET, SOCK_DGRAM, 0);", "socket"),
                ("fcntl.h", "(void)open(\"/etc/hosts\", O_RDONLY);", "open"),
                ("unistd.h", "char c; (void)!read(0, &c, 1);", "read"),
                ("unistd.h", "(void)!write(1, \"\", 0);", "write"),
                ("fstream", "std::ofstream f{\"a\"}; f << 1;", "basic_ofstream"),
                ("thread", "std::thread t{[] {}}; t.join();", "thread"),
                ("pthread.h", "pthread_t t; pthread_create(&t, nullptr, nullptr, nullptr);", "pthread_create"),
                ("stdlib.h", "(void)getenv(\"HOME\");", "getenv")):
            with self.subTest(culprit):
                found = self.outside(f"#include <{header}>\nint planted() {{ {code} return 0; }}\n")
                self.assertTrue(any(culprit in name for name in found), found)

    def test_a_siblings_function_is_caught(self):
        code = "namespace shoal::store { int theirs(); } int ours() { return shoal::store::theirs(); }"
        self.assertEqual(["shoal::store::theirs()"], self.outside(code, [path("base"), path("membership")]))

    def test_libraries_of_the_world_are_caught_by_name_alone(self):
        for name in ("sodium_init", "rocksdb_open", "epoll_create1", "grpc_init"):
            with self.subTest(name):
                code = f'extern "C" int {name}(); int ours() {{ return {name}(); }}'
                self.assertEqual([name], self.outside(code))


if __name__ == "__main__":
    unittest.main()
