"""Who a node is: cloned disks, names given twice, keys that went missing."""
import os
import shutil

from harness import ProcessTest, main, until


class Identity(ProcessTest):
    def cloned(self, original, name):
        """A node whose disk is a copy of the other's, with a port and a socket of its own."""
        copy = self.node(name)
        shutil.copytree(original.data, copy.data, copy_function=shutil.copy2)
        return copy

    def one_that_stops(self, *nodes):
        until(lambda: any(n.process.poll() is not None for n in nodes), "one of the twins stops", *nodes)
        stopped = [n for n in nodes if n.process.poll() is not None]
        self.assertEqual(len(stopped), 1, "both stopped")
        return stopped[0], next(n for n in nodes if n is not stopped[0])

    def test_of_two_nodes_with_one_identity_one_stops_and_says_why(self):
        a, b = self.cluster("a", "b")
        b.kill()
        twin = self.cloned(b, "twin")
        b.start()
        self.all_see([a, b], b, "alive")
        twin.start()
        stopped, stays = self.one_that_stops(b, twin)
        self.assertEqual(stopped.process.returncode, 1)
        self.assertIn(f"another process uses this node's identity, at {stays.address}", stopped.read_log())
        self.assertIn("identity.key", stopped.read_log())

        def told():
            return [w for w in stays.api("GET", "/v1/status")[1]["warnings"] if stopped.address in w]

        until(told, "the status of the one that stays warns", stays)
        self.assertIn(stopped.address, stays.cli("status").out)
        self.all_see([a, stays], stays, "alive")
        # What the message advises helps.
        stopped.kill()
        os.unlink(os.path.join(stopped.data, "identity.key"))
        stopped.start()
        self.all_see([a, stays, stopped], stopped, "alive")
        self.all_see([a, stays, stopped], stays, "alive")
        self.assertIn("identity.key was missing", stopped.read_log())

    def test_two_nodes_with_one_name_are_told_apart(self):
        a, first = self.cluster("a", "same")
        second = self.node("same2", flags=["--name", "same"]).start("--name", "same")
        ran = second.cli("join", a.address, "--token-file", "-", stdin=self.token_of(a).encode())
        self.assertEqual(ran.code, 0, ran)
        ids = [n.api("GET", "/v1/status")[1]["id"] for n in (first, second)]
        names = {f"same~{i[:4]}" for i in ids}
        for node in (a, first, second):
            until(lambda: names <= {name for name, s in node.standings().items() if s == "alive"},
                  f"{node.name} shows {names}, has {node.standings()}", node)
        for name, node_id in zip((f"same~{i[:4]}" for i in ids), ids):
            ran = a.cli("node", "inspect", name)
            self.assertEqual(ran.code, 0, ran)
            self.assertIn(node_id, ran.out)
            self.assertIn(name, a.cli("node", "ls").out)
        ambiguous = a.cli("node", "inspect", "same")
        self.assertNotEqual(ambiguous.code, 0)
        for name in names:
            self.assertIn(name, ambiguous.err)
        # Said once to whoever looks at the whole, on every node that sees both.
        for node in (a, first, second):
            warnings = node.api("GET", "/v1/status")[1]["warnings"]
            self.assertTrue(any("'same'" in w and all(n in w for n in names) for w in warnings), warnings)

    def test_a_damaged_or_readable_identity_is_refused(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        a.kill()
        key = os.path.join(a.data, "identity.key")
        os.chmod(key, 0o644)
        self.assertIn("chmod 600", self.refuses(a))
        os.chmod(key, 0o600)
        with open(key, "r+b") as file:
            file.truncate(7)
        said = self.refuses(a)
        self.assertIn(f"{key} is damaged: 7 bytes instead of 32", said)
        self.assertIn("backup", said)

    def test_a_missing_cluster_key_is_refused_with_what_to_do(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        a.kill()
        os.unlink(os.path.join(a.data, "cluster.key"))
        said = self.refuses(a)
        self.assertIn("cluster.key", said)
        self.assertIn("backup", said)
        self.assertIn("join", said)


if __name__ == "__main__":
    main()
