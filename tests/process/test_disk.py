"""Disks that lie, forget and fill up: an agent says so, or refuses, and never pretends."""
import glob
import os
import resource
import shutil

from harness import ProcessTest, main, until

VALUE = "v" * 60_000


def flip_byte(path, at):
    with open(path, "r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0xFF]))


class Damage(ProcessTest):
    def filled(self):
        """A node with a job and values on disk, stopped, and the path of its journal."""
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        self.apply(a, name="web", image="example/web", replicas=1)
        for i in range(8):
            self.assertEqual(a.api("PUT", f"/v1/kv/k{i}", {"value": VALUE})[0], 200)
        self.id = a.api("GET", "/v1/status")[1]["id"]
        a.kill()
        return a, os.path.join(a.data, "state", "db")

    def files(self, db, pattern):
        found = sorted(glob.glob(os.path.join(db, pattern)), key=os.path.getsize)
        self.assertTrue(found, f"{db} has no {pattern}: {os.listdir(db)}")
        return found

    def says_what_to_do(self, said, db):
        self.assertIn(f"{db} is damaged", said)
        self.assertIn("Restore it from a backup, or move it away", said)

    def test_a_journal_without_its_index_is_refused(self):
        a, db = self.filled()
        os.unlink(os.path.join(db, "CURRENT"))
        said = self.refuses(a)
        self.says_what_to_do(said, db)
        self.assertIn("CURRENT is missing", said)

    def test_a_journal_with_garbage_for_a_manifest_is_refused(self):
        a, db = self.filled()
        path = self.files(db, "MANIFEST-*")[0]
        with open(path, "wb") as file:
            file.write(b"\xa5" * 4096)
        self.says_what_to_do(self.refuses(a), db)

    def test_a_journal_without_its_newest_log_is_refused(self):
        a, db = self.filled()
        for path in self.files(db, "*.log"):
            os.unlink(path)
        said = self.refuses(a)
        self.says_what_to_do(said, db)
        self.assertIn("*.log, is missing", said)

    def test_a_journal_with_a_flipped_byte_in_a_table_is_refused(self):
        a, db = self.filled()
        a.start()  # Opening turns the log into tables.
        a.kill()
        path = self.files(db, "*.sst")[-1]
        flip_byte(path, os.path.getsize(path) // 2)
        said = self.refuses(a)
        self.says_what_to_do(said, db)
        self.assertIn(os.path.basename(path), said)

    def test_a_journal_with_a_flipped_byte_in_its_log_says_what_that_cost(self):
        a, db = self.filled()
        path = self.files(db, "*.log")[-1]
        flip_byte(path, os.path.getsize(path) * 3 // 4)
        a.start()
        status = a.api("GET", "/v1/status")[1]
        self.assertEqual(status["id"], self.id)
        self.assertIn("was damaged and stands where it was", " ".join(status["warnings"]))
        self.assertIn("was damaged and stands where it was", a.read_log())
        keys = [v["key"] for v in a.api("GET", "/v1/kv")[1]]
        self.assertEqual(keys, [f"k{i}" for i in range(len(keys))], "a beginning, without gaps")
        self.assertLess(len(keys), 8)
        # Said once: the loss is over with the next start.
        a.kill()
        a.start()
        self.assertEqual(a.api("GET", "/v1/status")[1]["warnings"], [])

    def test_what_the_message_advises_brings_everything_back(self):
        a, b, c = self.cluster("a", "b", "c")
        for i in range(4):
            self.assertEqual(b.api("PUT", f"/v1/kv/k{i}", {"value": VALUE})[0], 200)
        before = b.api("GET", "/v1/nodes/b")[1]
        b.kill()
        self.all_see([a, c], b, "agent-down")
        db = os.path.join(b.data, "state", "db")
        os.unlink(os.path.join(db, "CURRENT"))
        self.says_what_to_do(self.refuses(b), db)
        shutil.move(db, db + ".damaged")
        b.start()
        self.assertIn(f"there was no journal at {db}", " ".join(b.api("GET", "/v1/status")[1]["warnings"]))
        self.all_see([a, b, c], b, "alive")
        until(lambda: len(b.api("GET", "/v1/kv")[1]) == 4, "the values are back", b)
        now = b.api("GET", "/v1/nodes/b")[1]
        self.assertEqual(now["id"], before["id"])
        self.assertGreaterEqual(now["incarnation"], before["incarnation"])


class Full(ProcessTest):
    """A limit on the size of files stands for a full disk: it needs no root and can be lifted."""

    def limit(self, node, size):
        hard = resource.RLIM_INFINITY
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (hard if size is None else size, hard))

    def put(self, node, key):
        return node.api("PUT", f"/v1/kv/{key}", {"value": VALUE})

    def fill(self, node):
        """The disk is full in the middle of a write, and stays full. Returns what was accepted before."""
        accepted = {f"x{i}" for i in range(4)}
        for key in accepted:
            self.assertEqual(self.put(node, key)[0], 200)
        logs = glob.glob(os.path.join(node.data, "state", "db", "*.log"))
        self.limit(node, max(map(os.path.getsize, logs)) + len(VALUE) // 2)
        status, answer = self.put(node, "refused")
        self.limit(node, 0)
        self.assertEqual((status, answer["error"]["code"]), (507, "disk"), answer)
        self.assertIn("nothing was accepted", answer["error"]["hint"])
        self.assertEqual(self.keys(node), accepted)
        return accepted

    def keys(self, node):
        status, values = node.api("GET", "/v1/kv")
        self.assertEqual(status, 200, values)
        return {v["key"] for v in values}

    def journal_warning(self, node):
        return [w for w in node.api("GET", "/v1/status")[1]["warnings"] if "the journal refuses writes" in w]

    def test_a_lone_node_refuses_lives_on_and_recovers_when_there_is_space(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        accepted = self.fill(a)
        until(lambda: self.journal_warning(a), "the status warns", a)
        ran = a.cli("kv", "put", "refused", "small")
        self.assertNotEqual(ran.code, 0)
        self.assertIn("the disk refused the write", ran.err)
        self.assertEqual(a.api("PUT", "/v1/jobs/j", {"name": "j", "image": "example/j"})[0], 507)
        self.assertIsNone(self.job(a, "j"))
        self.assertEqual(self.keys(a), accepted)
        # Space again: what was refused is accepted now, and the warning goes.
        self.limit(a, None)
        until(lambda: self.put(a, "refused")[0] == 200, "the node accepts again", a)
        until(lambda: not self.journal_warning(a), "the warning is gone", a)
        self.assertIn("the journal refused a write", a.read_log())
        # And all that was ever acknowledged outlives a kill.
        a.kill()
        a.start()
        self.assertEqual(self.keys(a), {*accepted, "refused"})

    def test_what_was_refused_is_not_there_after_a_kill_either(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        accepted = self.fill(a)
        a.kill()
        a.start()
        self.assertEqual(self.keys(a), accepted)

    def test_in_a_cluster_the_full_node_is_named_and_catches_up(self):
        a, b, c = self.cluster("a", "b", "c")
        accepted = self.fill(b)
        status, answer = self.put(a, "through-a")
        self.assertEqual(status, 200, answer)
        self.assertEqual((answer["acked"], answer["missing"]), (2, ["b"]))
        ran = a.cli("kv", "put", "said", "so")
        self.assertEqual(ran.code, 0, ran)
        self.assertIn("not yet b", ran.err)
        self.all_see([a, b, c], b, "alive")
        until(lambda: self.journal_warning(b), "the status of b warns", b)
        self.limit(b, None)
        until(lambda: self.put(b, "again")[0] == 200, "b accepts again", b)
        everything = {*accepted, "through-a", "said", "again"}
        for node in (a, b, c):
            until(lambda: self.keys(node) == everything, f"{node.name} has everything", node)
        b.kill()
        b.start()
        until(lambda: self.keys(b) == everything, "b has everything after a kill", b)

    def test_founding_on_a_full_disk_fails_and_leaves_the_node_idle(self):
        a = self.node("a").start()
        self.limit(a, 0)
        ran = a.cli("init")
        self.assertNotEqual(ran.code, 0)
        self.assertIn(a.data, ran.err)
        self.assertEqual(a.api("GET", "/v1/status")[1]["state"], "idle")
        self.limit(a, None)
        self.assertEqual(a.cli("init").code, 0)
        self.assertEqual(self.put(a, "k")[0], 200)


if __name__ == "__main__":
    main()
