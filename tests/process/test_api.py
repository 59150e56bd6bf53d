"""The API of a real agent against callers that are wrong, slow, many or strangers."""
import http.client
import json
import os
import resource
import socket
import subprocess
import sys

from harness import ProcessTest, free_port, main, until

IDLERS = 10_000

# Opens as many connections as it is told, says how many stand, and holds them until it is killed.
CROWD = """
import resource, select, socket, sys
path, count = sys.argv[1], int(sys.argv[2])
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
held, told = [], 0
for _ in range(count):
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    one.connect(path)  # Blocks while the queue is full.
    held.append(one)
poll = select.poll()
by_fd = {one.fileno(): one for one in held}
for fd in by_fd:
    poll.register(fd, select.POLLIN)
# Whoever is turned away hears so or is closed; the others hear nothing.
print("open", flush=True)
sys.stdin.readline()
refused = 0
while True:
    ready = poll.poll(0)
    if not ready:
        break
    for fd, _ in ready:
        try:
            first = by_fd[fd].recv(4096)
        except OSError:
            first = b""
        if first and first[:12] not in (b"HTTP/1.1 503", b"HTTP/1.1 408"):
            print("odd", first, flush=True)
        refused += 1
        poll.unregister(fd)
print("refused", refused, flush=True)
sys.stdin.readline()
"""


