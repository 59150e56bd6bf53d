"""Machines whose clocks have nothing in common: instants never leave a process, so nobody minds."""
from harness import ProcessTest, main, until

YEAR = 365 * 24 * 3600


def elsewhen(seconds):
    """A time namespace: the agent's monotonic clock is that far ahead."""
    return ["unshare", "--user", "--map-root-user", "--time", "--monotonic", str(seconds)]


class Clock(ProcessTest):
    def offset_of(self, node):
        with open(f"/proc/{node.process.pid}/timens_offsets", encoding="ascii") as offsets:
            return next(int(line.split()[1]) for line in offsets if line.startswith("monotonic"))

    def test_monotonic_clocks_years_apart_change_nothing(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        nodes = [a]
        for name, offset in (("b", YEAR), ("c", 10 * YEAR)):
            node = self.node(name, inside=elsewhen(offset)).start()
            self.assertEqual(self.offset_of(node), offset, "the namespace is in force")
            ran = node.cli("join", a.address, "--token-file", "-", stdin=self.token_of(a).encode())
            self.assertEqual(ran.code, 0, ran)
            nodes.append(node)
        for node in nodes:
            self.all_see(nodes, node, "alive")
        self.apply(a, name="web", image="example/web", replicas=6)
        for node in nodes:
            until(lambda: len(self.healthy_on(node, "web")) == 6, f"{node.name} sees the job run", node)
        b = nodes[1]
        b.kill()
        until(lambda: set(self.healthy_on(a, "web")) == {"a", "c"}, "its replicas move", a)
        # The host starts again, and with it its clock: far behind what the node once saw.
        b.inside = elsewhen(60)
        b.start()
        for node in nodes:
            self.all_see(nodes, node, "alive")
            until(lambda: len(self.healthy_on(node, "web")) == 6, f"{node.name} sees the job run", node)
        self.assertLess(b.api("GET", "/v1/status")[1]["uptime_s"], 3600)


if __name__ == "__main__":
    main()
