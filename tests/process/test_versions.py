"""A node of today on the data of every version there was."""
import os
import subprocess

from harness import ProcessTest, main, until
import version_fixtures

SIM = os.environ["SHOAL_SIM"]
NOT_RELEASED = "0.1.0"


class Versions(ProcessTest):
    def test_there_is_one_of_this_version(self):
        if os.environ.get("SHOAL_REWRITE"):
            version_fixtures.make(self, NOT_RELEASED)
        version = self.node("v").start().api("GET", "/v1/version")[1]["version"]
        self.assertEqual(version_fixtures.names()[-1], version)

    def test_a_node_goes_on_with_what_it_held(self):
        for name in version_fixtures.names():
            with self.subTest(version=name):
                self.goes_on(name)

    def goes_on(self, name):
        a, b = self.node(name + "-a"), self.node(name + "-b")
        held, _ = version_fixtures.unpack(name, a.dir)
        held["running"] = [tuple(one) for one in held["running"]]
        a.start()
        until(lambda: version_fixtures.held_by(a) == held, f"it holds {held}", a)
        self.assertEqual(a.api("GET", "/v1/kv/gone")[0], 404)
        b.start()
        joined = b.cli("join", a.address, "--token-file", "-", stdin=self.token_of(a).encode())
        self.assertEqual(joined.code, 0, joined)
        until(lambda: version_fixtures.held_by(b)["jobs"] == held["jobs"], "one that joins learns of it all", a, b)
        self.assertEqual(b.cli("kv", "put", "greeting", "again").code, 0)
        until(lambda: a.cli("kv", "get", "greeting").out == "again", "what it held can be changed", a, b)
        until(lambda: len(self.healthy_on(b, "logs")) == 2, "the one that joined runs what is for every node", a, b)

    def test_its_recording_is_read_to_the_end(self):
        for name in version_fixtures.names():
            with self.subTest(version=name):
                _, recording = version_fixtures.unpack(name, self.root)
                ran = subprocess.run([SIM, "--replay", recording], stdin=subprocess.DEVNULL, check=False,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                # Another version may rightly do something else with the same inputs.
                self.assertTrue(ran.stdout.startswith("replay: "), ran.stdout)


if __name__ == "__main__":
    main()
