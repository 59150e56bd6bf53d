"""The Compose files of other people, brought up for real: three nodes, and images that stand in for theirs.

Those that are refused say so, with the words that are expected, and leave no job behind. In a world of
its own (scripts/lab), with the demo's hosts.
"""
import collections
import concurrent.futures
import os
import re
import socket
import subprocess
import tempfile
import traceback
import unittest
import urllib.request

import compose_fixtures
import kernel
import lab
import stand_ins
from cluster import Cluster, Member
from containerd_process import Containerd
from harness import main, until

# So that no file goes over to another set, or vanishes, unseen.
COUNTS = {"runs": 5, "needs a build": 13, "refuses": 21}
# The one file that needs more than a node gives by default, wireguard's, names these folders of its node.
ITS_FOLDERS = ["/usr/share/appdata/wireguard/config", "/usr/src", "/lib/modules"]


def make_folder(path):
    """In this world alone: what the machine has above it is covered by a copy of the same, where it is missing."""
    above = path
    while not os.path.isdir(above):
        above = os.path.dirname(above)
    if above == path:
        return
    own = tempfile.mkdtemp(prefix="o-")
    kernel.mount_tmpfs(own)
    for part in ("upper", "work"):
        os.mkdir(os.path.join(own, part))
    layers = f"lowerdir={above},upperdir={own}/upper,workdir={own}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, above], check=True)
    os.makedirs(path)


def over_tcp(host, port):
    with urllib.request.urlopen(f"http://{host}:{port}/cgi-bin/who", timeout=5) as page:
        return page.read().decode()


def over_udp(host, port, said):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.settimeout(1)
        door.sendto(said.encode(), (host, port))
        return door.recv(2048).decode()


class Fixtures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for path in ITS_FOLDERS:
            make_folder(path)
        cls.containerd = Containerd()
        cls.addClassCleanup(cls.containerd.remove)
        cls.containerd.start()
        folder = tempfile.mkdtemp(prefix="s-")
        run = os.environ["SHOAL_RUN"]
        cls.members = [Member(host, cls.containerd, folder, run) for host in lab.make(run, ("n1", "n2", "n3"))]
        for member in cls.members:
            cls.addClassCleanup(member.agent.kill)
        cls.first, cls.second, cls.third = cls.members
        # One node alone gives what wireguard asks for.
        cls.third.agent.flags += ["--allow-privileged"]
        for path in ITS_FOLDERS:
            cls.third.agent.flags += ["--allow-bind", path]
        Cluster(cls.members).boot()
        cls.fixtures = compose_fixtures.all_of(os.path.join(folder, "files"), cls.first.agent.cli)
        cls.started = [one for one in cls.fixtures if one.verdict != "refuses"]
        archive = os.path.join(folder, "stand-ins.tar")
        stand_ins.save(archive, [one.project for one in cls.started])
        cls.second.load(archive)

    def agents(self):
        return [member.agent for member in self.members]

    def test_each_is_of_the_kind_that_the_documentation_says(self):
        self.assertEqual(collections.Counter(one.verdict for one in self.fixtures), COUNTS)
        self.assertEqual({one.name: one.verdict for one in self.fixtures}, compose_fixtures.documented())

    def test_what_is_refused_says_why_and_makes_no_job(self):
        refused = [one for one in self.fixtures if one.verdict != "runs"]
        self.assertEqual(len(refused), COUNTS["needs a build"] + COUNTS["refuses"])
        for one in refused:
            with self.subTest(one.name):
                ran = self.first.agent.cli("up", "-y", one.folder)
                self.assertEqual(ran.code, 1, ran)
                self.assertEqual(compose_fixtures.refusals_in(ran.err), one.expected_refusals(), ran)
                self.assertEqual(self.of(one, self.first.ask("ls")), set())

    def test_all_others_run_answer_and_go(self):
        # Three at once: of those that want one port of the host each finds a node.
        with concurrent.futures.ThreadPoolExecutor(3) as threads:
            went = dict(zip((one.name for one in self.started), threads.map(self.outcome, self.started)))
        self.assertEqual([name for name, wrong in went.items() if wrong], [], "\n".join(filter(None, went.values())))
        self.assertEqual(len(went), COUNTS["runs"] + COUNTS["needs a build"])
        self.assertEqual(self.second.ask("ls"), [])
        self.assertEqual(self.second.ask("volume", "ls"), [])
        until(lambda: not any(member.containers() for member in self.members), "no container is left", *self.agents())

    def outcome(self, fixture):
        """What went wrong with it, or None; so that one that fails does not hide the others."""
        try:
            self.runs_answers_and_goes(fixture)
        except Exception:  # pylint: disable=broad-exception-caught
            return f"{fixture.name}: {traceback.format_exc()}"
        return None

    def runs_answers_and_goes(self, fixture):
        try:
            self.first.shoal("up", "-y", fixture.folder, *fixture.allowances())
            for name, service in fixture.project["services"].items():
                self.is_up(fixture, name, service)
            self.assertEqual(self.of(fixture, self.second.ask("volume", "ls")), fixture.volumes())
            again = self.first.shoal("up", "-d", fixture.folder, *fixture.allowances())
            self.assertEqual(sorted(again.out.splitlines()), sorted(
                f"job '{fixture.name}/{name}' as it should be" for name in fixture.project["services"]))
        finally:
            self.third.shoal("down", "-y", "-v", fixture.folder)
        self.assertEqual(self.of(fixture, self.second.ask("ls")), set())
        self.assertEqual(self.of(fixture, self.second.ask("volume", "ls")), set())
        until(lambda: not self.containers_of(fixture), f"no container of {fixture.name} is left", *self.agents())

    def containers_of(self, fixture):
        names = [f"{fixture.name}-{name}." for name in fixture.project["services"]]
        return [container for member in self.members for container in member.containers()
                if any(name in container for name in names)]

    @staticmethod
    def of(fixture, things):
        """Names of those that are its own."""
        return {thing["name"] for thing in things if re.match(re.escape(fixture.name) + "[/_]", thing["name"])}

    def is_up(self, fixture, name, service):
        """As another node sees it than the one that was told."""
        (replica,) = self.second.ask("ps", f"{fixture.name}/{name}")
        self.assertEqual(replica["state"], "healthy", replica)
        self.assertTrue(any(f"{fixture.name}-{name}." in container for container in self.containers_of(fixture)))
        if "cap_add" in service:
            self.assertEqual(replica["node"], self.third.name)
        (host,) = [member.host.address for member in self.members if member.name == replica["node"]]
        ports = service.get("ports", [])
        self.assertEqual(replica["ports"], [int(port["published"]) for port in ports])
        for port in ports:
            self.answers(fixture, name, host, port)

    def answers(self, fixture, name, host, port):
        expected = stand_ins.answer(fixture.project, name, port["target"])
        published = int(port["published"])
        if port["protocol"] == "udp":
            until(lambda: over_udp(host, published, expected) == expected, f"{name} echoes at {published}/udp",
                  *self.agents())
            return
        until(lambda: over_tcp(host, published), f"{name} answers at {published}", *self.agents())
        self.assertEqual(over_tcp(host, published), expected)


if __name__ == "__main__":
    main()
