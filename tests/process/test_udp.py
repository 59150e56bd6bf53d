"""UDP blocked in one direction while TCP passes: life goes on, and the status says which way."""
import ctypes
import os
import socket
import struct

from harness import ProcessTest, main, until

PIDFD_GETFD = 438


def deaf(node):
    """A context in which nothing arrives at the node's UDP socket: a socket filter that drops all.

    The descriptor is borrowed from the running process, which needs neither root nor a firewall.
    """
    return Deaf(node)


class Deaf:
    def __init__(self, node):
        self.socket = udp_socket_of(node)

    def __enter__(self):
        drop = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))  # BPF: return 0
        program = struct.pack("HxxxxxxP", 1, ctypes.addressof(drop))
        self.socket.setsockopt(socket.SOL_SOCKET, 26, program)  # SO_ATTACH_FILTER
        return self

    def __exit__(self, *_):
        self.socket.setsockopt(socket.SOL_SOCKET, 27, 0)  # SO_DETACH_FILTER
        self.socket.close()


def udp_socket_of(node):
    libc = ctypes.CDLL(None, use_errno=True)
    process = os.pidfd_open(node.process.pid)
    try:
        for number in map(int, os.listdir(f"/proc/{node.process.pid}/fd")):
            if not os.readlink(f"/proc/{node.process.pid}/fd/{number}").startswith("socket:"):
                continue
            fd = libc.syscall(PIDFD_GETFD, process, number, 0)
            if fd < 0:
                raise OSError(ctypes.get_errno(), "pidfd_getfd: this test must be allowed to trace its child")
            found = socket.socket(fileno=fd)
            if found.family == socket.AF_INET and found.type == socket.SOCK_DGRAM and found.getsockname()[1] == node.port:
                return found
            found.close()
    finally:
        os.close(process)
    raise AssertionError(f"{node.name} has no UDP socket")


class Udp(ProcessTest):
    def warns(self, node, text):
        until(lambda: text in node.cli("status").out, f"{node.name} says: {text}", node)
        self.assertIn(text, node.read_log())

    def test_a_node_that_hears_no_udp_stays_alive_and_both_sides_say_which_way_is_blocked(self):
        a, b, c = self.cluster("a", "b", "c")
        inwards = f"UDP from a does not arrive here, TCP does; open port {b.port}/udp on this host"
        outwards = f"UDP from here does not arrive at b, TCP does; open port {b.port}/udp on its host"
        with deaf(b):
            for node in (a, c):
                self.warns(node, outwards)
            self.warns(b, inwards)
            self.all_see([a, b, c], b, "alive")
            self.all_see([a, b, c], a, "alive")
            self.apply(b, name="web", image="example/web", replicas=3)
            until(lambda: len(self.healthy_on(a, "web")) == 3, "work goes on", a, b)
        for node in (a, b, c):
            until(lambda: "does not arrive" not in node.cli("status").out, f"{node.name} takes it back", node)

    def test_a_seed_whose_answers_do_not_arrive_is_told_from_one_that_is_silent(self):
        a, b = self.node("a").start(), self.node("b").start()
        self.assertEqual(a.cli("init").code, 0)
        with deaf(a):
            ran = b.cli("join", a.address, "--token-file", "-", "--timeout", "1s", stdin=self.token_of(a).encode())
            self.assertEqual(ran.code, 5, ran)
            wanted = (f"seed {a.address}: it answers on TCP, but UDP from here does not arrive there; "
                      f"open port {a.port}/udp on its host")
            until(lambda: wanted in b.cli("status").out, wanted, b)
        self.all_see([a, b], b, "alive")
        self.assertNotIn("seed", b.cli("status").out)


if __name__ == "__main__":
    main()
