"""The demo itself, act after act, inside its world. Every figure is asked of the shoal program; an act
that does not come true in a minute fails the demo. Tells its figures to whoever holds descriptor argv[1].
"""
import json
import os
import sys
import time

import lab
import left
import make_image
from cluster import BEHIND, JOB, PROJECT, Cluster, Failed, Member
from containerd_process import Containerd
from harness import until

REPLICAS = 6
APIS = 2
# The shells end when told to, which a server as a first process would not.
COMPOSE = f"""
name: {PROJECT}
services:
  web:  # a page that says who made it and what the api, asked by its name, told it
    image: {make_image.NAME}
    command:
      - sh
      - -c
      - |
        trap exit INT TERM
        mkdir /tmp/cgi-bin
        echo '#!/bin/sh
        echo; hostname; timeout 2 wget -q -O - http://api:9000/' > /tmp/cgi-bin/page
        chmod +x /tmp/cgi-bin/page
        httpd -f -p 8000 -h /tmp & wait
    ports: ["8000"]
    restart: always
    deploy: {{replicas: {REPLICAS}}}
  api:
    image: {make_image.NAME}
    command: [sh, -c, "trap exit INT TERM; echo {PROJECT}-api > /tmp/index.html; httpd -f -p 9000 -h /tmp & wait"]
    expose: ["9000"]
    restart: always
    deploy: {{replicas: {APIS}}}
"""
BEGAN = time.monotonic()


def say(text):
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


class Play:
    def __init__(self):
        run_id, folder = os.environ["SHOAL_RUN"], os.environ["TMPDIR"]
        self.archive = os.path.join(folder, "web.tar")
        self.containerd = Containerd()
        self.containerd.start()
        say("a containerd of its own is up")
        hosts = lab.make(run_id, ("n1", "n2", "n3"))
        self.members = [Member(host, self.containerd, folder, run_id) for host in hosts]
        self.cluster = Cluster(self.members)
        self.first, self.second, self.third = self.members

    def boot(self):
        self.cluster.boot()
        say(f"three nodes are a cluster: n2 and n3 joined through {self.first.host.address}")

    def load(self):
        make_image.save_oci(self.archive)
        self.second.load(self.archive)
        say(f"{make_image.NAME}, made of this machine's busybox, is loaded into n2; the others fetch it")

    def submit(self):
        """Waits, as `up` does, until all are healthy and stay so."""
        self.third.shoal("up", "-y", "-", stdin=COMPOSE.encode())
        blind = set(left.of_jobs(self.first)) - left.seen(self.members)
        if blind:
            raise Failed(f"what is left could not be counted: no {', '.join(blind)} are seen while the job runs")
        running = len(self.cluster.healthy(self.third))
        say(f"{running}/{REPLICAS} replicas run, and {APIS} of the api they ask; brought up through n3")
        print(self.third.shoal("ps").out.rstrip(), flush=True)
        return running

    def pages(self):
        """All of them, or the demo fails: a server may need a moment to listen."""
        found = 0

        def all_answer():
            nonlocal found
            found = self.cluster.pages(self.third)
            return found == REPLICAS

        self.cluster.wait("a page from each replica", all_answer)
        say(f"pages fetched from outside, each with an answer of http://api:9000 in it: {found}/{REPLICAS}")
        return found

    def kill_agent(self):
        before = self.first.containers()
        self.first.agent.kill()
        if self.first.containers() != before:
            raise Failed(f"the containers of n1 did not outlive its agent: {before}, {self.first.containers()}")
        self.first.agent.start()
        self.all_run()
        if self.first.containers() != before:
            raise Failed(f"n1 did not adopt its containers: {before}, {self.first.containers()}")
        say(f"n1: agent killed and started again; its {len(before)} containers ran on, pids unchanged")

    def all_run(self):
        """On every node's word three are alive and all replicas run; and nothing else does."""
        def settled():
            return (self.cluster.all_alive() and
                    all(len(self.cluster.healthy(member)) == REPLICAS and
                        len(self.cluster.healthy(member, job=BEHIND)) == APIS for member in self.members) and
                    sum(len(member.containers()) for member in self.members) == REPLICAS + APIS)

        self.cluster.wait(f"three nodes alive, {REPLICAS}/{REPLICAS} run", settled)

    def replaced(self, lost, since):
        """Seconds until n3 lists all replicas healthy without the lost node."""
        self.cluster.wait(f"all replicas run without {lost.name}",
                          lambda: len(self.cluster.healthy(self.third, without=lost)) == REPLICAS)
        return time.monotonic() - since

    def kill_tree(self):
        since = time.monotonic()
        count = self.second.kill_tree()
        took = self.replaced(self.second, since)
        say(f"n2: its whole process tree killed, {count} processes; all replicas run elsewhere after {took:.1f} s")
        self.pages()
        self.second.agent.start()
        self.all_run()
        say(f"n2 is started again: three see three alive, {REPLICAS}/{REPLICAS} run")
        return took

    def cut_host(self):
        since = time.monotonic()
        self.first.host.cut()
        took = self.replaced(self.first, since)
        say(f"n1: link cut, host gone; all replicas run elsewhere after {took:.1f} s")
        self.pages()
        self.first.host.heal()
        self.all_run()
        say(f"link healed: three see three alive, exactly {REPLICAS}/{REPLICAS} run")
        return took

    def remove(self):
        self.third.shoal("down", "-y", "-p", PROJECT)
        try:
            until(lambda: not left.of_all(self.members), "nothing is left of the jobs", deadline=30)
        except AssertionError:
            pass  # Counted in any case, and shown.
        rest = left.of_all(self.members)
        for kind, things in rest.items():
            say(f"LEFT BEHIND {kind}: {' '.join(map(str, things))}")
        say("the project is removed")
        return sum(len(things) for things in rest.values())


def main():
    play = Play()
    play.boot()
    play.load()
    figures = {"running": play.submit(), "pages": play.pages()}
    play.kill_agent()
    figures["tree"] = play.kill_tree()
    figures["cut"] = play.cut_host()
    figures["left"] = play.remove()
    with os.fdopen(int(sys.argv[1]), "w") as outside:
        json.dump(figures, outside)


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, Failed, OSError) as wrong:
        sys.exit(f"demo: {wrong}")
