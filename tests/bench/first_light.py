#!/usr/bin/env python3
"""How fast work starts and is replaced: `./dev bench first-light [--quick]`.

In a world of its own, as the demo. measure.py has what is measured, and how.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PATHS = [HERE] + [os.path.join(ROOT, part)
                  for part in ("scripts/lab", "scripts/demo", "tests/process", "tests/containerd")]
# Samples of each number of replicas, and of each kind of loss.
SIZES = {"": (30, 10), "--quick": (5, 3), "--smoke": (1, 1)}

sys.path[:0] = PATHS
from world import World, describe  # noqa: E402  pylint: disable=wrong-import-position


def main(arguments):
    size = (arguments or [""])[0]
    if size not in SIZES or len(arguments) > 1:
        sys.exit("bench first-light takes nothing or --quick")
    if os.geteuid() != 0:
        sys.exit("bench: real containers and networks need root. Run: sudo ./dev bench first-light")
    world = World()
    build = os.path.join(ROOT, "build/release")
    programs = {"SHOAL": os.environ.get("SHOAL", f"{build}/cli/shoal"),
                "SHOAL_BARE_START": os.environ.get("SHOAL_BARE_START", f"{build}/tests/bench/bare_start")}
    counts = ["1"] if size == "--smoke" else ["1", "10", "50"]
    code = world.carry_out([sys.executable, os.path.join(HERE, "measure.py"), *map(str, SIZES[size]), *counts],
                           env={**programs, "PYTHONPATH": ":".join(PATHS), "PYTHONDONTWRITEBYTECODE": "1"})
    if world.left:
        sys.exit(f"bench: left behind {describe(world.left)}")
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
