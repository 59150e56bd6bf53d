#!/usr/bin/env python3
"""Runs a command in a world of its own: network, mounts, processes, /run and a folder for its files.

    scripts/lab/world.py [--id ID] COMMAND...

Nothing of the machine's network, mounts or containers is seen or changed inside. The world ends with
the command, with this process however that ends, and on ^C or SIGTERM at once; then whatever carries
the run's id is cleared. What an earlier run left because both were SIGKILLed is cleared first.

Inside, SHOAL_RUN is the id, by which processes, cgroups and namespaces of containerd are named, and
TMPDIR the folder.
"""
import os
import signal
import subprocess
import sys

import kernel
import run

FIRST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "first.py")
ENDERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class World:
    """One run in a world. `code`: how the command ended; `left`: what could not be cleared."""

    def __init__(self, run_id=None):
        self.process = None
        self.code = None
        self.left = {}
        for number in ENDERS:
            signal.signal(number, self._end)
        self.swept = run.sweep()
        self.run = run.Run(run.new_id() if run_id is None else run_id)

    @property
    def id(self):
        return self.run.id

    @property
    def folder(self):
        return self.run.folder

    def carry_out(self, command, env=None, **popen):
        """Once only: the kernel gives this process no children after the world's end."""
        environment = {**os.environ, **(env or {}), "SHOAL_RUN": self.id, "TMPDIR": self.folder}
        try:
            kernel.unshare_pids()
            # A session of its own: ^C reaches this process alone, which ends the world in one blow.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--propagation", "private",
                 "--mount-proc", sys.executable, FIRST, self.folder, *command],
                stdin=subprocess.DEVNULL, start_new_session=True, env=environment, **popen)
            if self.code is not None:
                self._kill()  # A signal that came before found nothing to kill.
            ended = self.process.wait()
            self.code = self.code or (128 - ended if ended < 0 else ended)
        finally:
            self._kill()
            self.left = self.run.end()
        return self.code

    def _end(self, number, _frame):
        self.code = 128 + number
        self._kill()

    def _kill(self):
        if self.process and self.process.returncode is None:
            self.process.kill()


def describe(left):
    return "; ".join(f"{kind}: {' '.join(map(str, things))}" for kind, things in left.items())


def main(arguments):
    run_id = None
    if arguments[:1] == ["--id"]:
        run_id, arguments = (arguments[1:2] or [""])[0], arguments[2:]
    if not arguments or arguments[0].startswith("-"):
        sys.exit(__doc__)
    # What a build asks of a test program needs no world, and no root.
    if "--gtest_list_tests" in arguments:
        os.execvp(arguments[0], arguments)
    if os.geteuid() != 0:
        sys.exit("world: a world of its own needs root; with sudo, or as root")
    try:
        world = World(run_id)
    except (ValueError, run.Taken) as wrong:
        sys.exit(f"world: {wrong}")
    code = world.carry_out(arguments)
    if world.left:
        sys.exit(f"world: run {world.id} left {describe(world.left)}")
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
