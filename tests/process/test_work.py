"""Jobs on real agents with the fake runtime: placed, replaced, scaled, explained, remembered."""
from harness import ProcessTest, main, until


class Work(ProcessTest):
    def healthy(self, node, name, count, where=None):
        until(lambda: len(self.healthy_on(node, name)) == count and
              (where is None or set(self.healthy_on(node, name)) <= set(where)),
              f"{name} has {count} healthy replicas, has {self.job(node, name)}", node)

    def test_replicas_are_placed_from_any_node_and_replaced_when_one_dies(self):
        a, b, c = self.cluster("a", "b", "c")
        self.apply(c, name="web", image="example/web", replicas=6)
        for node in (a, b, c):
            self.healthy(node, "web", 6)
        self.assertEqual(set(self.healthy_on(a, "web")), {"a", "b", "c"})
        b.kill()
        self.healthy(a, "web", 6, where=["a", "c"])
        b.start()
        self.healthy(b, "web", 6)

    def test_scaling_and_deleting_start_and_stop_what_they_must(self):
        a, b = self.cluster("a", "b")
        self.apply(a, name="web", image="example/web", replicas=2)
        self.healthy(b, "web", 2)
        self.assertEqual(b.cli("job", "scale", "web=4").code, 0)
        self.healthy(a, "web", 4)
        self.assertEqual(a.cli("job", "scale", "web=1").code, 0)
        self.healthy(b, "web", 1)
        self.assertEqual(b.cli("job", "rm", "web", "-y").code, 0)
        until(lambda: self.job(a, "web") is None, "web is gone", a)

    def test_a_global_job_is_on_each_node_and_on_those_that_join(self):
        a, b = self.cluster("a", "b")
        ran = a.cli("run", "--global", "--name", "logs", "--constraint", "node.name != c", "example/logs")
        self.assertEqual(ran.code, 0, ran)
        self.assertEqual(sorted(self.healthy_on(b, "logs")), ["a", "b"])
        names = b.cli("ps", "logs", "-o", "name").out.split()
        self.assertEqual(sorted(names), ["logs@a", "logs@b"])
        self.assertEqual(a.cli("scale", "logs=3").code, 1)
        before = self.job(a, "logs")["slots"]
        c, d = self.node("c").start(), self.node("d").start()
        for node in (c, d):
            joined = node.cli("join", a.address, "--token-file", "-", stdin=self.token_of(a).encode())
            self.assertEqual(joined.code, 0, joined)
        until(lambda: sorted(self.healthy_on(d, "logs")) == ["a", "b", "d"], "d has one, c has none", a, d)
        kept = {(slot["node"], slot["index"], slot["epoch"]) for slot in self.job(a, "logs")["slots"]}
        self.assertLessEqual({(slot["node"], slot["index"], slot["epoch"]) for slot in before}, kept)
        b.kill()
        until(lambda: self.job(a, "logs")["replicas"] == 2, "b is not counted while it is away", a)
        b.start()
        until(lambda: sorted(self.healthy_on(d, "logs")) == ["a", "b", "d"], "b has its own again", a, b, d)

    def test_a_job_may_be_called_as_the_api_calls_what_it_does(self):
        (node,) = self.cluster("a")
        for name in ("shop/explain", "shop/scale"):
            self.apply(node, name=name, image="example/app:1")
            until(lambda: len(self.healthy_on(node, name)) == 1, f"{name} runs", node)
            self.assertEqual(self.job(node, name)["name"], name)
            self.assertEqual(node.cli("scale", f"{name}=2").code, 0)
            self.assertEqual(node.api("GET", f"/v1/jobs/{name}/explain")[1]["name"], name)

    def test_a_job_too_big_for_any_node_is_pending_with_numbers(self):
        a, b = self.cluster("a", "b")
        self.apply(a, name="big", image="example/big", replicas=1, memory="64GiB")
        until(lambda: "big" in a.cli("explain", "big").out and
              all(n in a.cli("explain", "big").out for n in ("a", "b", "GiB")),
              "explain names both nodes and the sizes", a)
        self.assertEqual(self.healthy_on(a, "big"), [])

    def test_a_node_whose_agent_was_killed_adopts_what_it_runs(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        self.apply(a, name="web", image="example/web", replicas=2)
        self.healthy(a, "web", 2)
        before = {(s["index"], s["epoch"]) for s in self.job(a, "web")["slots"]}
        a.kill()
        a.start()
        self.healthy(a, "web", 2)
        self.assertEqual({(s["index"], s["epoch"]) for s in self.job(a, "web")["slots"]}, before)

    def test_what_was_acknowledged_survives_the_death_of_who_accepted_it(self):
        a, b, c = self.cluster("a", "b", "c")
        status, answer = a.api("PUT", "/v1/kv/greeting", {"value": "hello"})
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["acked"], 3)
        a.kill()
        for node in (b, c):
            ran = node.cli("kv", "get", "greeting")
            self.assertEqual((ran.code, ran.out.strip()), (0, "hello"), ran)

    def test_a_crash_loop_backs_off_and_is_visible(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        self.apply(a, name="loop", image="fake/exit:3", replicas=1)
        until(lambda: any("3" in s.get("detail", "") and s.get("restarts", 0) > 0
                          for s in (self.job(a, "loop") or {"slots": []})["slots"]),
              f"the loop shows its exit status and restarts: {self.job(a, 'loop')}", a)


if __name__ == "__main__":
    main()
