"""One run of something that makes containers: its short id, its folder, and all that carries the id.

Processes have the id in their environment (SHOAL_RUN) or their cgroup, cgroups and containerd's
namespaces in their name, network namespaces are noted in the folder, files are in it. So a run can be
cleared by whoever comes next, also when it was killed without a word.
"""
import fcntl
import glob
import os
import random
import re
import shutil
import signal
import tempfile
import time

import kernel

CGROUPS = "/sys/fs/cgroup"
PREFIX = "shoal-run-"
CLEARING_SECONDS_MAX = 30


def place(run_id):
    """The run's folder. Short: the path of a UNIX socket holds 107 bytes."""
    return os.path.join("/tmp", PREFIX + run_id)


def new_id():
    """Six letters and digits, the first a letter: fit for every name the kernel and containerd give."""
    return random.choice("abcdefghijkmnpqrstuvwxyz") + "".join(random.choices("abcdefghijkmnpqrstuvwxyz23456789", k=5))


def check_id(run_id):
    if not re.fullmatch(r"[a-z][a-z0-9]{1,7}", run_id):
        raise ValueError(f"'{run_id}' cannot be the id of a run: 2 to 8 small letters and digits, a letter first")
    return run_id


class Taken(Exception):
    pass


class Run:
    """A run that lives: its folder is locked for as long as this process does."""

    def __init__(self, run_id):
        self.id = check_id(run_id)
        self.folder = place(run_id)
        # Locked before it has its name: nobody who clears ever sees it unlocked.
        fresh = tempfile.mkdtemp(prefix=".shoal-new-", dir="/tmp")
        self.lock = os.open(fresh, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        # Never empty: an empty folder would be replaced instead of being in the way.
        os.close(os.open(os.path.join(fresh, "netns"), os.O_WRONLY | os.O_CREAT, 0o600))
        try:
            os.rename(fresh, self.folder)
        except OSError as wrong:
            shutil.rmtree(fresh)
            raise Taken(f"there is a run '{run_id}' already: {self.folder}") from wrong
        self.cgroups = os.open(CGROUPS, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self.cgroups, fcntl.LOCK_SH)

    def end(self):
        """Nothing of it is left afterwards; says what would not go."""
        networks = noted(self.id)
        clear(self.id)
        self._remove_shared_cgroups()
        os.close(self.lock)
        os.close(self.cgroups)
        return left(self.id, networks)

    def _remove_shared_cgroups(self):
        # The parent of all nodes' cgroups, unless another run is between making it and filling it.
        try:
            fcntl.flock(self.cgroups, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        for path in _cgroup_roots("shoal"):
            try:
                os.rmdir(path)
            except OSError:
                pass  # An agent of this machine lives in it.


def sweep():
    """Clears what runs left that ended without doing it themselves; the ids of those."""
    out = []
    for folder in glob.glob(place("*")):
        try:
            lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            run_id = os.path.basename(folder)[len(PREFIX):]
            clear(run_id)
            out.append(run_id)
        except BlockingIOError:
            pass  # It lives.
        finally:
            os.close(lock)
    return out


def _read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:  # It ended meanwhile, or is another's.
        return b""


def _link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def processes(run_id):
    """Pids of all that runs for it, the dead that nobody buried left out."""
    mark = b"SHOAL_RUN=" + run_id.encode()
    inside = re.compile(rb"/shoal[/-]" + run_id.encode() + rb"-")
    out = []
    for path in glob.glob("/proc/[0-9]*"):
        pid = int(os.path.basename(path))
        if pid == os.getpid() or b"\nState:\tZ" in _read(path + "/status"):
            continue
        if mark in _read(path + "/environ").split(b"\0") or inside.search(_read(path + "/cgroup")):
            out.append(pid)
    return out


def _cgroup_roots(name):
    return glob.glob(os.path.join(CGROUPS, name)) + glob.glob(os.path.join(CGROUPS, "*", name))


def cgroups(run_id):
    """The folders of its cgroups, the innermost first."""
    out = []
    for root in _cgroup_roots(f"shoal/{run_id}-*") + _cgroup_roots(f"shoal-{run_id}-*"):
        out += [folder for folder, _, _ in os.walk(root, topdown=False)]
    return out


def mounts(run_id):
    """Mounted below its folder, as this process sees it; the last mounted first."""
    lines = _read("/proc/self/mounts").decode().splitlines()
    return [at for at in (line.split()[1] for line in reversed(lines)) if at.startswith(place(run_id) + "/")]


def note_namespace(folder, path="/proc/self/ns/net"):
    """For `noted()`: this network namespace belongs to the run."""
    with open(os.path.join(folder, "netns"), "a", encoding="ascii") as file:
        file.write(f"{os.stat(path).st_ino}\n")


def noted(run_id):
    return [int(line) for line in _read(os.path.join(place(run_id), "netns")).split()]


def namespaces(inodes):
    """Those of these network namespaces that a process or a mount of this machine still holds."""
    lines = [_link(path) for path in glob.glob("/proc/[0-9]*/ns/net")]
    text = " ".join(lines) + _read("/proc/self/mountinfo").decode()
    held = {int(number) for number in re.findall(r"net:\[(\d+)\]", text)}
    return [inode for inode in inodes if inode in held]


def links(run_id):
    return [name for name in os.listdir("/sys/class/net") if run_id in name]


def left(run_id, networks=()):
    """kind -> what is there of this run, empty kinds left out."""
    found = {"processes": processes(run_id), "mounts": mounts(run_id), "network namespaces": namespaces(networks),
             "cgroups": cgroups(run_id), "links": links(run_id), "files": glob.glob(place(run_id))}
    return {kind: things for kind, things in found.items() if things}


def clear(run_id):
    """Kills, unmounts and deletes whatever there is of a run that nobody leads any more."""
    end = time.monotonic() + CLEARING_SECONDS_MAX
    while (alive := processes(run_id)) or cgroups(run_id):
        for pid in alive:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for folder in cgroups(run_id):
            try:
                os.rmdir(folder)
            except OSError:
                pass  # Busy until the kernel has buried its last process.
        if time.monotonic() > end:
            break
        time.sleep(0.01)
    for path in mounts(run_id):
        kernel.unmount(path)
    shutil.rmtree(place(run_id), ignore_errors=True)
