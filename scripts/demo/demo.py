#!/usr/bin/env python3
"""What README.md promises, with real containers and nobody watching. `./dev demo` builds and runs it.

A containerd, a network and three hosts of its own, in a world that scripts/lab makes and ends: nothing
of this machine's containers, rules, bridges, settings or /var/lib/shoal is seen or changed. ^C at any
time ends it and leaves nothing.
"""
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PATHS = [HERE] + [os.path.join(ROOT, part) for part in ("scripts/lab", "tests/process", "tests/containerd")]
PROGRAMS = {"containerd": "containerd", "ctr": "containerd", "runc": "runc", "nft": "nftables", "ip": "iproute2",
            "setpriv": "util-linux", "unshare": "util-linux", "nsenter": "util-linux", "busybox": "busybox-static"}
REPLICAS = 6

sys.path[:0] = PATHS
from world import World, describe  # noqa: E402  pylint: disable=wrong-import-position


def refuse_early(shoal):
    if os.geteuid() != 0:
        sys.exit("demo: real containers and networks need root. Run: sudo ./dev demo\n"
                 "demo: without root, with containers only pretended: scripts/three-nodes up")
    missing = {package for program, package in PROGRAMS.items() if not shutil.which(program)}
    if missing:
        sys.exit(f"demo: not installed: {' '.join(sorted(missing))}. Run: ./dev setup test")
    if not os.access(shoal, os.X_OK):
        sys.exit(f"demo: there is no {shoal}. Run: ./dev build")


def verdict(figures, left):
    """The last line, and whether it is good."""
    good = figures["running"] == REPLICAS and figures["pages"] == REPLICAS and left == 0
    return good, (f"demo: {figures['running']}/{REPLICAS} running, "
                  f"process tree killed: replaced in {figures['tree']:.1f} s, "
                  f"host cut: replaced in {figures['cut']:.1f} s, "
                  f"pages {figures['pages']}/{REPLICAS}, left {left} resources")


def main():
    shoal = os.environ.get("SHOAL", os.path.join(ROOT, "build/release/cli/shoal"))
    refuse_early(shoal)
    world = World(os.environ.get("SHOAL_DEMO_RUN"))
    if world.swept:
        print(f"demo: cleared what killed runs left: {' '.join(world.swept)}")
    print(f"demo: run {world.id}, everything below {world.folder}", flush=True)
    reading, writing = os.pipe()
    code = world.carry_out([sys.executable, os.path.join(HERE, "play.py"), str(writing)], pass_fds=[writing],
                           env={"SHOAL": shoal, "PYTHONPATH": ":".join(PATHS), "PYTHONDONTWRITEBYTECODE": "1"})
    os.close(writing)
    with os.fdopen(reading) as told:
        text = told.read()
    left = sum(len(things) for things in world.left.values())
    if world.left:
        print(f"demo: LEFT BEHIND {describe(world.left)}")
    if code != 0 or not text:
        print(f"demo: {'stopped' if code > 128 else 'failed'}, left {left} resources")
        sys.exit(code or 1)
    figures = json.loads(text)
    good, line = verdict(figures, left + figures["left"])
    print(line)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
