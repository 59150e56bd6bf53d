"""Inside the world: `measure.py SAMPLES LOSSES COUNT...`. Starts of COUNT replicas on three nodes, shoal's
and bare ones in turn, in one run: the machine's moods hit both. Then losses, then what idle agents take.
"""
import os
import sys
import time

import lab
import left
import make_image
import starts
import usage
from cluster import JOB, Cluster, Failed, Member
from containerd_process import Containerd
from harness import until

IDLE_SECONDS = 10
REPLICAS = 6


def row(name, values, unit):
    values = sorted(values)
    return (f"{name:38} {pick(values, 0.5):8.3f} {pick(values, 0.9):8.3f} {values[-1]:8.3f} {unit:4}"
            f" n={len(values)}")


def pick(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def say(text):
    print(text, flush=True)


class Bench:
    def __init__(self):
        run_id, folder = os.environ["SHOAL_RUN"], os.environ["TMPDIR"]
        self.containerd = Containerd()
        self.containerd.start()
        hosts = lab.make(run_id, ("n1", "n2", "n3"))
        self.cluster = Cluster([Member(host, self.containerd, folder, run_id) for host in hosts])
        self.cluster.boot()
        archive = os.path.join(folder, "image.tar")
        make_image.save_oci(archive)
        for member in self.cluster.members:
            member.load(archive)
        self.bares = [starts.Bare(member, os.path.join(folder, "bare-" + member.name), archive)
                      for member in self.cluster.members]
        self.events = starts.Events(self.containerd)

    def quiet(self):
        until(lambda: not left.of_all(self.cluster.members), "nothing is left of the sample before",
              *[member.agent for member in self.cluster.members])

    def warm(self):
        """The first container of a node unpacks the image; bare_start has done so before it is ready."""
        starts.shoal_seconds(self.events, self.cluster, 2 * REPLICAS, make_image.NAME)
        self.quiet()
        for member in self.cluster.members:
            if not self.events.after(0, {member.name_space}):
                raise Failed(f"{member.name} has started nothing yet, and would be cold")

    def shoal(self, count):
        self.quiet()
        out = starts.shoal_seconds(self.events, self.cluster, count, make_image.NAME)
        self.quiet()
        return out

    def compare(self, count, samples):
        """Who goes first changes, so that neither always finds the caches warm."""
        shoal, bare = [], []
        for sample in range(samples):
            for first in (sample % 2 == 0, sample % 2 == 1):
                if first:
                    shoal.append(self.shoal(count))
                else:
                    bare.append(starts.bare_seconds(self.events, self.bares, count, sample + 1))
        say(row(f"submit -> {count} running, shoal", shoal, "s"))
        say(row(f"start {count}, bare containerd calls", bare, "s"))
        median = pick(sorted(shoal), 0.5), pick(sorted(bare), 0.5)
        say(f"{'':38} shoal - bare {(median[0] - median[1]) * 1000:.0f} ms, bare / shoal {median[1] / median[0]:.2f}"
            " (medians)")

    def replaced(self, member, lose):
        through = self.cluster.members[2]
        since = time.monotonic()
        lose()
        until(lambda: len(self.cluster.healthy(through, without=member)) == REPLICAS, "all are replaced")
        return time.monotonic() - since

    def settled(self):
        members = self.cluster.members
        return (self.cluster.all_alive() and sum(len(member.containers()) for member in members) == REPLICAS and
                all(len(self.cluster.healthy(member)) == REPLICAS for member in members))

    def spread(self, member):
        """Anew for each sample: whoever comes back has nothing to lose."""
        through = self.cluster.members[2]
        through.shoal("rm", JOB, "-y")
        self.quiet()
        through.shoal("run", "--name", JOB, "--replicas", str(REPLICAS), "-p", "8000", make_image.NAME,
                      "sh", "-c", "trap exit INT TERM; sleep 1000 & wait")
        if not member.containers():
            raise Failed(f"{member.name} got none of {REPLICAS} replicas: it has nothing to lose")

    def losses(self, samples):
        first, second, third = self.cluster.members
        third.shoal("run", "--name", JOB, "--replicas", "1", make_image.NAME)
        trees, cuts = [], []
        for _ in range(samples):
            self.spread(second)
            trees.append(self.replaced(second, second.kill_tree))
            second.agent.start()
            self.cluster.wait("the node is back", self.settled)
            self.spread(first)
            cuts.append(self.replaced(first, first.host.cut))
            first.host.heal()
            self.cluster.wait("the host is back", self.settled)
        third.shoal("rm", JOB, "-y")
        self.quiet()
        say(row("process tree killed -> all replaced", trees, "s"))
        say(row("host cut -> all replaced", cuts, "s"))

    def rest(self):
        pids = [member.agent.process.pid for member in self.cluster.members]
        say(row("agent, PSS", [usage.memory_mib(pid, "Pss") for pid in pids], "MiB"))
        say(row("agent, RSS", [usage.memory_mib(pid, "Rss") for pid in pids], "MiB"))
        say(row(f"agent, idle for {IDLE_SECONDS} s, of a core", usage.idle_percent(pids, IDLE_SECONDS), "%"))


def main():
    samples, losses, *counts = map(int, sys.argv[1:])
    bench = Bench()
    say(f"{os.cpu_count()} cores, three nodes on one machine, one containerd\n{'':38} {'p50':>8} {'p90':>8} {'max':>8}")
    bench.warm()
    for count in counts:
        bench.compare(count, samples)
    bench.losses(losses)
    bench.rest()


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, Failed, OSError) as wrong:
        sys.exit(f"bench: {wrong}")
