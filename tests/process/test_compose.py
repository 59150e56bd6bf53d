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
LESS = SHOP[:SHOP.index(b"  db:")].replace(b"replicas: 2", b"replicas: 1")


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


if __name__ == "__main__":
    main()
