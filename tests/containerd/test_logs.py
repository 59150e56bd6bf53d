"""`shoal logs` of real containers: merged, followed, kept small under a shim's open file, and read when
their containers are gone."""
import glob
import os
import subprocess

from containerd_process import Containerd
from harness import ProcessTest, SHOAL, main, until

IMAGE = os.environ["SHOAL_TEST_IMAGE"]


class Logs(ProcessTest):
    def setUp(self):
        super().setUp()
        self.containerd = Containerd()
        self.addCleanup(self.containerd.remove)
        self.containerd.start()
        self.containerd.ctr("images", "import", "--no-unpack", IMAGE)
        self.agent = self.node("a", flags=[*self.containerd.flags(), "--network", "host"])
        self.agent.start()
        self.assertEqual(self.agent.cli("init").code, 0)

    def run_script(self, name, replicas, script):
        self.apply(self.agent, name=name, image="test/busybox:1", replicas=replicas, command=["sh", "-c", script])
        until(lambda: len(self.healthy_on(self.agent, name)) == replicas, f"{name} runs", self.agent)

    def logs(self, *arguments):
        ran = self.agent.cli("logs", *arguments)
        self.assertEqual(ran.code, 0, ran)
        return ran.out

    def test_three_replicas_are_merged_followed_over_a_restart_and_read_when_gone(self):
        # Each says something at once, and something more for every file that appears in its /tmp.
        self.run_script("web", 3, 'echo "$SHOAL_SLOT is here"; echo "$SHOAL_SLOT complains" >&2; '
                                  'while true; do for f in /tmp/say-*; do [ -e "$f" ] && cat "$f" && busybox mv "$f" /tmp/said; '
                                  'done; sleep 0.1; done')
        expected = sorted(line for slot in range(3)
                          for line in (f"web.{slot}@a | {slot} is here", f"web.{slot}@a ! {slot} complains"))
        until(lambda: len(self.logs("web").splitlines()) == 6, "all have said it", self.agent)
        self.assertEqual(sorted(self.logs("web").splitlines()), expected)
        times = [line.split()[2] for line in self.logs("web", "--timestamps").splitlines()]
        self.assertEqual(times, sorted(times))

        followed = os.path.join(self.root, "followed")
        environment = dict(os.environ, SHOAL_ADDR="unix://" + self.agent.socket)
        with open(followed, "wb") as out:
            following = subprocess.Popen([SHOAL, "logs", "-f", "web"], env=environment, stdin=subprocess.DEVNULL,
                                         stdout=out, stderr=subprocess.DEVNULL)
        self.addCleanup(following.wait)
        self.addCleanup(following.kill)

        def read():
            with open(followed, encoding="utf-8") as file:
                return file.read()

        until(lambda: read().count("\n") == 6, "what there is comes first", self.agent)
        pids = self.containerd.pids()
        for number, pid in enumerate(pids.values()):
            self.say(pid, number, f"new line {number}\n")
        until(lambda: all(f"new line {n}" in read() for n in range(3)), "new lines are followed", self.agent)
        self.agent.kill()
        for number, pid in enumerate(pids.values()):
            self.say(pid, number, f"while no agent ran {number}\n")
        self.agent.start()
        until(lambda: all(f"while no agent ran {n}" in read() for n in range(3)), "nothing is missed", self.agent)
        self.assertEqual(self.containerd.pids(), pids, "and nothing was touched")
        self.assertEqual(read().count("\n"), 12, read())

        self.assertEqual(self.agent.cli("rm", "web", "-y").code, 0)
        until(lambda: self.containerd.ctr("containers", "list", "-q").split() == [], "all are gone", self.agent)
        self.assertEqual(len(self.logs("web").splitlines()), 12)

    def say(self, pid, number, text):
        folder = f"/proc/{pid}/root/tmp"
        with open(f"{folder}/new", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(f"{folder}/new", f"{folder}/say-{number}")

    def test_a_container_that_writes_a_lot_is_kept_small_and_goes_on(self):
        # 40 MB at once, then a word now and then.
        self.run_script("loud", 1, 'head -c 40000000 /dev/zero | busybox tr "\\0" x | busybox fold -w 999; '
                                   'while true; do echo still here; sleep 0.2; done')
        until(lambda: glob.glob(self.agent.data + "/logs/loud/*/stdout.[0-9]*"), "a generation was made", self.agent)
        until(lambda: "still here" in self.logs("loud", "-n", "1"), "the shim goes on writing", self.agent)
        total = sum(os.path.getsize(f) for f in glob.glob(self.agent.data + "/logs/loud/*/*"))
        self.assertLess(total, 64 << 20)

    def test_a_crash_loop_shows_its_last_words(self):
        ran = self.agent.cli("run", "--name", "loop", "test/busybox:1", "sh", "-c", "echo cannot bind >&2; exit 3")
        self.assertEqual(ran.code, 4, ran)
        self.assertIn("! cannot bind\n", ran.err)
        self.assertIn("shoal logs loop.0", ran.err)


if __name__ == "__main__":
    main()
