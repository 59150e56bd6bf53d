"""Compose files on real agents with the fake runtime: up, again, changed, down."""
from harness import ProcessTest, main, until

SHOP = b"""
name: shop
services:
  Web:
    image: example/web
    command: serve --port 80 'two words'
    environment: {MODE: 0755, PRICE: 1.50}
    labels: [tier=front]
    ports: ["80", "127.0.0.1:18080:8080/tcp", "5353:53/udp"]
    expose: [9000]
    links: ["db:database"]
    restart: always
    stop_grace_period: 1m30s
    deploy:
      replicas: 2
      resources: {limits: {cpus: "0.25", memory: 32M}}
      placement: {constraints: ["node.hostname!=nobody"], max_replicas_per_node: 1}
  db:
    image: example/db
    restart: on-failure
    x-shoal: {on_partition: keep}
"""
LESS = SHOP[:SHOP.index(b"  db:")].replace(b"replicas: 2", b"replicas: 1").replace(b'    links: ["db:database"]\n', b"")


# Every key that shapes a process, for a node that allows all of them.
MUCH = b"""
name: much
services:
  all:
    image: example/all
    restart: always
    init: true
    user: 1000:1000
    group_add: [audio, "44"]
    working_dir: /srv
    hostname: db
    domainname: fish.example
    stop_signal: SIGUSR1
    tty: true
    stdin_open: true
    read_only: true
    privileged: true
    cap_add: [cap_net_admin, CHOWN]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:false"]
    sysctls: {net.core.somaxconn: 1024}
    ulimits: {nofile: {soft: 10, hard: 20}, memlock: -1}
    pids_limit: 100
    cpu_shares: 512
    mem_limit: 64m
    memswap_limit: 128m
    shm_size: 1m
    oom_score_adj: -5
    tmpfs: ["/run:size=1m"]
    extra_hosts: ["here:host-gateway"]
    dns: 10.0.0.53
    dns_search: [a.example]
    dns_opt: [ndots:2]
    deploy: {placement: {preferences: [{spread: node.labels.rack}]}}
"""


class Compose(ProcessTest):
    def up(self, node, text, *more):
        ran = node.cli("up", "-y", "-", *more, stdin=text)
        self.assertEqual(ran.code, 0, ran)
        return ran

    def test_a_project_comes_up_stays_changes_and_goes(self):
        a, b = self.cluster("a", "b")
        ran = self.up(a, SHOP)
        self.assertIn("shop/web.1", ran.out)
        self.assertEqual(set(self.healthy_on(b, "shop%2Fweb")), {"a", "b"})
        job = self.job(b, "shop%2Fweb")
        self.assertEqual(job["command"], ["serve", "--port", "80", "two words"])
        self.assertEqual(job["environment"], {"MODE": "0755", "PRICE": "1.50"})
        self.assertEqual(job["memory"], 32 << 20)
        self.assertEqual((job["aliases"], job["links"]), (["Web"], {"database": "shop/db"}))
        # Those for siblings on other nodes are nobody else's affair.
        self.assertEqual([len(slot["ports"]) for slot in job["slots"]], [3, 3])

        # At another node, and nothing to do: what a node answers is what a file becomes.
        again = self.up(b, SHOP, "-d")
        self.assertEqual(again.out, "job 'shop/web' as it should be\njob 'shop/db' as it should be\n")

        self.up(b, LESS)
        until(lambda: self.job(a, "shop%2Fdb") is None, "the db left the file and the cluster", a)
        self.assertEqual(self.job(a, "shop%2Fweb")["replicas"], 1)

        gone = a.cli("down", "-y", "-p", "shop")
        self.assertEqual(gone.code, 0, gone)
        until(lambda: self.job(b, "shop%2Fweb") is None, "the project is gone", b)
        self.assertEqual(b.cli("down", "-p", "shop").out, "nothing of project 'shop' runs\n")

    def test_all_that_shapes_a_process_comes_back_as_it_went_where_it_is_allowed(self):
        a = self.node("a").start()
        self.assertEqual(a.cli("init").code, 0)
        ran = a.cli("up", "-y", "-", stdin=MUCH)
        self.assertEqual(ran.code, 1, ran)
        self.assertIn("services.all.privileged: reaches beyond its container", ran.err)
        self.assertIn("--allow-privileged", ran.err)
        self.assertIsNone(self.job(a, "much%2Fall"), "nothing was written")
        self.apply(a, name="much", image="example/all", process={"privileged": True})
        until(lambda: "allows no privileges" in a.cli("explain", "much").out, "explain says it", a)

        a.kill()
        a.start("--allow-privileged")
        until(lambda: self.healthy_on(a, "much") == ["a"], "what waited runs", a)
        self.up(a, MUCH)
        again = self.up(a, MUCH, "-d")
        self.assertEqual(again.out, "job 'much/all' as it should be\n")
        process = self.job(a, "much%2Fall")["process"]
        self.assertEqual((process["cap_add"], process["memswap_limit"]), (["CHOWN", "NET_ADMIN"], 128 << 20))

    def test_up_shows_what_will_be_what_is_in_the_way_and_where_it_is(self):
        a, b = self.cluster("a", "b")
        self.up(a, SHOP)
        text = b"""
name: other
services:
  web: {image: example/web, restart: always, ports: ["5353:53/udp", "18080:80", "81"], deploy: {replicas: 1}}
"""
        ran = a.cli("up", "-y", "-d", "-", stdin=text)
        self.assertEqual(ran.code, 0, ran)
        self.assertIn("  create web: 1 replica of example/web\n    ports    5353:53/udp, 18080:80, 81\n", ran.err)
        for port in ("5353/udp", "18080"):
            self.assertIn(f"warning: other/web: port {port} is taken on every node that could run it, by shop/web on a, b", ran.err)
        self.assertEqual(a.cli("down", "-y", "-p", "other").code, 0)

        again = self.up(a, SHOP)
        self.assertIn("  keep Web: 2 replicas of example/web\n", again.err)
        self.assertIn("    now on   a, b\n", again.err)
        self.assertRegex(again.out, r"shop/web\.[01]  http://127\.\S+:\d+\n")
        self.assertIn("http://127.0.0.1:18080\n", again.out)
        self.assertIn(":5353/udp\n", again.out)
        self.assertIn("next: shoal ps · shoal logs -f shop/web · shoal down -p shop\n", again.out)


if __name__ == "__main__":
    main()
