"""The program with a containerd: jobs become containers, and stay what they are over restarts."""
import json
import os

from containerd_process import Containerd
from harness import ProcessTest, main, until

IMAGE = os.environ["SHOAL_TEST_IMAGE"]


class Agent(ProcessTest):
    def setUp(self):
        super().setUp()
        self.containerd = Containerd()
        self.addCleanup(self.containerd.remove)
        self.containerd.start()
        self.agent = self.node("a", flags=[*self.containerd.flags(), "--network", "host"])
        self.agent.start()
        self.assertEqual(self.agent.cli("init").code, 0)

    def healthy(self, name, count):
        until(lambda: len(self.healthy_on(self.agent, name)) == count,
              f"{name} has {count} healthy replicas", self.agent)

    def test_a_job_runs_is_adopted_by_the_next_agent_and_ends(self):
        self.containerd.ctr("images", "import", "--no-unpack", IMAGE)
        self.apply(self.agent, name="web", image="test/busybox:1", replicas=2)
        self.healthy("web", 2)
        before = self.containerd.pids()
        self.assertEqual(len(before), 2)
        self.agent.kill()
        self.assertEqual(self.containerd.pids(), before)
        self.agent.start()
        self.healthy("web", 2)
        self.assertEqual(self.containerd.pids(), before)
        self.assertEqual(self.agent.cli("job", "rm", "web", "-y").code, 0)
        until(lambda: self.containerd.ctr("containers", "list", "-q").split() == [], "nothing is left", self.agent)

    def test_a_replica_that_dies_is_started_again_also_after_containerd_died(self):
        self.containerd.ctr("images", "import", IMAGE)
        self.apply(self.agent, name="web", image="test/busybox:1", replicas=1)
        self.healthy("web", 1)
        (first,) = self.containerd.pids().values()
        self.containerd.kill()
        os.kill(first, 9)
        self.containerd.start()
        until(lambda: set(self.containerd.pids().values()) - {first}, "another one runs", self.agent)
        self.healthy("web", 1)

    def test_what_a_replica_uses_is_told(self):
        self.containerd.ctr("images", "import", IMAGE)
        self.apply(self.agent, name="busy", image="test/busybox:1", replicas=1, memory="64MiB",
                   command=["sh", "-c", "while :; do :; done"])
        self.healthy("busy", 1)
        ran = self.agent.cli("stats", "busy", "-o", "json")
        self.assertEqual(ran.code, 0, ran)
        (one,) = json.loads(ran.out)
        self.assertGreater(one["cores"], 0, one)
        self.assertGreater(one["memory_bytes"], 0, one)
        self.assertEqual(one["memory_limit_bytes"], 64 << 20, one)
        self.assertGreaterEqual(one["processes"], 1, one)

    def test_a_command_runs_once_writes_here_and_is_removed(self):
        self.containerd.ctr("images", "import", IMAGE)
        ran = self.agent.cli("run", "--rm", "test/busybox:1", "sh", "-c", "echo out; echo err >&2; exit 3")
        self.assertEqual((ran.code, ran.out), (3, "out\n"), ran)
        self.assertIn("err\n", ran.err)
        self.assertEqual(self.agent.api("GET", "/v1/jobs"), (200, []))
        until(lambda: self.containerd.ctr("containers", "list", "-q").split() == [], "nothing is left", self.agent)
        self.assertEqual(self.agent.cli("run", "--rm", "test/busybox:1", "true").code, 0)


if __name__ == "__main__":
    main()
