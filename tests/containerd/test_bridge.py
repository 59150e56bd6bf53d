"""Containers with networks of their own, as a caller sees them.

In a world of its own (scripts/lab): the machine's bridges and rules stay as they are.
"""
import os
import socket
import subprocess

from containerd_process import Containerd
from harness import ProcessTest, free_port, main, until

IMAGE = os.environ["SHOAL_TEST_IMAGE"]
# Says its own name to whoever connects.
SERVER = ["sh", "-c", "while :; do hostname | nc -l -p 8000; done"]


def said_at(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as door:
        return door.makefile().read().strip()


def links():
    return subprocess.run(["ip", "-br", "link"], check=True, stdout=subprocess.PIPE, text=True).stdout


class Bridge(ProcessTest):
    def setUp(self):
        super().setUp()
        self.containerd = Containerd()
        self.addCleanup(self.containerd.remove)
        self.containerd.start()
        self.agent = self.node("a", flags=self.containerd.flags())

    def begin(self):
        self.agent.start()
        self.assertEqual(self.agent.cli("init").code, 0)
        self.containerd.ctr("images", "import", IMAGE)

    def ports(self, name, count):
        until(lambda: len(self.healthy_on(self.agent, name)) == count, f"{name} has {count} replicas", self.agent)
        return [slot["ports"][0] for slot in self.job(self.agent, name)["slots"]]

    def answer(self, port, what):
        until(lambda: said_at(port) == what, f"{what} answers at {port}", self.agent)

    def test_replicas_listen_on_one_port_side_by_side_and_outlive_the_agent(self):
        self.begin()
        self.apply(self.agent, name="web", image="test/busybox:1", command=SERVER, replicas=3, ports=["8000"])
        ports = self.ports("web", 3)
        self.assertEqual(len(set(ports)), 3)
        for index, port in enumerate(ports):
            self.answer(port, f"web-{index}")
        self.agent.kill()
        for index, port in enumerate(ports):
            self.answer(port, f"web-{index}")
        self.agent.start()
        self.assertEqual(self.ports("web", 3), ports)
        for index, port in enumerate(ports):
            self.answer(port, f"web-{index}")
        self.assertEqual(self.agent.cli("job", "rm", "web", "-y").code, 0)
        until(lambda: self.containerd.ctr("containers", "list", "-q").split() == [], "nothing is left", self.agent)
        mine = "v" + self.agent.api("GET", "/v1/status")[1]["id"][:8]
        until(lambda: mine not in links(), "no container's link is left", self.agent)

    def test_its_hosts_and_name_servers_are_those_of_the_job(self):
        self.begin()
        port = free_port()
        show = ["sh", "-c", "while :; do cat /etc/hosts /etc/resolv.conf /proc/sys/net/core/somaxconn | nc -l -p 8000; done"]
        self.apply(self.agent, name="web", image="test/busybox:1", command=show, ports=[f"{port}:8000"], process={
            "hostname": "pond", "domainname": "sea.example", "extra_hosts": ["db=10.9.9.9", "here=host-gateway"],
            "dns": ["10.9.9.53"], "dns_search": ["sea.example"], "dns_opt": ["ndots:3"],
            "sysctls": {"net.core.somaxconn": "321"}})
        self.ports("web", 1)
        lines = []

        def told():
            # Between two answers nobody listens for a moment.
            try:
                lines[:] = said_at(port).splitlines()
            except OSError:
                return False
            return "options ndots:3" in lines

        until(told, "its files are told", self.agent)
        gateway = next(line.split()[0] for line in lines if line.endswith("\there"))
        self.assertRegex(gateway, r"^10\..*\.1$")
        for line in ("10.9.9.9\tdb", "nameserver 10.9.9.53", "search sea.example", "options ndots:3", "321"):
            self.assertIn(line, lines)
        self.assertTrue(any(line.endswith("\tpond.sea.example pond") for line in lines), lines)
        self.assertEqual(sum(line.startswith("nameserver") for line in lines), 1)

    def test_a_port_of_its_own_wish_and_flushed_rules_come_back(self):
        self.begin()
        port = free_port()
        self.apply(self.agent, name="web", image="test/busybox:1", command=SERVER, ports=[f"127.0.0.1:{port}:8000"])
        self.ports("web", 1)
        self.answer(port, "web-0")
        subprocess.run(["nft", "flush", "ruleset"], check=True)
        self.answer(port, "web-0")
        until(lambda: "restored" in self.agent.read_log(), "it is said", self.agent)

    def test_a_port_that_a_stranger_has_is_named_and_taken_once_it_is_free(self):
        self.begin()
        with socket.create_server(("127.0.0.1", 0)) as stranger:
            port = stranger.getsockname()[1]
            self.apply(self.agent, name="web", image="test/busybox:1", command=SERVER, ports=[f"{port}:8000"])
            taken = f"port {port}/tcp on every address is in use on this host"
            until(lambda: taken in " ".join(self.agent.cli("ps", "web").out.split()), "ps names the port", self.agent)
        self.assertEqual(self.agent.cli("rm", "web", "-y").code, 0)
        until(lambda: self.job(self.agent, "web") is None, "the job is gone", self.agent)
        self.apply(self.agent, name="web", image="test/busybox:1", command=SERVER, ports=[f"{port}:8000"])
        self.ports("web", 1)
        self.answer(port, "web-0")

    def test_without_a_network_no_cluster_is_entered_and_the_way_out_is_named(self):
        self.agent.start("--bridge-subnet", "10.1.0.0/99")
        ran = self.agent.cli("init")
        self.assertNotEqual(ran.code, 0, ran)
        for word in ("10.1.0.0/99", "--network host"):
            self.assertIn(word, ran.err)
        self.assertEqual(self.agent.api("GET", "/v1/status")[1]["state"], "idle")
        self.agent.kill()
        self.agent.start()
        self.assertEqual(self.agent.cli("init").code, 0)
        status = self.agent.api("GET", "/v1/status")[1]
        self.assertEqual((status["state"], status["runtime"]), ("member", "containerd"))


if __name__ == "__main__":
    main()
