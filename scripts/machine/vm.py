#!/usr/bin/env python3
"""The package on a machine of its own, with systemd and cgroup v2 alone. `./dev vm` builds and runs it.

    scripts/machine/vm.py FOLDER DEB

FOLDER holds the Debian that `./dev vm` keeps. The machine is virtual and ends with this process, however
that ends; it runs in a world that scripts/lab makes, so its ports and files are nobody else's.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PATHS = [HERE] + [os.path.join(ROOT, part) for part in ("scripts/lab", "tests/containerd")]

sys.path[:0] = PATHS
from world import World, describe  # noqa: E402  pylint: disable=wrong-import-position


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    world = World()
    code = world.carry_out([sys.executable, os.path.join(HERE, "play.py"), *map(os.path.abspath, sys.argv[1:])],
                           env={"PYTHONPATH": ":".join(PATHS), "PYTHONDONTWRITEBYTECODE": "1"})
    if world.left:
        sys.exit(f"vm: LEFT BEHIND {describe(world.left)}")
    sys.exit(code)


if __name__ == "__main__":
    main()
