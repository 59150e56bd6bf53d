"""What goes wrong with containers, as a person at the command line sees it."""
import os
import signal
import socket
import subprocess

from containerd_process import Containerd
from harness import ProcessTest, main, until

IMAGE = os.environ["SHOAL_TEST_IMAGE"]
SLEEP = ["sleep", "1000"]


def parent_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


class BadCases(ProcessTest):
    def setUp(self):
        super().setUp()
        self.containerd = Containerd()
        self.addCleanup(self.containerd.remove)

    def agent(self, name="a", name_space=None, **options):
        return self.node(name, flags=[*self.containerd.flags(name_space), "--network", "host"], **options)

    def begin(self):
        self.containerd.start()
        self.containerd.ctr("images", "import", IMAGE)
        agent = self.agent().start()
        self.assertEqual(agent.cli("init").code, 0)
        return agent

    def healthy(self, agent, name, count):
        until(lambda: len(self.healthy_on(agent, name)) == count, f"{name} has {count} healthy replicas", agent)

    def shows(self, agent, words, *texts):
        def there():
            out = " ".join(agent.cli(*words).out.split())  # long details are wrapped
            return all(text in out for text in texts)
        until(there, f"shoal {' '.join(words)} shows {texts}: {agent.cli(*words)}", agent)

    def test_what_does_not_run_says_why(self):
        agent = self.begin()
        self.apply(agent, name="absent", image="test/nowhere:2@sha256:" + 64 * "0")
        self.apply(agent, name="empty", image="test/busybox:1", command=["no-such-program"])
        self.apply(agent, name="short", image="test/busybox:1", command=["sh", "-c", "exit 3"])
        self.apply(agent, name="hungry", image="test/busybox:1", memory="16MiB",
                   command=["sh", "-c", "x=aaaaaaaa; while :; do x=$x$x; done"])
        self.apply(agent, name="large", image="test/busybox:1", cpus=64, memory="1024GiB")
        self.shows(agent, ["ps", "absent"], "test/nowhere:2", "no node that can be reached holds it")
        self.shows(agent, ["ps", "empty"], "no-such-program", "not found")
        self.shows(agent, ["ps", "short"], "exited with status 3")
        self.shows(agent, ["ps", "hungry"], "out of memory: killed by signal 9")
        self.shows(agent, ["ps", "large"], "pending")
        self.shows(agent, ["explain", "large"], "needs 64000 mCPU, has 2000 free of 2000")
        # Given up after five quick failures, which is told with what happened last.
        self.shows(agent, ["explain", "short.0"], "exited with status 3")
        until(lambda: self.job(agent, "short")["slots"][0]["restarts"] >= 3, "restarts are counted", agent)

    def test_run_ends_with_the_reason(self):
        agent = self.begin()
        ran = agent.cli("run", "--name", "empty", "test/busybox:1", "no-such-program")
        self.assertEqual(ran.code, 4, ran)
        self.assertIn("no-such-program", ran.out + ran.err)

    def test_a_containerd_that_is_down_is_said_and_waited_for(self):
        agent = self.agent().start()
        self.assertEqual(agent.cli("init").code, 0)
        self.shows(agent, ["status"], self.containerd.socket)
        self.apply(agent, name="web", image="test/busybox:1", command=SLEEP)
        self.shows(agent, ["explain", "web"], "no-runtime", self.containerd.socket)
        self.assertIn("nobody listens", agent.cli("doctor").out)
        self.containerd.start()
        self.containerd.ctr("images", "import", IMAGE)
        self.healthy(agent, "web", 1)
        self.assertEqual(agent.api("GET", "/v1/status")[1]["warnings"], [])
        # And again, under way: what runs is left alone, what is new waits.
        before = self.containerd.pids()
        self.containerd.kill()
        until(lambda: "does not answer" in str(agent.api("GET", "/v1/status")[1]["warnings"]), "it is said", agent)
        self.apply(agent, name="more", image="test/busybox:1", command=SLEEP)
        self.shows(agent, ["explain", "more"], "does not answer")
        self.containerd.start()
        self.healthy(agent, "more", 1)
        self.assertEqual({**self.containerd.pids(), **before}, self.containerd.pids())

    def test_a_replica_whose_shim_is_killed_is_replaced(self):
        agent = self.begin()
        self.apply(agent, name="web", image="test/busybox:1", command=SLEEP)
        self.healthy(agent, "web", 1)
        (first,) = self.containerd.pids().values()
        os.kill(parent_of(first), signal.SIGKILL)
        until(lambda: set(self.containerd.pids().values()) - {first}, "another one runs", agent)
        self.healthy(agent, "web", 1)
        self.shows(agent, ["ps", "web"], "healthy")

    def test_what_ignores_its_stop_is_killed_after_its_grace(self):
        agent = self.begin()
        self.apply(agent, name="deaf", image="test/busybox:1", stop_grace_ms=300,
                   command=["sh", "-c", "trap '' TERM INT; while :; do sleep 1; done"])
        self.healthy(agent, "deaf", 1)
        self.assertEqual(agent.cli("rm", "deaf", "-y").code, 0)
        until(lambda: self.containerd.ctr("containers", "list", "-q").split() == [], "nothing is left", agent)

    def test_two_agents_share_a_containerd(self):
        first = self.begin()
        self.containerd.ctr("namespaces", "create", other := self.containerd.name_space + "-b")
        subprocess.run(["ctr", "-a", self.containerd.socket, "-n", other, "images", "import", IMAGE], check=True,
                       stdout=subprocess.DEVNULL)
        self.apply(first, name="one", image="test/busybox:1", command=SLEEP)
        self.healthy(first, "one", 1)
        before = self.containerd.pids()
        # In a namespace of its own.
        second = self.agent("b", other).start()
        self.assertEqual(second.cli("init").code, 0)
        self.apply(second, name="one", image="test/busybox:1", command=SLEEP)
        self.healthy(second, "one", 1)
        self.assertEqual(self.containerd.pids(), before)
        # By mistake in the same one: neither touches what is the other's, and it is said.
        third = self.agent("c").start()
        self.assertEqual(third.cli("init").code, 0)
        self.apply(third, name="one", image="test/busybox:1", command=SLEEP)
        self.healthy(third, "one", 1)
        until(lambda: "two nodes must not share one" in third.read_log(), "it is said", third)
        self.assertEqual({**self.containerd.pids(), **before}, self.containerd.pids())
        self.assertEqual(third.cli("rm", "one", "-y").code, 0)
        until(lambda: self.containerd.pids() == before, "what is left is the first one's", third)

    def test_on_the_hosts_network_a_program_is_told_its_port(self):
        agent = self.begin()
        self.apply(agent, name="web", image="test/busybox:1", ports=["8000"],
                   command=["sh", "-c", "while :; do echo $PORT $PORT_8000 | nc -l -p $PORT_8000; done"])
        self.healthy(agent, "web", 1)
        (port,) = self.job(agent, "web")["slots"][0]["ports"]

        def said():
            with socket.create_connection(("127.0.0.1", port), timeout=5) as door:
                return door.makefile().read().split()
        until(lambda: said() == [str(port)] * 2, "it listens where it was told to", agent)

    def test_a_nearly_full_disk_bids_for_nothing_and_says_so(self):
        node = self.node("small")
        disk = os.path.join(self.containerd.root, "small")  # unmounted with all that is below it
        os.mkdir(disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "shoal-test", disk], check=True)
        node.data = os.path.join(disk, "data")
        node.start()
        self.assertEqual(node.cli("init").code, 0)
        filler = os.path.join(disk, "filler")
        with open(filler, "wb") as file:
            while (facts := os.statvfs(disk)).f_bavail > facts.f_blocks * 0.04:
                file.write(b"x" * (1 << 20))
                file.flush()
        low = f"less than 5 % free at {node.data}"
        self.shows(node, ["status"], low)
        self.apply(node, name="web", image="example/app:1")
        self.shows(node, ["explain", "web"], low)
        os.remove(filler)
        self.healthy(node, "web", 1)
        self.assertEqual(node.api("GET", "/v1/status")[1]["warnings"], [])


if __name__ == "__main__":
    main()
