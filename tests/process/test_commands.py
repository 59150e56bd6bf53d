"""The everyday commands against real agents with the fake runtime."""
import json
import os
import signal
import subprocess
from harness import ProcessTest, SHOAL, main, until


class Commands(ProcessTest):
    def alone(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        return a

    def test_run_through_another_node_waits_and_says_what_runs_where(self):
        a, b = self.cluster("a", "b")
        ran = a.cli("run", "--node", "b", "--name", "web", "--replicas", "3", "-p", "8080", "-e", "K=v",
                    "example/web:1", "serve", "--fast")
        self.assertEqual(ran.code, 0, ran)
        for name in ("web.0", "web.1", "web.2"):
            self.assertIn(f"{name} healthy on ", ran.err)
            self.assertIn(name, ran.out)
        self.assertIn("next: shoal ps web", ran.out)
        job = self.job(a, "web")
        self.assertEqual((job["command"], job["environment"]), (["serve", "--fast"], {"K": "v"}))

        slots = a.cli("ps", "-o", "json").json()
        self.assertEqual([(s["job"], s["index"], s["state"]) for s in slots],
                         [("web", i, "healthy") for i in range(3)])
        self.assertEqual(b.cli("ps", "web", "-q").out, "web.0\nweb.1\nweb.2\n")
        self.assertIn("8080", a.cli("ls").out)
        self.assertIn("3/3", a.cli("ls").out)
        self.assertIn("standing", a.cli("inspect", "b").out)
        self.assertIn("generation", a.cli("inspect", "web").out)

    def test_a_name_that_exists_is_a_conflict_and_the_same_submission_is_not(self):
        a, b = self.cluster("a", "b")
        submission = "00112233445566778899aabbccddeeff"
        first = a.cli("run", "-d", "--name", "web", "--submission", submission, "example/web", "-o", "json")
        self.assertEqual(first.code, 0, first)
        until(lambda: self.job(b, "web"), "b has heard of it", b)
        again = b.cli("run", "-d", "--name", "web", "--submission", submission, "example/web", "-o", "json")
        self.assertEqual(again.code, 0, again)
        self.assertEqual(again.json()["generation"], first.json()["generation"])
        other = b.cli("run", "-d", "--name", "web", "example/web")
        self.assertEqual(other.code, 6, other)
        self.assertIn("shoal inspect web", other.err)
        made = [a.cli("run", "-d", "-q", "example/web").out.strip() for _ in range(2)]
        self.assertEqual(len(set(made)), 2, made)
        self.assertTrue(all(name.startswith("web-") for name in made), made)

    def test_a_crash_loop_is_exit_4_with_its_detail(self):
        a = self.alone()
        ran = a.cli("run", "--name", "loop", "fake/exit:1")
        self.assertEqual(ran.code, 4, ran)
        self.assertIn("loop.0 crashes again and again", ran.err)
        self.assertIn("status 1", ran.err)
        self.assertIsNotNone(self.job(a, "loop"), "it stays until somebody removes it")

    def test_what_ends_well_is_done(self):
        a = self.alone()
        ran = a.cli("run", "--name", "once", "--restart", "never", "fake/exit:0")
        self.assertEqual(ran.code, 0, ran)
        self.assertIn("once.0 complete on a", ran.err)

    def test_a_job_too_big_for_any_node_is_exit_3_with_the_reasons(self):
        a = self.alone()
        ran = a.cli("run", "--name", "big", "--memory", "64GiB", "example/big")
        self.assertEqual(ran.code, 3, ran)
        self.assertIn("64.0 GiB", ran.out)
        self.assertIn("big.0 pending", ran.err)
        self.assertIn("64.0 GiB", a.cli("explain", "big.0").out)
        self.assertEqual(a.cli("explain", "big.1").code, 1)

    def test_an_interrupted_run_goes_on(self):
        a = self.alone()
        environment = dict(os.environ, SHOAL_ADDR="unix://" + a.socket)
        # Far more memory than there is, and a time to hope, so that it is still waiting.
        process = subprocess.Popen([SHOAL, "run", "--name", "big", "--memory", "64GiB", "--timeout", "10m",
                                    "example/big"], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        said = b""
        while b"big.0 pending" not in said:  # it waits, and no longer dies of a signal
            line = process.stderr.readline()
            self.assertTrue(line, said)
            said += line
        process.send_signal(signal.SIGINT)
        said += process.communicate(timeout=60)[1]
        self.assertEqual(process.returncode, 130, said)
        self.assertIn(b"stopped waiting; big goes on", said)
        self.assertIsNotNone(self.job(a, "big"))

    def test_scale_waits_and_rm_takes_several(self):
        a, b = self.cluster("a", "b")
        for name in ("one", "two"):
            self.apply(a, name=name, image="example/x", replicas=1)
        ran = b.cli("scale", "one=3", "two=0", "-o", "json")
        self.assertEqual(ran.code, 0, ran)
        self.assertEqual([(j["name"], j["healthy"]) for j in ran.json()], [("one", 3), ("two", 0)])
        self.assertEqual(b.cli("rm", "one", "two").code, 2, "asks, and nobody is there to answer")
        self.assertEqual(b.cli("rm", "one", "two", "-y").code, 0)
        until(lambda: a.cli("ls", "-q").out == "" and a.cli("ps", "-q").out == "", "both are gone", a)
        self.assertEqual(b.cli("rm", "one", "-y").code, 1)

    def test_every_slot_of_every_job_is_listed(self):
        a = self.alone()
        self.assertEqual(a.api("GET", "/v1/slots"), (200, []))
        self.assertEqual(a.api("POST", "/v1/slots", {})[0], 405)
        self.apply(a, name="web", image="example/web", replicas=2, ports=["9000:80/udp"])
        until(lambda: len(self.healthy_on(a, "web")) == 1, "one has the port", a)
        slots = a.api("GET", "/v1/slots")[1]
        self.assertEqual(sorted(s["state"] for s in slots), ["healthy", "pending"])
        self.assertEqual({s["job"] for s in slots}, {"web"})
        self.assertEqual(a.api("GET", "/v1/jobs")[1][0]["ports"], ["9000:80/udp"])

    def test_doctor_works_with_and_without_an_agent(self):
        a = self.alone()
        checks = {c["check"]: c for c in a.cli("doctor", "-o", "json").json()}
        self.assertEqual(len(checks), 9)
        self.assertEqual(checks["agent"]["state"], "ok", checks)
        self.assertEqual(checks["data"], {"check": "data", "state": "ok", "fix": "",
                                          "finding": checks["data"]["finding"]})
        self.assertIn(a.data, checks["data"]["finding"])
        self.assertIn("mode 0700", checks["data"]["finding"])
        a.kill()
        ran = a.cli("doctor")
        self.assertEqual(ran.code, 1, ran)
        self.assertIn("the agent has ended", ran.out)
        os.unlink(a.socket)
        checks = json.loads(a.cli("doctor", "-o", "json").out)
        self.assertEqual((checks[0]["check"], checks[0]["state"]), ("agent", "failed"))
        self.assertIn("no agent runs", checks[0]["finding"])


if __name__ == "__main__":
    main()
