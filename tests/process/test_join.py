"""Joining with the wrong token, through names, and through addresses that lead nowhere."""
import base64
import hashlib

from harness import ProcessTest, main, until


def forged(token, change):
    """The token with its body changed and its checksum right again."""
    prefix, text = token.split("-", 1)
    body = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[:-4])
    change(body)
    whole = bytes(body) + hashlib.blake2b(bytes(body), digest_size=16).digest()[:4]
    return prefix + "-" + base64.urlsafe_b64encode(whole).decode().rstrip("=")


def other_key(body):
    body[20] ^= 0xFF


class Join(ProcessTest):
    def founded(self, name):
        node = self.node(name).start()
        self.assertEqual(node.cli("init").code, 0)
        return node

    def join(self, node, token, *words):
        return node.cli("join", *words, "--token-file", "-", stdin=token.encode())

    def test_the_wrong_key_is_told_to_both_sides_and_a_reset_mends_it(self):
        a, b = self.founded("a"), self.node("b").start()
        token = self.token_of(a)
        ran = self.join(b, forged(token, other_key), a.address)
        self.assertEqual(ran.code, 1, ran)
        self.assertIn(f"this token's key is not the key of the cluster at {a.address}", ran.err)
        self.assertIn("shoal reset", ran.err)
        self.assertIn(f"not the key of the cluster at {a.address}", b.cli("status").out)
        until(lambda: "a packet that this cluster's key does not open" in a.read_log(), "a says so", a)
        self.assertEqual(list(a.standings()), ["a"])
        again = self.join(b, token, a.address)
        self.assertEqual(again.code, 6, again)
        self.assertIn("under another key", again.err)
        self.assertEqual(b.cli("reset", "-y").code, 0)
        self.assertEqual(self.join(b, token, a.address).code, 0)
        self.all_see([a, b], b, "alive")

    def test_the_token_of_another_cluster_is_told(self):
        a, other, b = self.founded("a"), self.founded("other"), self.node("b").start()
        ran = self.join(b, self.token_of(other), a.address)
        self.assertEqual(ran.code, 1, ran)
        self.assertIn(f"{a.address} belongs to another cluster than this token", ran.err)
        until(lambda: "a node of another cluster" in a.read_log(), "a says so", a)

    def test_a_mistyped_or_cut_token_is_told_before_anything_is_tried(self):
        a, b = self.founded("a"), self.node("b").start()
        token = self.token_of(a)
        wrong = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
        for text, said in ((wrong, "checksum"), (token[:-5], "truncated"), ("hello", "no join token")):
            ran = self.join(b, text, a.address)
            self.assertEqual(ran.code, 1, ran)
            self.assertIn(said, ran.err)
            self.assertNotIn(text, ran.err)
            self.assertEqual(b.api("GET", "/v1/status")[1]["state"], "idle")

    def test_a_name_is_a_seed_too(self):
        a, b = self.founded("a"), self.node("b").start()
        ran = self.join(b, self.token_of(a), f"localhost:{a.port}")
        self.assertEqual(ran.code, 0, ran)
        self.all_see([a, b], b, "alive")

    def test_one_good_seed_is_enough_and_the_bad_ones_are_explained(self):
        a, b, c = self.founded("a"), self.node("b").start(), self.node("c").start()
        nobody = f"127.0.0.1:{self.node('nobody').port}"
        ran = self.join(b, self.token_of(a), "no-such-host.invalid", nobody, "--timeout", "1s")
        self.assertEqual(ran.code, 5, ran)
        self.assertIn("no-such-host.invalid: ", ran.err)
        self.assertIn(f"{nobody}: ", ran.err)
        until(lambda: f"seed {nobody}: Connection refused" in b.cli("status").out and
              "seed no-such-host.invalid: cannot be resolved" in b.cli("status").out,
              f"the status says why: {b.cli('status').out}", b)
        ran = self.join(c, self.token_of(a), "no-such-host.invalid", nobody, a.address)
        self.assertEqual(ran.code, 0, ran)
        self.all_see([a, c], c, "alive")


if __name__ == "__main__":
    main()
