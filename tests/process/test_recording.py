"""What a real node did, replayed in the simulator; and the small verbs around a node's life."""
import os
import shutil
import subprocess

from harness import SHOAL, ProcessTest, main, until

SIM = os.environ["SHOAL_SIM"]


def replay(path):
    return subprocess.run([SIM, "--replay", path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)


class Recording(ProcessTest):
    def test_a_recorded_node_does_the_same_in_the_simulator(self):
        first, second = (os.path.join(self.root, name) for name in ("first", "second"))
        a = self.node("a").start("--record", first)
        self.assertEqual(a.cli("init").code, 0)
        b = self.node("b").start()
        ran = b.cli("join", a.address, "--token-file", "-", stdin=self.token_of(a).encode())
        self.assertEqual(ran.code, 0, ran)
        self.apply(b, name="web", image="example/web", replicas=4)
        until(lambda: self.healthy_on(a, "web") == ["a", "a", "b", "b"], "the job runs", a)
        self.assertEqual(a.cli("kv", "put", "k", "v").code, 0)
        b.kill()
        until(lambda: self.healthy_on(a, "web") == ["a"] * 4, "a runs all of it", a)
        b.start()
        self.all_see([a, b], b, "alive")
        self.assertEqual(a.terminate(), 0)
        self.assertEqual(os.stat(first).st_mode & 0o777, 0o600)
        self.replays(first)
        # A life that begins with a journal, and ends without a word.
        a.start("--record", second)
        self.all_see([a, b], a, "alive")
        until(lambda: len(self.healthy_on(a, "web")) == 4, "the job runs again", a)
        a.kill()
        self.replays(second)

    def replays(self, path):
        ran = replay(path)
        self.assertEqual(ran.returncode, 0, ran.stdout)
        self.assertIn("every effect as recorded", ran.stdout)

    def test_a_recording_of_something_else_is_told_from_one(self):
        a = self.node("a").start("--record", os.path.join(self.root, "r"))
        self.assertEqual(a.cli("init").code, 0)
        a.kill()
        path = os.path.join(self.root, "r")
        for damage in (b"", b"not a recording at all", os.urandom(1000)):
            with open(path + ".x", "wb") as out:
                out.write(damage)
            ran = replay(path + ".x")
            self.assertGreater(ran.returncode, 0, ran.stdout)
            self.assertIn(path + ".x", ran.stdout)

    def test_a_recording_that_cannot_be_written_is_named(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        a.kill()
        said = self.refuses(a, "--record", "/nonexistent/r")
        self.assertIn("cannot write the recording /nonexistent/r", said)


class Verbs(ProcessTest):
    def test_reset_says_what_it_deletes_and_makes_a_new_node(self):
        a, b = self.cluster("a", "b")
        before = b.api("GET", "/v1/status")[1]["id"]
        self.apply(a, name="web", image="example/web", replicas=2)
        until(lambda: self.healthy_on(b, "web") == ["a", "b"], "the job runs", b)
        busy = b.cli("reset", "-y")
        self.assertEqual(busy.code, 6, busy)
        self.assertIn("this node runs 1 replica", busy.err)
        self.assertEqual(a.cli("job", "rm", "web", "-y").code, 0)
        until(lambda: b.cli("reset", "-y").code == 0, "nothing runs any more", b)
        self.assertEqual(b.api("GET", "/v1/status")[1]["state"], "idle")
        self.assertEqual(sorted(os.listdir(b.data)), ["identity.key", "lock"])
        self.all_see([a], b, "agent-down")
        ran = b.cli("join", a.address, "--token-file", "-", stdin=self.token_of(a).encode())
        self.assertEqual(ran.code, 0, ran)
        self.assertNotEqual(b.api("GET", "/v1/status")[1]["id"], before)

    def test_completion_scripts_are_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            ran = subprocess.run([SHOAL, "completion", shell], stdout=subprocess.PIPE, check=True, text=True)
            self.assertIn("shoal __complete", ran.stdout)
            # Only bash is on every machine; the others are read by their own shell where it is.
            if shell == "bash" or shutil.which(shell):
                parsed = subprocess.run([shell, "-n"], input=ran.stdout, text=True, stderr=subprocess.PIPE, check=False)
                self.assertEqual((parsed.returncode, parsed.stderr), (0, ""))
        unknown = subprocess.run([SHOAL, "completion", "tcsh"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 check=False, text=True)
        self.assertEqual(unknown.returncode, 2)
        self.assertIn("bash, zsh or fish", unknown.stderr)

    def test_completion_in_a_real_bash_offers_commands_and_live_names(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        self.assertEqual(a.cli("kv", "put", "greeting", "hello").code, 0)
        for line, wanted in (("shoal jo", {"join", "job"}), ("shoal kv get gr", {"greeting"}),
                             ("shoal node inspect ", {"a"})):
            words = line.split(" ")
            script = (f'PATH={os.path.dirname(SHOAL)}:$PATH; source <(shoal completion bash); '
                      f'COMP_WORDS=({" ".join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; '
                      f'_shoal; printf "%s\\n" "${{COMPREPLY[@]}}"')
            ran = subprocess.run(["bash", "-c", script], env={**os.environ, "SHOAL_ADDR": "unix://" + a.socket},
                                 stdout=subprocess.PIPE, check=True, text=True)
            self.assertEqual(set(ran.stdout.split()), wanted, line)


if __name__ == "__main__":
    main()
