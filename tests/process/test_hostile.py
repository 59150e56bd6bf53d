"""Bytes nobody should send: a live cluster shrugs, and does not grow."""
import random
import socket

from harness import ProcessTest, main, until

SEED = 4711


class Tap:
    """Stands between two nodes' UDP, without their knowing: keeps what a node sends to it."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(60)
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]


def memory_of(node):
    with open(f"/proc/{node.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:")) << 10


class Hostile(ProcessTest):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.udp.close)

    def throw(self, node, datagram):
        try:
            self.udp.sendto(datagram, ("127.0.0.1", node.port))
        except BlockingIOError:
            pass

    def survives(self, nodes, pids, before):
        for node in nodes:
            self.assertEqual(node.process.pid, pids[node.name])
            self.assertIsNone(node.process.poll(), node.read_log()[-2000:])
            self.all_see(nodes, node, "alive")
            self.assertLess(memory_of(node), before[node.name] + (64 << 20))
        status, answer = nodes[0].api("PUT", "/v1/kv/after", {"value": "all is well"})
        self.assertEqual((status, answer["acked"]), (200, len(nodes)))

    def state(self, nodes):
        return {n.name: n.process.pid for n in nodes}, {n.name: memory_of(n) for n in nodes}

    def captured(self, token, count):
        """Datagrams a real node seals: one that joins through us, for ever."""
        tap = Tap()
        self.addCleanup(tap.socket.close)
        talker = self.node("talker").start()
        talker.cli("join", tap.address, "--token-file", "-", "--timeout", "100ms", stdin=token.encode())
        taken = [tap.socket.recv(2048) for _ in range(count)]
        talker.kill()
        return taken

    def test_random_bytes_on_udp_leave_everybody_alive_and_few_lines(self):
        nodes = self.cluster("a", "b", "c")
        pids, before = self.state(nodes)
        for _ in range(20_000):
            self.throw(self.random.choice(nodes), self.random.randbytes(self.random.randrange(0, 1400)))
        self.survives(nodes, pids, before)
        for node in nodes:
            until(lambda: "bytes that are not shoal's protocol" in node.read_log(), "it is said", node)
            lines = node.read_log().count("bytes that are not shoal's protocol")
            self.assertLess(lines, 100, "thousands of packets, a line in ten seconds")

    def test_random_bytes_on_tcp_leave_everybody_alive(self):
        nodes = self.cluster("a", "b", "c")
        pids, before = self.state(nodes)
        for _ in range(600):
            node = self.random.choice(nodes)
            with socket.create_connection(("127.0.0.1", node.port), 10) as tcp:
                try:
                    head = b"SHOL" if self.random.random() < 0.3 else b""
                    tcp.sendall(head + self.random.randbytes(self.random.randrange(0, 5000)))
                except OSError:
                    pass  # It has closed already: its right.
        # And some that say nothing, more than one source may have open.
        silent = [socket.create_connection(("127.0.0.1", nodes[0].port), 10) for _ in range(100)]
        self.survives(nodes, pids, before)
        for one in silent:
            one.close()

    def test_captured_datagrams_cut_flipped_and_replayed_change_nothing(self):
        nodes = self.cluster("a", "b", "c")
        pids, before = self.state(nodes)
        genuine = self.captured(self.token_of(nodes[0]), 2)
        for datagram in genuine:
            for length in range(0, len(datagram)):
                self.throw(nodes[0], datagram[:length])
            for at in range(len(datagram)):
                flipped = bytearray(datagram)
                flipped[at] ^= 1 << self.random.randrange(8)
                self.throw(nodes[1], bytes(flipped))
        self.survives(nodes, pids, before)
        for node in nodes:
            self.assertEqual(sorted(node.standings()), ["a", "b", "c"], "nobody came in by a damaged packet")
        # Whole ones are a member's words, said again by somebody else: heard once, for what they are.
        for _ in range(2_000):
            self.throw(nodes[2], self.random.choice(genuine))
        self.survives(nodes, pids, before)


if __name__ == "__main__":
    main()
