"""A containerd of one run, with folders, a socket and a namespace of its own; leaves nothing.

The run is scripts/lab/world.py's: its id is in every name, so that what a killed run left is found.
"""
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile

from harness import until

CONFIG = """version = 2
root = "{0}/root"
state = "{0}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt", "io.containerd.internal.v1.restart"]
[grpc]
  address = "{0}/c"
"""


class Containerd:
    def __init__(self):
        assert "SHOAL_RUN" in os.environ, "run this in a world of its own: scripts/lab/world.py COMMAND..."
        self.root = tempfile.mkdtemp(prefix="c-")
        self.name_space = f"{os.environ['SHOAL_RUN']}-t{os.urandom(4).hex()}"
        self.socket = os.path.join(self.root, "c")
        self.process = None
        with open(os.path.join(self.root, "config.toml"), "w", encoding="utf-8") as file:
            file.write(CONFIG.format(self.root))

    def start(self):
        with open(os.path.join(self.root, "log"), "ab") as log:
            self.process = subprocess.Popen(["containerd", "--config", os.path.join(self.root, "config.toml")],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self._answers, "containerd takes connections")

    def _answers(self):
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(self.socket)
        return True

    def flags(self, name_space=None):
        """What tells an agent to run its containers here."""
        return ["--runtime", "containerd", "--containerd-socket", self.socket,
                "--containerd-namespace", name_space or self.name_space]

    def ctr(self, *arguments, name_space=None):
        return subprocess.run(["ctr", "-a", self.socket, "-n", name_space or self.name_space, *arguments], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def pids(self, name_space=None):
        """container -> pid of what runs."""
        rows = [line.split() for line in self.ctr("tasks", "list", name_space=name_space).splitlines()[1:]]
        return {row[0]: int(row[1]) for row in rows if row[2] == "RUNNING"}

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _kill_the_rest(self):
        for path in glob.glob("/proc/[0-9]*"):
            try:
                with open(path + "/cmdline", encoding="utf-8", errors="replace") as file:
                    shim = "containerd-shim" in (line := file.read()) and self.root + "/" in line
                with open(path + "/cgroup", encoding="utf-8") as file:
                    inside = f"/shoal/{self.name_space}" in file.read()  # and namespaces named after it
                if shim or inside:
                    os.kill(int(os.path.basename(path)), signal.SIGKILL)
            except (FileNotFoundError, ProcessLookupError):
                pass

    def _cgroups_are_gone(self):
        self._kill_the_rest()
        for place in glob.glob("/sys/fs/cgroup/shoal") + glob.glob("/sys/fs/cgroup/*/shoal"):
            for mine in glob.glob(os.path.join(place, self.name_space + "*")):
                for folder, _, _ in os.walk(mine, topdown=False):
                    os.rmdir(folder)
        return True

    def remove(self):
        self.kill()
        until(self._cgroups_are_gone, "what ran is gone")
        with open("/proc/self/mounts", encoding="utf-8") as file:
            mounts = [line.split()[1] for line in file]
        for mount in reversed([m for m in mounts if m.startswith(self.root + "/")]):
            subprocess.run(["umount", "-l", mount], check=True)
        shutil.rmtree(self.root, ignore_errors=True)
