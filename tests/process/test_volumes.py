"""Volumes on real agents with the fake runtime, each of whose starts leaves a line in them."""
import glob
import os

from harness import ProcessTest, main, until

DB = b"""
name: shop
services:
  db:
    image: example/db
    restart: always
    environment: {VERSION: "1"}
    volumes: ["pg-data:/var/lib/postgresql/data"]
volumes:
  pg-data:
"""


class Volumes(ProcessTest):
    def up(self, node, text):
        ran = node.cli("up", "-y", "-", stdin=text)
        self.assertEqual(ran.code, 0, ran)

    def where(self, node):
        """The name of the one node that runs shop/db."""
        found = self.healthy_on(node, "shop%2Fdb")
        return found[0] if len(found) == 1 else None

    def starts(self, node):
        """A line for each start with the volume on this node; None where there is no such volume."""
        found = glob.glob(os.path.join(node.data, "volumes", "*", "shop_pg-data", "0", "starts"))
        if not found:
            return None
        with open(found[0], encoding="utf-8") as file:
            return file.read().splitlines()

    def with_db(self, *names):
        """A cluster that runs shop/db: the node that holds its volume, and the others."""
        nodes = self.cluster(*names)
        self.up(nodes[0], DB)
        name = self.where(nodes[0])
        holder = next(n for n in nodes if n.name == name)
        return holder, [n for n in nodes if n is not holder]

    def volumes(self, node):
        status, all_of_them = node.api("GET", "/v1/volumes")
        self.assertEqual(status, 200)
        return {(v["name"], v["node"]) for v in all_of_them}

    def test_a_slot_waits_for_the_node_that_holds_its_volume_and_has_its_data_again(self):
        holder, others = self.with_db("a", "b", "c")
        name = holder.name
        for node in others:
            until(lambda: self.volumes(node) == {("shop_pg-data.0", name)}, f"{node.name} knows who holds it", node)
        waiting = f"waiting for {name}, which holds volume shop_pg-data.0 and is agent-down"
        holder.kill()
        for node in others:
            until(lambda: waiting in node.cli("ps", "shop/db", "-o", "wide").out, "ps says what is waited for", node)
            until(lambda: waiting in " ".join(node.cli("explain", "shop/db").out.split()), "explain says it", node)
        self.assertEqual([self.starts(n) for n in others], [None, None])
        holder.start()
        until(lambda: self.where(others[0]) == name, "it runs where it ran", holder)
        self.assertEqual(len(self.starts(holder)), 1, "adopted, as it ran on")

    def test_a_changed_service_takes_over_its_volume_and_down_leaves_it(self):
        holder, (other,) = self.with_db("a", "b")
        name = holder.name
        for version in (b'"2"', b'"3"'):
            self.up(other, DB.replace(b'"1"', version))
            self.assertEqual(self.where(other), name)
        self.assertEqual([line.split()[0] for line in self.starts(holder)], ["shop/db.0"] * 3)
        self.assertEqual(other.cli("down", "-y", "-p", "shop").code, 0)
        until(lambda: not holder.api("GET", f"/v1/nodes/{name}")[1]["slots"], "it has stopped", holder)
        self.assertEqual(len(self.starts(holder)), 3)
        self.up(other, DB)
        self.assertEqual(self.where(other), name)
        self.assertEqual(len(self.starts(holder)), 4)

    def test_volumes_are_listed_and_removed_but_not_while_in_use(self):
        holder, (other,) = self.with_db("a", "b")
        name = holder.name
        until(lambda: self.volumes(other), "the other one knows", other)
        listed = other.cli("volume", "ls")
        self.assertEqual(listed.code, 0, listed)
        for word in ("shop_pg-data.0", name, "KiB", "shop/db.0"):
            self.assertIn(word, listed.out)
        refused = other.cli("volume", "rm", "-y", "shop_pg-data")
        self.assertEqual(refused.code, 6, refused)
        self.assertIn("in use by shop/db.0", " ".join(refused.err.split()))
        self.assertEqual(other.cli("volume", "rm", "-y", "none").code, 1)
        down = other.cli("down", "-y", "-v", "-p", "shop")
        self.assertEqual(down.code, 0, down)
        self.assertIn("volume 'shop_pg-data.0' on " + name + " removed", down.out)
        self.assertIsNone(self.starts(holder))
        until(lambda: not self.volumes(other), "everybody hears that it is gone", other)

    def test_a_lost_journal_loses_no_volume(self):
        holder, (other,) = self.with_db("a", "b")
        name = holder.name
        until(lambda: self.volumes(other), "the other one knows", other)
        holder.kill()
        for file in glob.glob(os.path.join(holder.data, "state", "db", "*")):
            os.remove(file)
        holder.start()
        until(lambda: self.where(other) == name, "it is there again", holder)
        self.assertEqual(self.volumes(other), {("shop_pg-data.0", name)})
        self.assertIsNone(self.starts(other))

    def test_no_content_of_a_secret_is_told(self):
        (node,) = self.cluster("a")
        text = (b"services:\n  web:\n    image: example/web\n    restart: always\n    secrets: [key]\n"
                b"secrets:\n  key: {environment: KEY}\n")
        ran = node.cli("up", "-y", "-", "-p", "shop", stdin=text, env={"KEY": "hunter2"})
        self.assertEqual(ran.code, 0, ran)
        again = node.cli("up", "-y", "-d", "-", "-p", "shop", stdin=text, env={"KEY": "hunter2"})
        self.assertIn("as it should be", again.out)
        told = [node.api("GET", path)[1] for path in ("/v1/jobs", "/v1/jobs/shop%2Fweb", "/v1/events")]
        for word in ("hunter2", "aHVudGVyMg"):
            self.assertNotIn(word, repr(told) + node.read_log() + ran.out + ran.err)
        (file,) = self.job(node, "shop%2Fweb")["files"]
        self.assertEqual((file["target"], file["size"], file["secret"]), ("/run/secrets/key", 7, True))
        changed = node.cli("up", "-y", "-d", "-", "-p", "shop", stdin=text, env={"KEY": "hunter3"})
        self.assertIn("changed", changed.out)


if __name__ == "__main__":
    main()
