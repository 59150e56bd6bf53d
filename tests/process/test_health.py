"""Checks and order on real agents with the fake runtime, whose checks look for files."""
import os

from harness import ProcessTest, main, until


def check(path, **more):
    return {"test": ["CMD", "test", "-e", path], "interval_ms": 200, "start_interval_ms": 100, "retries": 2, **more}


SHOP = """
name: shop
services:
  web:
    image: example/web
    depends_on:
      db: {{condition: service_healthy}}
      migrate: {{condition: service_completed_successfully}}
  migrate:
    image: fake/exit:0
    depends_on: [db]
  db:
    image: example/db
    healthcheck: {{test: test -e {ready}, interval: 200ms, start_interval: 100ms}}
"""


class Health(ProcessTest):
    def setUp(self):
        super().setUp()
        self.ready = os.path.join(self.root, "ready")

    def get_ready(self):
        with open(self.ready, "w", encoding="utf-8"):
            pass

    def slot(self, node, name):
        return (self.job(node, name) or {"slots": [{}]})["slots"][0]

    def comes_to(self, asked, name, **wanted):
        until(lambda: all(self.slot(asked, name).get(key) == value for key, value in wanted.items()),
              f"{name} comes to {wanted}, is {self.slot(asked, name)}", asked)

    def test_a_replica_is_healthy_when_its_check_passes_and_restarted_when_it_fails(self):
        a, b = self.cluster("a", "b")
        self.apply(a, name="web", image="example/web", health=check(self.ready))
        self.comes_to(b, "web", state="starting", health="starting")
        self.assertEqual(b.api("GET", "/v1/jobs")[1][0]["healthy"], 0)
        self.get_ready()
        self.comes_to(b, "web", state="healthy", health="healthy", restarts=0)
        os.remove(self.ready)
        until(lambda: self.slot(b, "web")["restarts"] > 0, "it is started again", b)
        self.assertIn("its check failed 2 times: there is no", b.cli("inspect", "web").out + self.slot(b, "web")["detail"])
        self.get_ready()
        self.comes_to(b, "web", state="healthy")

    def test_a_check_that_hangs_is_a_check_that_fails(self):
        (a,) = self.cluster("a")
        self.apply(a, name="web", image="example/web", restart="never",
                   health={"test": ["CMD", "sleep", "9"], "timeout_ms": 100, "interval_ms": 100, "retries": 1})
        self.comes_to(a, "web", state="unhealthy", health="unhealthy", restarts=0)
        inspected = a.cli("inspect", "web").out
        self.assertIn("took longer than 100 ms", inspected)
        self.assertIn("its restart is never", inspected)

    def test_an_image_may_bring_a_check_and_a_job_may_refuse_it(self):
        (a,) = self.cluster("a")
        self.apply(a, name="web", image=f"fake/checked:{self.ready}")
        self.comes_to(a, "web", state="starting", health="starting")
        self.apply(a, name="free", image=f"fake/checked:{self.ready}", health={"test": ["NONE"]})
        self.comes_to(a, "free", state="healthy", health="none")
        self.get_ready()
        self.comes_to(a, "web", state="healthy")

    def test_a_healthy_replica_stays_so_over_a_restart_of_its_agent(self):
        (a,) = self.cluster("a")
        self.get_ready()
        self.apply(a, name="web", image="example/web", health=check(self.ready, interval_ms=60_000))
        self.comes_to(a, "web", state="healthy")
        a.kill()
        os.remove(self.ready)
        a.start()
        # Asked at once; one failure is not yet one too many, and until then the word of before stands.
        self.comes_to(a, "web", state="healthy", health="healthy", check_failures=1, restarts=0)

    def test_a_project_comes_up_in_order_and_says_what_it_waits_for(self):
        a, b = self.cluster("a", "b")
        shop = SHOP.format(ready=self.ready).encode()
        ran = b.cli("up", "-y", "-d", "-", stdin=shop)
        self.assertEqual(ran.code, 0, ran)
        self.comes_to(a, "shop%2Fdb", state="starting")
        self.comes_to(a, "shop%2Fmigrate", state="complete")  # service_started is enough for it
        self.comes_to(a, "shop%2Fweb", state="waiting", node="")
        for node in (a, b):
            for words in (("ps", "shop/web"), ("explain", "shop/web")):
                self.assertIn("waiting for shop/db to be healthy", node.cli(*words).out)
        self.get_ready()
        ran = a.cli("up", "-y", "-", stdin=shop)
        self.assertEqual(ran.code, 0, ran)
        self.comes_to(b, "shop%2Fweb", state="healthy")

        # What ran once waits for nothing: it moves although its database is ill.
        os.remove(self.ready)
        self.comes_to(b, "shop%2Fdb", state="unhealthy")
        home, other = (a, b) if self.slot(a, "shop%2Fweb")["node"] == "a" else (b, a)
        home.kill()
        self.comes_to(other, "shop%2Fweb", state="healthy", node=other.name)

    def test_up_waits_for_the_database_and_says_so(self):
        (a,) = self.cluster("a")
        shop = SHOP.format(ready=self.ready).encode()
        ran = a.cli("up", "-y", "--timeout", "3s", "-", stdin=shop)
        # Placed, and not well: that is worth more than that its time is over.
        self.assertEqual(ran.code, 4, ran)
        self.assertIn("waiting for shop/db to be healthy", ran.err)

    def test_jobs_that_would_wait_for_each_other_are_refused(self):
        a, b = self.cluster("a", "b")
        self.apply(a, name="web", image="example/web", after=[{"job": "db", "condition": "healthy"}])
        until(lambda: self.job(b, "web"), "it is known", b)
        status, answer = b.api("PUT", "/v1/jobs/db", {"name": "db", "image": "example/db", "after": [{"job": "web"}]})
        self.assertEqual(status, 409, answer)
        self.assertIn("db -> web -> db", str(answer))
        status, answer = b.api("PUT", "/v1/jobs/db", {"name": "db", "image": "example/db", "after": [{"job": "db"}]})
        self.assertEqual(status, 400, answer)
        self.assertIn("wait for itself", str(answer))


if __name__ == "__main__":
    main()
