"""Images: loaded into one node, known to all, fetched by whoever needs them."""
import os

from containerd_process import Containerd
from harness import ProcessTest, main, until

IMAGE = os.environ["SHOAL_TEST_IMAGE"]
SAVED = os.environ["SHOAL_TEST_SAVED_IMAGE"]


class Images(ProcessTest):
    def setUp(self):
        super().setUp()
        self.stores = {}

    def with_containerd(self, name):
        """A node with a containerd to itself, so that what it has it must have fetched."""
        store = self.stores[name] = Containerd()
        self.addCleanup(store.remove)
        store.start()
        return self.node(name, flags=[*store.flags(), "--network", "host"])

    def two(self):
        nodes = [self.with_containerd(name).start() for name in ("a", "b")]
        a, b = nodes
        self.assertEqual(a.cli("init").code, 0)
        joined = b.cli("join", a.address, "--token-file", "-", stdin=self.token_of(a).encode())
        self.assertEqual(joined.code, 0, joined)
        for node in nodes:
            self.all_see(nodes, node, "alive")
        return nodes

    def load(self, node, *arguments, **options):
        ran = node.cli("image", "load", *arguments, "-o", "json", **options)
        self.assertEqual(ran.code, 0, ran)
        return ran.json()

    def image(self, node, name):
        found = [one for one in node.api("GET", "/v1/images")[1] if one["name"] == name]
        return found[0] if found else {"nodes": []}

    def runs(self, node, name, image, *more):
        ran = node.cli("run", "--name", name, *more, image, timeout=120)
        self.assertEqual(ran.code, 0, ran)
        return ran

    def test_what_is_loaded_into_one_node_runs_on_another(self):
        a, b = self.two()
        loaded = self.load(a, IMAGE)
        digest = next(one["digest"] for one in loaded if one["name"] == "test/busybox:1")
        until(lambda: self.image(b, "test/busybox:1")["nodes"] == ["a"], "b knows what a has", a, b)
        self.runs(b, "web", "test/busybox:1", "--constraint", "node.name==b")
        self.assertEqual(self.job(b, "web")["image"], "test/busybox:1@" + digest)
        self.assertEqual(self.healthy_on(b, "web"), ["b"])
        until(lambda: sorted(self.image(a, "test/busybox:1")["nodes"]) == ["a", "b"], "a hears that b has it", a, b)
        self.assertEqual(self.image(a, "test/busybox:1")["jobs"], ["web"])
        # Needs nobody any more, also over a restart.
        a.kill()
        b.kill()
        b.start()
        self.runs(b, "more", "test/busybox:1", "--constraint", "node.name==b")

    def test_a_name_that_moves_on_changes_no_job(self):
        a = self.with_containerd("a").start()
        self.assertEqual(a.cli("init").code, 0)
        name = "test/busybox:1"
        first = next(one for one in self.load(a, IMAGE) if one["name"] == name)
        self.runs(a, "old", name)
        before = self.stores["a"].pids()
        with open(SAVED, "rb") as file:
            second = self.load(a, "-", "--name", name, stdin=file.read())[0]
        self.assertNotEqual(first["digest"], second["digest"])
        self.assertEqual(a.cli("scale", "old=2").code, 0)
        self.assertEqual(self.job(a, "old")["image"], name + "@" + first["digest"])
        self.assertLessEqual(before.items(), self.stores["a"].pids().items())
        self.runs(a, "new", name)
        self.assertEqual(self.job(a, "new")["image"], name + "@" + second["digest"])

    def test_names_go_on_request_and_bytes_when_nothing_needs_them(self):
        a = self.with_containerd("a").start()
        self.assertEqual(a.cli("init").code, 0)
        self.load(a, IMAGE)
        self.runs(a, "web", "test/busybox:1")
        refused = a.cli("image", "rm", "test/busybox:1")
        self.assertEqual(refused.code, 6, refused)
        self.assertIn("used by job web", refused.err)
        self.assertEqual(a.cli("rm", "web", "-y").code, 0)
        self.assertEqual(a.cli("image", "rm", "test/busybox:1").code, 0)
        for image in a.api("GET", "/v1/images")[1]:
            if image["name"]:
                self.assertEqual(a.cli("image", "rm", image["name"]).code, 0)
        until(lambda: a.cli("image", "prune").code == 0 and a.api("GET", "/v1/images")[1] == [],
              "what nobody needs is gone", a)
        self.assertEqual(self.stores["a"].ctr("images", "list", "-q"), "")

    def test_what_nobody_has_is_refused_at_once(self):
        a = self.with_containerd("a").start()
        self.assertEqual(a.cli("init").code, 0)
        ran = a.cli("run", "--name", "web", "nowhere/app")
        self.assertEqual(ran.code, 1, ran)
        self.assertIn("shoal image load FILE --name nowhere/app:latest", ran.err)
        self.assertIsNone(self.job(a, "web"))
        ran = a.cli("run", "No Image")
        self.assertEqual(ran.code, 1, ran)
        self.assertIn("expected [REGISTRY/]NAME[:TAG]", ran.err)

    def test_what_is_no_image_is_said(self):
        a = self.with_containerd("a").start()
        self.assertEqual(a.cli("init").code, 0)
        for text, word in ((b"", "nothing in it"), (b"not a tar file" * 100, "")):
            ran = a.cli("image", "load", "-", stdin=text)
            self.assertEqual(ran.code, 1, ran)
            self.assertIn(word, ran.err)
        self.assertEqual(a.cli("image", "load", "/nonexistent.tar").code, 1)
        self.assertEqual(a.api("GET", "/v1/images")[1], [])
        self.assertEqual(os.listdir(os.path.join(a.data, "spool")), [])

    def test_a_holder_that_is_gone_is_said(self):
        a, b = self.two()
        self.load(a, IMAGE)
        until(lambda: self.image(b, "test/busybox:1")["nodes"] == ["a"], "b knows what a has", a, b)
        a.kill()
        self.all_see([b], a, "agent-down")
        self.assertEqual(b.cli("run", "-d", "--name", "web", "test/busybox:1").code, 0)
        until(lambda: "no node that can be reached holds it" in str(self.job(b, "web")), "the reason is shown", b)
        a.start()
        until(lambda: len(self.healthy_on(b, "web")) == 1, "it runs once a is back", a, b, deadline=180)


if __name__ == "__main__":
    main()
