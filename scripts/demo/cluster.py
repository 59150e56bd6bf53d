"""Three agents on the lab's hosts, over one containerd; asked and told through the shoal program alone."""
import glob
import os
import signal
import urllib.request

from harness import Node, until

PORT = 7373
PROJECT = "demo"
JOB = PROJECT + "/web"  # what people see
BEHIND = PROJECT + "/api"  # what it asks, by name


class Failed(Exception):
    pass


class Member:
    """A host with its agent and its namespace of containerd."""

    def __init__(self, host, containerd, folder, run_id):
        self.host = host
        self.name = host.name
        self.name_space = f"{run_id}-{host.name}"
        self.containerd = containerd
        self.agent = Node(folder, host.name, port=PORT, inside=host.inside, flags=[
            "--bind", host.address, "--advertise", host.address, *containerd.flags(self.name_space)])

    def shoal(self, *words, stdin=b""):
        ran = self.agent.cli(*words, stdin=stdin, timeout=180)
        if ran.code != 0:
            raise Failed(f"shoal {' '.join(words)} on {self.name}: {ran}")
        return ran

    def ask(self, *words):
        return self.shoal(*words, "-o", "json").json()

    def load(self, archive):
        self.shoal("image", "load", archive)

    def containers(self):
        """container -> pid."""
        return self.containerd.pids(self.name_space)

    def tree(self):
        """Every process of this node: shims, what runs in its containers, the agent."""
        out = [self.agent.process.pid] if self.agent.process else []
        for path in glob.glob("/proc/[0-9]*"):
            try:
                with open(path + "/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
                with open(path + "/cgroup", encoding="ascii") as file:
                    inside = f"/shoal/{self.name_space}/" in file.read()
            except OSError:
                continue
            shim = b"containerd-shim" in words[0] and self.name_space.encode() in words
            if shim or inside:
                out.append(int(os.path.basename(path)))
        return out

    def kill_tree(self):
        """All of them in one blow; how many that were."""
        pids = self.tree()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # Its end followed from another's.
        self.agent.kill()
        return len(pids)


class Cluster:
    def __init__(self, members):
        self.members = members

    def boot(self):
        first, *others = self.members
        first.agent.start()
        first.shoal("init")
        token = first.shoal("token", "-q").out.strip().encode()
        for other in others:
            other.agent.start()
            other.shoal("join", first.host.address, "--token-file", "-", stdin=token)
        self.wait("all see all alive", self.all_alive)

    def wait(self, what, condition):
        until(condition, what, *[member.agent for member in self.members])

    def all_alive(self):
        return all(self.standings(member) == ["alive"] * len(self.members) for member in self.members)

    def standings(self, through):
        return [node["standing"] for node in through.ask("node", "ls")]

    def healthy(self, through, without=None, job=JOB):
        """Those healthy, on other nodes than this one."""
        return [replica for replica in through.ask("ps", job)
                if replica["state"] == "healthy" and (without is None or replica["node"] != without.name)]

    def pages(self, through):
        """How many replicas answer with a page that names them and what the api told them, asked for from
        outside. The api is asked by its bare name, wherever it runs."""
        addresses = {member.name: member.host.address for member in self.members}
        good = 0
        for replica in self.healthy(through):
            at = f"http://{addresses[replica['node']]}:{replica['ports'][0]}/cgi-bin/page"
            with urllib.request.urlopen(at, timeout=5) as page:
                said = page.read().decode().split()
            good += said[:1] == [f"{PROJECT}-web-{replica['index']}"] and said[1:2] == [f"{PROJECT}-api"]
        return good
