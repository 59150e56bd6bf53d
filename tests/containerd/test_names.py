"""Services of one project reach one another by name, on one node and across two.

In a world of its own (scripts/lab), with the demo's hosts: a network namespace each, on one bridge.
"""
import os
import subprocess
import tempfile
import unittest

import lab
from cluster import Cluster, Member
from containerd_process import Containerd
from harness import main, until

IMAGE = os.environ["SHOAL_TEST_IMAGE"]
# The image exposes 9000, and nothing says that there is something at 81.
SERVER = "hostname > /tmp/index.html; httpd -p 81 -h /tmp; exec httpd -f -p 9000 -h /tmp"
SERVICE = """
  {name}:
    image: test/busybox:1
    command: [sh, -c, "{command}"]
    restart: always
    stop_grace_period: 1s
    deploy: {{replicas: {replicas}, placement: {{constraints: ["node.name{where}"], max_replicas_per_node: 1}}}}
"""


def service(name, where="!=x", replicas=1, command=SERVER, more=""):
    return SERVICE.format(name=name, where=where, replicas=replicas, command=command) + more


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.containerd = Containerd()
        cls.addClassCleanup(cls.containerd.remove)
        cls.containerd.start()
        folder = tempfile.mkdtemp(prefix="s-")
        hosts = lab.make(os.environ["SHOAL_RUN"], ("n1", "n2"))
        cls.members = [Member(host, cls.containerd, folder, os.environ["SHOAL_RUN"]) for host in hosts]
        for member in cls.members:
            cls.addClassCleanup(member.agent.kill)
        cls.first, cls.second = cls.members
        Cluster(cls.members).boot()
        cls.second.load(IMAGE)

    def up(self, project, *services):
        text = f"name: {project}\nservices:" + "".join(services)
        self.first.shoal("up", "-y", "-", stdin=text.encode())
        self.addCleanup(self.first.shoal, "down", "-y", "-p", project)

    def pid(self, member, project, name):
        """Of the one container of this service there."""
        (pid,) = [pid for container, pid in member.containers().items() if f"{project}-{name}" in container]
        return pid

    def inside(self, pid, *words):
        return subprocess.run(["nsenter", "--target", str(pid), "--mount", "--net", "--root", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60)

    def fetch(self, pid, address):
        return self.inside(pid, "/bin/wget", "-q", "-O", "-", f"http://{address}/").stdout.strip()

    def answers(self, pid, address, what):
        until(lambda: self.fetch(pid, address) == what, f"{address} is answered by {what}: {self.fetch(pid, address)}",
              *[member.agent for member in self.members])

    def test_a_page_of_another_node_is_fetched_by_name(self):
        self.up("one", service("web", "==n1", command="sleep 1000", more="    links: ['Api:database']\n"),
                service("Api", "==n2", more="    expose: [9000]\n    container_name: backend\n"))
        web = self.pid(self.first, "one", "web")
        for name in ("api", "Api", "backend", "database"):
            self.answers(web, f"{name}:9000", "one-api-0")
        # It listens there, and nobody has said so.
        self.assertIn("refused", self.fetch(web, "api:81"))
        # A service calls itself, too.
        self.answers(self.pid(self.second, "one", "api"), "api:9000", "one-api-0")

    def test_any_port_is_reached_on_the_same_node(self):
        self.up("two", service("web", "==n2", command="sleep 1000"), service("api", "==n2"))
        web = self.pid(self.second, "two", "web")
        self.answers(web, "api:9000", "two-api-0")
        self.answers(web, "api:81", "two-api-0")

    def test_a_replica_that_goes_gets_nothing_more_and_without_any_one_is_refused(self):
        self.up("three", service("web", "==n1", command="sleep 1000"),
                service("api", replicas=2, more="    expose: [9000]\n"))
        web = self.pid(self.first, "three", "web")
        both = set()

        def seen():
            both.add(self.fetch(web, "api:9000"))
            return {"three-api-0", "three-api-1"} <= both

        until(seen, "both replicas answer", self.first.agent, self.second.agent)
        address = self.inside(web, "/bin/grep", "api", "/etc/hosts").stdout
        self.first.shoal("scale", "three/api=1")
        until(lambda: {self.fetch(web, "api:9000") for _ in range(20)} == {"three-api-0"},
              "only one replica answers", self.first.agent)
        # One that crashes is back, and found under the same address.
        (at,) = [member for member in self.members if any("three-api.0" in one for one in member.containers())]
        os.kill(self.pid(at, "three", "api.0"), 9)
        self.answers(web, "api:9000", "three-api-0")
        self.first.shoal("scale", "three/api=0")
        until(lambda: "refused" in self.fetch(web, "api:9000"), "who asks is refused", self.first.agent)
        self.assertEqual(self.inside(web, "/bin/grep", "api", "/etc/hosts").stdout, address)

    def test_names_that_come_and_go_are_known_to_what_runs(self):
        web = service("web", "==n1", command="sleep 1000")
        self.up("four", web)
        pid = self.pid(self.first, "four", "web")
        self.assertNotIn("late", self.inside(pid, "/bin/cat", "/etc/hosts").stdout)
        # Nothing is exposed but by its image.
        self.up("four", web, service("late", "==n2"))
        self.answers(pid, "late:9000", "four-late-0")
        self.assertIn("localhost", self.inside(pid, "/bin/cat", "/etc/hosts").stdout)
        # The agent forgets nothing that programs may have kept.
        hosts = self.inside(pid, "/bin/cat", "/etc/hosts").stdout
        self.first.agent.kill()
        self.first.agent.start()
        self.answers(pid, "late:9000", "four-late-0")
        self.up("four", web)
        until(lambda: "late" not in self.inside(pid, "/bin/cat", "/etc/hosts").stdout, "the name is gone",
              self.first.agent)
        self.assertTrue(hosts.startswith(self.inside(pid, "/bin/cat", "/etc/hosts").stdout.split("#", maxsplit=1)[0]))
        self.assertEqual(self.pid(self.first, "four", "web"), pid, "it was not restarted")

    def test_other_projects_are_kept_out(self):
        self.up("five", service("web", "==n1", command="sleep 1000"), service("api", "==n1"))
        self.up("six", service("web", "==n1", command="sleep 1000"))
        web = self.pid(self.first, "five", "web")
        self.answers(web, "api:9000", "five-api-0")
        address = self.inside(web, "/bin/grep", "api", "/etc/hosts").stdout.split()[0]
        stranger = self.pid(self.first, "six", "web")
        self.assertNotIn("api", self.inside(stranger, "/bin/cat", "/etc/hosts").stdout)
        self.assertIn("refused", self.fetch(stranger, f"{address}:9000"))


if __name__ == "__main__":
    main()
