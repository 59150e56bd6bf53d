"""./dev demo leaves nothing behind, whenever and however it is ended; nor does it touch the machine.

Outside of any world: it looks at what the demo could have changed.
"""
import os
import signal
import subprocess
import sys
import unittest

import run
from harness import until

DEMO = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/demo/demo.py")


def machine():
    """What of ours could be seen on this machine itself; what else there is may change meanwhile."""
    told = "".join(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout
                   for words in (["nft", "list", "ruleset"], ["ip", "-brief", "link"], ["ip", "netns"]))
    with open("/proc/sys/net/ipv4/ip_forward", encoding="ascii") as file:
        forward = file.read()
    return [line for line in told.splitlines() if "shoal" in line], forward, os.path.exists("/var/lib/shoal")


class Demo:
    def __init__(self):
        self.id = run.new_id()
        self.said = ""
        self.process = subprocess.Popen([sys.executable, DEMO], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        env={**os.environ, "SHOAL_DEMO_RUN": self.id}, text=True)

    def says(self, text):
        """Reads on until it says this."""
        for line in self.process.stdout:
            self.said += line
            if text in line:
                return
        raise AssertionError(f"it never said '{text}':\n{self.said}")

    def ends(self):
        self.said += self.process.stdout.read()
        self.process.stdout.close()
        return self.process.wait()

    def last_line(self):
        return self.said.rstrip().split("\n")[-1]


class DemoTest(unittest.TestCase):
    def setUp(self):
        self.assertEqual(os.geteuid(), 0, "the demo needs root")
        self.before = machine()

    def is_as_before(self, demo):
        self.assertEqual(run.left(demo.id), {}, demo.said)
        self.assertEqual(machine(), self.before)

    def stopped(self, number, stage):
        with self.subTest(stage=stage, signal=number):
            demo = Demo()
            stage(demo)
            self.assertNotEqual(run.left(demo.id), {}, "there was something to leave")
            demo.process.send_signal(number)
            self.assertEqual(demo.ends(), 128 + number, demo.said)
            self.assertEqual(demo.last_line(), "demo: stopped, left 0 resources", demo.said)
            self.is_as_before(demo)

    def test_stopped_at_any_stage_it_leaves_nothing(self):
        def starting(demo):
            demo.says("is loaded")
            until(lambda: run.cgroups(demo.id), "containers are being made")

        self.stopped(signal.SIGINT, lambda demo: demo.says("everything below"))
        self.stopped(signal.SIGTERM, lambda demo: demo.says("a containerd"))
        self.stopped(signal.SIGINT, lambda demo: demo.says("are a cluster"))
        self.stopped(signal.SIGTERM, starting)
        self.stopped(signal.SIGINT, lambda demo: demo.says("replicas run"))
        self.stopped(signal.SIGTERM, lambda demo: demo.says("process tree killed"))
        self.stopped(signal.SIGINT, lambda demo: demo.says("link cut"))

    def test_killed_it_ends_all_the_same_and_the_next_run_clears_up(self):
        demo = Demo()
        demo.says("replicas run")
        demo.process.kill()
        demo.ends()
        until(lambda: not run.processes(demo.id), "all its processes are gone")
        self.assertIn("cgroups", run.left(demo.id))
        self.assertIn(demo.id, run.sweep())
        self.is_as_before(demo)

    def test_without_root_it_says_what_to_do(self):
        ran = subprocess.run(["setpriv", "--reuid", "65534", sys.executable, DEMO], stderr=subprocess.PIPE,
                             text=True, check=False)
        self.assertEqual(ran.returncode, 1)
        self.assertIn("sudo ./dev demo", ran.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
