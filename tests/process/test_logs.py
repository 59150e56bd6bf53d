"""`shoal logs` against real agents with the fake runtime, whose containers' files a test adds to as a
shim would."""
import glob
import json
import os
import subprocess

from harness import ProcessTest, SHOAL, main, until


class Logs(ProcessTest):
    def talks(self, node, name, replicas):
        self.apply(node, name=name, image="fake/talk", replicas=replicas)
        until(lambda: len(self.healthy_on(node, name)) == replicas, f"{name} runs", node)

    def files(self, node, name, stream="stdout"):
        return sorted(glob.glob(f"{node.data}/logs/{name}/*/{stream}"))

    def write(self, path, text):
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)

    def follow(self, node, *arguments):
        """`shoal logs -f`, its output in a file."""
        path = os.path.join(self.root, "followed")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("SHOAL_")}
        environment["SHOAL_ADDR"] = "unix://" + node.socket
        with open(path, "wb") as out:
            process = subprocess.Popen([SHOAL, "logs", "-f", *arguments], env=environment, stdout=out,
                                       stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def read():
            self.assertIsNone(process.poll(), "it ended")
            with open(path, encoding="utf-8") as file:
                return file.read()
        return read

    def test_lines_of_all_replicas_and_nodes_are_merged_from_any_node(self):
        a, b = self.cluster("a", "b")
        self.talks(a, "web", 4)
        self.assertEqual(set(self.healthy_on(a, "web")), {"a", "b"})
        places = {s["index"]: s["node"] for s in self.job(a, "web")["slots"]}
        for node in (a, b):
            ran = node.cli("logs", "web")
            self.assertEqual((ran.code, ran.err), (0, ""), ran)
            self.assertEqual(sorted(ran.out.splitlines()), sorted(
                line for slot, place in places.items() for line in (
                    f"web.{slot}@{place} | web.{slot} says hello", f"web.{slot}@{place} | web.{slot} is up",
                    f"web.{slot}@{place} ! web.{slot} has something to complain about")))
        ran = a.cli("logs", "web.2", "-o", "json")
        documents = [json.loads(line) for line in ran.out.splitlines()]
        self.assertEqual({(d["slot"], d["node"]) for d in documents}, {(2, places[2])})
        self.assertEqual([d["at"] for d in documents], sorted(d["at"] for d in documents))
        self.assertEqual(len(a.cli("logs", "web", "-n", "5").out.splitlines()), 5)
        self.assertEqual(a.cli("logs", "web", "--since", "365d").out.count("\n"), 12)
        self.assertEqual(a.cli("logs", "web", "--since", "2100-01-01T00:00:00Z").out, "")

    def test_following_sees_new_lines_once_over_a_kill_and_a_truncation(self):
        a, b = self.cluster("a", "b")
        self.talks(a, "web", 2)
        until(lambda: set(self.healthy_on(a, "web")) == {"a", "b"}, "one on each", a)
        read = self.follow(a, "web", "-n", "1")
        until(lambda: read().count("\n") == 1, "it begins with the last line", a)
        (of_b,) = self.files(b, "web")
        self.write(of_b, "before the kill\n")
        until(lambda: "before the kill" in read(), "the line is followed", a)
        b.kill()
        self.write(of_b, "while it was down\n")
        until(lambda: "b cannot be asked" in read(), "the absence is told", a)
        b.start()
        until(lambda: "while it was down" in read(), "the line comes later", a, b)
        os.truncate(of_b, 0)
        # What is gone is known once the agent has seen the file short.
        until(lambda: glob.glob(of_b + ".[0-9]*"), "the truncation is noticed", b)
        self.write(of_b, "behind the truncation\n")
        until(lambda: "behind the truncation" in read(), "the file goes on", a, b)
        followed = read()
        for line in ("before the kill", "while it was down", "behind the truncation"):
            self.assertEqual(followed.count(line), 1, followed)
        self.assertEqual(len([x for x in followed.splitlines() if x.startswith("web.")]), 4, followed)
        self.assertEqual(followed.count("b cannot be asked"), 1, followed)

    def test_a_replica_that_moves_is_followed_to_its_new_node(self):
        a, b, c = self.cluster("a", "b", "c")
        self.talks(a, "web", 1)
        (place,) = self.healthy_on(a, "web")
        here = next(n for n in (a, b, c) if n.name == place)
        other = next(n for n in (a, b, c) if n.name != place)
        read = self.follow(other, "web")
        until(lambda: f"web.0@{place} | web.0 is up" in read(), "it is followed where it is", other)
        here.kill()
        until(lambda: any(f"web.0@{n} | web.0 is up" in read() for n in {"a", "b", "c"} - {place}),
              "it is followed where it went", other)

    def test_logs_outlive_their_containers_and_their_job(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        ran = a.cli("logs", "web")
        self.assertEqual(ran.code, 1, ran)
        self.assertIn("there is no job 'web'", ran.err)
        self.talks(a, "web", 1)
        self.assertEqual(a.cli("rm", "web", "-y").code, 0)
        until(lambda: "says goodbye" in a.cli("logs", "web").out, "its last words are there", a)
        self.assertEqual(self.job(a, "web"), None)
        a.kill()
        a.start()
        self.assertIn("web.0@a | web.0 says hello\n", a.cli("logs", "web").out)
        self.assertEqual(a.cli("reset", "-y").code, 0)
        self.assertFalse(os.path.exists(a.data + "/logs"), "a reset leaves nothing of the cluster")

    def test_a_crash_loop_shows_the_last_words(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        ran = a.cli("run", "--name", "loop", "fake/exit:3")
        self.assertEqual(ran.code, 4, ran)
        self.assertIn("! fake: exits with status 3\n", ran.err)
        self.assertLessEqual(ran.err.count("! fake:"), 10)
        self.assertIn("shoal logs loop.0", ran.err)

    def test_the_api_waits_for_a_line_and_refuses_nonsense(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        self.talks(a, "project/web", 1)
        path = "/v1/logs/project/web"
        status, page = a.api("GET", path)
        self.assertEqual((status, len(page["lines"]), page["more"]), (200, 3, False), page)
        self.assertEqual([c["live"] for c in page["containers"]], [True])
        status, nothing = a.api("GET", f"{path}?cursor={page['cursor']}")
        self.assertEqual((status, nothing["lines"], nothing["cursor"]), (200, [], page["cursor"]))
        (file,) = self.files(a, "project/web")
        # Whichever comes first, the question or the line: the answer is the same.
        waiting = subprocess.Popen(["sh", "-c", 'sleep 1; printf "%s\\n" bell >> "$1"', "sh", file])
        self.addCleanup(waiting.wait)
        status, rung = a.api("GET", f"{path}?cursor={page['cursor']}&wait_ms=30000", timeout=60)
        self.assertEqual((status, [line["text"] for line in rung["lines"]]), (200, ["bell"]))
        for query in ("cursor=x", "slot=-1", "slot=4294967296", "tail=x", "tail=10001", "since=yesterday",
                      "wait_ms=30001"):
            status, answer = a.api("GET", f"{path}?{query}")
            self.assertEqual((status, answer["error"]["code"]), (400, "malformed"), (query, answer))
            self.assertIn(query.split("=")[0], answer["error"]["message"])
        for name in ("..", "../identity.key", "Web", "a//b", ""):
            self.assertIn(a.api("GET", "/v1/logs/" + name)[0], (400, 404), name)
        self.assertEqual(a.api("POST", path, {})[0], 405)


if __name__ == "__main__":
    main()