class Api(ProcessTest):
    def founded(self, *flags):
        node = self.node("a", flags=flags).start()
        self.assertEqual(node.cli("init").code, 0)
        return node

    def raw(self, node):
        one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(one.close)
        one.settimeout(60)
        one.connect(node.socket)
        return one

    def test_wrong_requests_are_told_what_is_wrong(self):
        a = self.founded()
        good = {"Content-Type": "application/json"}
        job = {"name": "j", "image": "x", "replicas": "many"}
        for body, headers, status, code, said in (
                (b"{", good, 400, "malformed", "not JSON"),
                (b"[]", good, 400, "malformed", "object"),
                (b"\xff\xfe", good, 400, "malformed", "not JSON"),
                (b"[" * 100_000, good, 400, "malformed", "not JSON"),
                (json.dumps(job).encode(), good, 400, "malformed", "replicas"),
                (b"a=b", {"Content-Type": "text/plain"}, 415, None, "application/json")):
            with self.subTest(body[:20]):
                got, answer = a.api("PUT", "/v1/jobs/j", body, headers)
                self.assertEqual(got, status, answer)
                self.assertIn(said, answer["error"]["message"] + answer["error"].get("hint", ""))
                if code:
                    self.assertEqual(answer["error"]["code"], code)
        self.assertEqual(a.api("POST", "/v1/version", b"{}", good)[0], 405)
        self.assertEqual(a.api("GET", "/v1/nothing")[0], 404)
        self.assertEqual(a.api("GET", "/v1/jobs")[1], [])

    def test_a_huge_body_is_refused_before_it_is_read(self):
        a = self.founded()
        one = self.raw(a)
        one.sendall(b"PUT /v1/kv/k HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    b"Content-Length: 1000000000000\r\n\r\n")
        self.assertTrue(one.recv(4096).startswith(b"HTTP/1.1 413"))
        status, answer = a.api("PUT", "/v1/kv/k", {"value": "v" * 70_000})
        self.assertEqual((status, answer["error"]["code"]), (413, "too-large"))

    def test_slow_and_half_callers_hinder_nobody(self):
        a = self.founded()
        request = b"GET /v1/version HTTP/1.1\r\nHost: localhost\r\n\r\n"
        half = [self.raw(a) for _ in range(50)]
        for one in half:
            one.sendall(request[:20])
        slow = self.raw(a)
        for byte in request:
            slow.sendall(bytes([byte]))
            self.assertEqual(a.api("GET", "/v1/version")[0], 200)
        self.assertTrue(slow.recv(4096).startswith(b"HTTP/1.1 200"))
        # One that asks and never reads its answers.
        deaf = self.raw(a)
        deaf.setblocking(False)
        listing = b"GET /v1/nodes HTTP/1.1\r\nHost: localhost\r\n\r\n"
        try:
            for _ in range(5_000):
                deaf.send(listing)
        except BlockingIOError:
            pass  # Its answers wait, and so does it.
        self.assertEqual(a.cli("status").code, 0)
        for one in half:
            one.sendall(request[20:])
            self.assertTrue(one.recv(4096).startswith(b"HTTP/1.1 200"))

    def test_ten_thousand_idle_callers_keep_nobody_out_and_go_away(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        count = IDLERS if hard == resource.RLIM_INFINITY else min(IDLERS, hard - 200)
        print(f"{count} idle callers", file=sys.stderr, flush=True)
        # The agent starts with the few descriptors a shell gives, and takes what it may have.
        a = self.node("a")
        a.start(limits={resource.RLIMIT_NOFILE: (256, hard)})
        self.assertEqual(a.cli("init").code, 0)
        self.assertGreaterEqual(resource.prlimit(a.process.pid, resource.RLIMIT_NOFILE)[0], min(hard, 8192))
        crowd = subprocess.Popen([sys.executable, "-c", CROWD, a.socket, str(count)], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, text=True)
        try:
            self.assertEqual(crowd.stdout.readline(), "open\n")

            def answered():
                return a.api("GET", "/v1/version")[0] in (200, 503)

            until(answered, "an answer, if only that there is no room", a)
            # The queue is over and all but the bound were sent away, in an orderly way.
            until(lambda: len(os.listdir(f"/proc/{a.process.pid}/fd")) < 1200, "the bound is kept", a)
            crowd.stdin.write("count\n")
            crowd.stdin.flush()
            said, refused = crowd.stdout.readline().split()
            self.assertEqual(said, "refused")
            self.assertGreaterEqual(int(refused), count - 1024)
            # The others said nothing in time: their places are free again.
            until(lambda: a.api("GET", "/v1/status")[0] == 200, "people are served again", a)
            self.assertEqual(a.cli("status").code, 0)
            self.assertIsNone(crowd.poll())
        finally:
            crowd.kill()
            crowd.communicate()

    def over_tcp(self, port, path="/v1/status", method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, body, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def test_tcp_wants_the_token_the_right_host_and_no_web_page(self):
        port = free_port()
        a = self.founded("--http", f"127.0.0.1:{port}")
        path = os.path.join(a.data, "api-token")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with open(path, encoding="ascii") as file:
            bearer = "Bearer " + file.read().strip()
        self.assertEqual(self.over_tcp(port)[0], 401)
        self.assertEqual(self.over_tcp(port, Authorization="Bearer wrong")[0], 401)
        self.assertEqual(self.over_tcp(port, Authorization=bearer)[0], 200)
        self.assertEqual(self.over_tcp(port, Authorization=bearer, Host="evil.example")[0], 403)
        self.assertEqual(self.over_tcp(port, Authorization=bearer, Origin="http://evil.example")[0], 403)
        status, answer = self.over_tcp(port, "/v1/token", Authorization=bearer)
        self.assertEqual(status, 403, answer)
        self.assertIn("UNIX socket", answer["error"]["message"])
        ran = a.cli("status", env={"SHOAL_ADDR": f"http://127.0.0.1:{port}", "SHOAL_API_TOKEN": bearer[7:]})
        self.assertEqual(ran.code, 0, ran)
        # The token outlives a restart.
        a.kill()
        a.start()
        self.assertEqual(self.over_tcp(port, Authorization=bearer)[0], 200)

    def test_another_node_is_asked_through_this_one(self):
        a, b = self.cluster("a", "b")
        self.assertIn(b.address, a.cli("--node", "b", "status").out)
        self.assertEqual(a.cli("--node", "b", "kv", "put", "k", "v").code, 0)
        self.assertEqual(b.cli("kv", "get", "k").out.strip(), "v")
        self.assertIn("PUT /v1/kv/k by", b.read_log())
        for path in ("/v1/token", "/v1/reset"):
            method = "GET" if path == "/v1/token" else "POST"
            status, answer = a.api(method, path + "?node=b", None if method == "GET" else {})
            self.assertEqual(status, 403, answer)
        unknown = a.cli("--node", "nobody", "status")
        self.assertNotEqual(unknown.code, 0)
        self.assertIn("there are a, b", unknown.err)
        b.kill()
        down = a.cli("--node", "b", "status")
        self.assertNotEqual(down.code, 0)
        self.assertIn("b cannot be reached from here", down.err)
        self.assertEqual(a.cli("status").code, 0)


if __name__ == "__main__":
    main()
