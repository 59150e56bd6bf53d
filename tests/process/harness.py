"""Real shoal agents for tests: start, stop, ask.

Every test owns a folder, loopback addresses and ports of its own and kills what it started, so tests
can run beside each other and after one that was killed. Waiting is always for a condition, with a
deadline that only bounds a failure.
"""
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

SHOAL = os.environ["SHOAL"]
DEADLINE = float(os.environ.get("SHOAL_TEST_DEADLINE", "60"))


def free_port():
    """A port that is free for UDP and TCP on every loopback address right now."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
                try:
                    udp.bind(("127.0.0.1", port))
                except OSError:
                    continue
                return port


class Ran:
    def __init__(self, done):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()

    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit {self.code}\n-- stdout\n{self.out}\n-- stderr\n{self.err}"


def set_limits(limits):
    for number, values in limits.items():
        resource.setrlimit(number, values)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Node:
    """One agent: its folder, its port, its process."""

    def __init__(self, root, name, port=None, flags=(), inside=()):
        """`inside`: the words of a command that runs the agent in some surroundings."""
        self.name = name
        self.inside = list(inside)
        self.dir = os.path.join(root, name)
        os.makedirs(self.dir, exist_ok=True)
        self.data = os.path.join(self.dir, "data")
        self.socket = os.path.join(self.dir, "s")
        self.port = port or free_port()
        self.flags = list(flags)
        self.process = None
        self.log_path = os.path.join(self.dir, "log")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def command(self, *extra):
        return [*self.inside, SHOAL, "agent", "--name", self.name, "--bind", "127.0.0.1", "--advertise", "127.0.0.1",
                "--port", str(self.port), "--data-dir", self.data, "--socket", self.socket,
                "--runtime", "fake", "--capacity", "cpus=2,memory=2GiB", *self.flags, *extra]

    def start(self, *extra, env=None, wait=True, limits=None):
        """`limits`: {resource.RLIMIT_X: (soft, hard)}, set in the new process."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHOAL_")}
        environment.update(env or {})
        self.log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.command(*extra), stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, env=environment,
                                        preexec_fn=lambda: set_limits(limits or {}))
        if wait:
            until(lambda: self.answers(), f"{self.name} answers on its socket", self)
        return self

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.read_log()}")
        try:
            return self.api("GET", "/v1/version")[0] == 200
        except OSError:
            return False

    def api(self, method, path, body=None, headers=None, timeout=30):
        connection = UnixConnection(self.socket, timeout)
        try:
            send = {"Content-Type": "application/json"} if body is not None else {}
            send.update(headers or {})
            data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
            connection.request(method, path, data, send)
            answer = connection.getresponse()
            text = answer.read().decode()
            try:
                return answer.status, json.loads(text)
            except ValueError:
                return answer.status, text
        finally:
            connection.close()

    def cli(self, *arguments, stdin=b"", env=None, timeout=60):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHOAL_")}
        environment["SHOAL_ADDR"] = "unix://" + self.socket
        environment.update(env or {})
        return Ran(subprocess.run([SHOAL, *arguments], input=stdin, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=environment, timeout=timeout, check=False))

    def standings(self):
        """name -> standing, as this node sees it. Unknown names appear as ids."""
        status, nodes = self.api("GET", "/v1/nodes")
        assert status == 200, nodes
        return {n["name"]: n["standing"] for n in nodes}

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        if self.process:
            self.process.wait()
            self.log.close()
            self.process = None

    def terminate(self):
        self.process.terminate()
        code = self.process.wait(DEADLINE)
        self.log.close()
        self.process = None
        return code

    def read_log(self):
        with open(self.log_path, "rb") as log:
            return log.read().decode(errors="replace")


def until(condition, what, *nodes, deadline=DEADLINE):
    """Waits for a condition; polls because the world outside has no event to wait for."""
    end = time.monotonic() + deadline
    last = None
    while time.monotonic() < end:
        try:
            if condition():
                return
            last = None
        except (OSError, http.client.HTTPException) as error:
            last = error
        time.sleep(0.05)
    logs = "\n".join(f"== log of {n.name}\n{n.read_log()[-4000:]}" for n in nodes)
    raise AssertionError(f"never came true: {what} ({last})\n{logs}")


class ProcessTest(unittest.TestCase):
    def setUp(self):
        # Short: the path of a UNIX socket holds 107 bytes.
        self.root = tempfile.mkdtemp(prefix="shoal-")
        self.nodes = []

    def tearDown(self):
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    def refuses(self, node, *extra, **options):
        """Starts an agent that must end by itself, orderly and not ok; what it said this time."""
        before = len(node.read_log()) if os.path.exists(node.log_path) else 0
        node.start(*extra, wait=False, **options)
        code = node.process.wait(DEADLINE)
        said = node.read_log()[before:]
        node.kill()
        self.assertEqual(code, 1, said)
        return said

    def node(self, name, **options):
        node = Node(self.root, name, **options)
        self.nodes.append(node)
        return node

    def token_of(self, node):
        ran = node.cli("token", "-q")
        self.assertEqual(ran.code, 0, ran)
        return ran.out.strip()

    def cluster(self, *names):
        """Nodes by these names, the first founded, the others joined through it, all seeing all."""
        nodes = [self.node(name).start() for name in names]
        first = nodes[0]
        ran = first.cli("init")
        self.assertEqual(ran.code, 0, ran)
        token = self.token_of(first)
        for other in nodes[1:]:
            ran = other.cli("join", first.address, "--token-file", "-", stdin=token.encode())
            self.assertEqual(ran.code, 0, ran)
        for node in nodes:
            self.all_see(nodes, node, "alive")
            until(lambda: node.api("GET", "/v1/status")[1]["settled"], f"{node.name} bids", node)
        return nodes

    def all_see(self, nodes, whom, standing, deadline=DEADLINE):
        for node in nodes:
            until(lambda: node.standings().get(whom.name) == standing,
                  f"{node.name} sees {whom.name} {standing}, has {node.standings()}", node, whom,
                  deadline=deadline)

    def job(self, node, name):
        status, job = node.api("GET", f"/v1/jobs/{name}")
        return job if status == 200 else None

    def apply(self, node, **job):
        status, answer = node.api("PUT", f"/v1/jobs/{job['name']}", job)
        self.assertEqual(status, 200, answer)
        return answer

    def healthy_on(self, node, name):
        """Names of the nodes that run a healthy replica of the job, one per replica."""
        job = self.job(node, name)
        return sorted(s["node"] for s in job["slots"] if s["state"] == "healthy") if job else []


def main():
    unittest.main(verbosity=2)
