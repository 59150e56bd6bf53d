"""One sample of starting N replicas, by shoal and bare, timed by containerd's own events."""
import calendar
import os
import re
import subprocess
import threading
import time

from harness import until

JOB = "bench"


class Events:
    """containerd's TaskStart events of all namespaces."""

    LINE = re.compile(r"(\d+-\d+-\d+ \d+:\d+:\d+)\.(\d+) \+0000 UTC (\S+) /tasks/start ")

    def __init__(self, containerd):
        self.starts = []  # (seconds, namespace)
        # Go prints the zone of the machine it runs on.
        self.process = subprocess.Popen(["ctr", "-a", containerd.socket, "events"], stdout=subprocess.PIPE,
                                        text=True, env={**os.environ, "TZ": "UTC"})
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            found = self.LINE.match(line)
            if found:
                second = calendar.timegm(time.strptime(found[1], "%Y-%m-%d %H:%M:%S"))
                self.starts.append((second + float("0." + found[2]), found[3]))

    def after(self, since, name_spaces):
        return sorted(at for at, name_space in list(self.starts) if at >= since and name_space in name_spaces)

    def last_of(self, count, since, name_spaces):
        until(lambda: len(self.after(since, name_spaces)) >= count, f"{count} containers have started")
        return self.after(since, name_spaces)[count - 1]


class Bare:
    """bare_start in a host, beside its agent."""

    def __init__(self, member, folder, archive):
        self.name_space = member.name_space + "b"
        member.containerd.ctr("images", "import", "--no-unpack", archive, name_space=self.name_space)
        self.process = subprocess.Popen(
            [*member.host.inside, os.environ["SHOAL_BARE_START"], member.containerd.socket, self.name_space, folder],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.answer("ready")

    def tell(self, line):
        self.process.stdin.write(line + "\n")

    def answer(self, word):
        said = self.process.stdout.readline().strip()
        if said != word:
            raise OSError(f"bare_start said '{said}', not '{word}'")


def shares(count, parts):
    return [count // parts + (part < count % parts) for part in range(parts)]


def bare_seconds(events, bares, count, sample):
    since = time.time()
    used = [(bare, share) for bare, share in zip(bares, shares(count, len(bares))) if share]
    for bare, share in used:
        bare.tell(f"start {share} {sample}")
    for bare, _ in used:
        bare.answer("started")
    out = events.last_of(count, since, {bare.name_space for bare in bares}) - since
    for bare, _ in used:
        bare.tell("stop 0 0")
    for bare, _ in used:
        bare.answer("stopped")
    return out


def shoal_seconds(events, cluster, count, image):
    """From before the request leaves, its acknowledgement by all three included."""
    through = cluster.members[2]
    job = {"name": JOB, "image": image, "command": ["sleep", "1000"], "replicas": count, "ports": ["8000"],
           "memory": "64MiB", "stop_grace_ms": 1}
    since = time.time()
    status, answer = through.agent.api("PUT", f"/v1/jobs/{JOB}", job)
    if status != 200 or answer["acked"] != 3:
        raise OSError(f"the job was not taken by all three: {status} {answer}")
    out = events.last_of(count, since, {member.name_space for member in cluster.members}) - since
    through.shoal("rm", JOB, "-y")
    return out
