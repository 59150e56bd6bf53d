"""Forming, losing and regaining a cluster of real agents."""
import signal

from harness import ProcessTest, main, until


class Cluster(ProcessTest):
    def test_three_nodes_join_by_one_seed_and_survive_a_kill_and_a_restart(self):
        a, b, c = self.cluster("a", "b", "c")
        b.kill()
        self.all_see([a, c], b, "agent-down")
        b.start()
        self.all_see([a, b, c], b, "alive")

    def test_a_restarted_node_needs_no_seed(self):
        a, b = self.cluster("a", "b")
        b.kill()
        b.start()
        self.all_see([a, b], b, "alive")
        self.all_see([a, b], a, "alive")

    def test_everything_power_cycled_comes_back(self):
        nodes = self.cluster("a", "b", "c")
        for node in nodes:
            node.kill()
        for node in nodes:
            node.start()
        for node in nodes:
            self.all_see(nodes, node, "alive")

    def test_a_stopped_process_is_unreachable_and_returns_when_it_goes_on(self):
        a, b, c = self.cluster("a", "b", "c")
        b.signal(signal.SIGSTOP)
        self.all_see([a, c], b, "unreachable")
        b.signal(signal.SIGCONT)
        self.all_see([a, c], b, "alive")
        self.all_see([b], a, "alive")

    def test_terminated_ends_cleanly_and_says_so_first(self):
        a, b = self.cluster("a", "b")
        self.assertEqual(b.terminate(), 0)
        self.all_see([a], b, "agent-down")
        b.start()
        self.all_see([a], b, "alive")

    def test_leaving_is_for_good(self):
        a, b = self.cluster("a", "b")
        ran = b.cli("leave", "-y")
        self.assertEqual(ran.code, 0, ran)
        self.all_see([a], b, "left")

    def test_init_and_join_are_idempotent_and_refuse_another_cluster(self):
        a, b = self.cluster("a", "b")
        self.assertEqual(a.cli("init").code, 0)
        token = self.token_of(a)
        again = b.cli("join", a.address, "--token-file", "-", stdin=token.encode())
        self.assertEqual(again.code, 0, again)
        other = self.node("other").start()
        self.assertEqual(other.cli("init").code, 0)
        refused = b.cli("join", other.address, "--token-file", "-", stdin=self.token_of(other).encode())
        self.assertNotEqual(refused.code, 0)
        for node in (a, other):
            cluster = node.api("GET", "/v1/status")[1]["cluster"]
            self.assertIn(cluster[:8], refused.err)

    def test_a_seed_that_is_not_there_yet_is_tried_until_it_is(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        token = self.token_of(a)
        a.kill()
        b = self.node("b").start()
        ran = b.cli("join", a.address, "--token-file", "-", "--timeout", "3s", stdin=token.encode())
        self.assertIn(a.address, ran.err + ran.out)
        a.start()
        self.all_see([a, b], b, "alive")

    def test_agent_flags_form_a_cluster_without_the_cli(self):
        a = self.node("a").start("--init")
        token_file = self.root + "/token"
        with open(token_file, "w", encoding="ascii") as out:
            out.write(self.token_of(a))
        b = self.node("b").start("--join", a.address, "--token-file", token_file)
        self.all_see([a, b], b, "alive")


if __name__ == "__main__":
    main()
