"""What happens on the virtual machine, act after act; an act that does not come true ends it.

    play.py FOLDER DEB
"""
import json
import os
import subprocess
import sys
import time
import urllib.request

import make_image
from disk import Disk
from guest import PATIENCE, Failed, Guest, wait

PAGES = {"front": 8080, "back": 8081}
HERE = os.path.dirname(os.path.abspath(__file__))
BEGAN = time.monotonic()
INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get -y --no-install-recommends install {} /root/shoal.deb"


def say(text):
    print(f"{time.monotonic() - BEGAN:6.1f} s  {text}", flush=True)


def fetch(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as page:
            return page.read().decode().strip()
    except OSError:
        return None


class Play:
    def __init__(self, guest, package):
        self.guest = guest
        self.package = package

    def ask(self, words):
        return json.loads(self.guest.run(f"shoal {words} -o json"))

    def pids(self):
        """container -> pid, as containerd has it."""
        lines = self.guest.run("ctr -n shoal tasks ls").splitlines()[1:]
        return {words[0]: int(words[1]) for words in map(str.split, lines) if words[2] == "RUNNING"}

    def agent(self):
        return int(self.guest.run("systemctl show -P MainPID shoal"))

    def pages(self, when):
        """How many services answer with their own page, asked for from outside."""
        def good():
            return sum(fetch(port) == name for name, port in PAGES.items())

        wait(f"a page of each service, {when}", lambda: good() == len(PAGES))
        say(f"{when}: pages fetched from outside: {good()}/{len(PAGES)}")
        return good()

    def boot(self):
        self.guest.booted()
        said = self.guest.run(". /etc/os-release; echo $PRETTY_NAME, Linux $(uname -r), systemd "
                              "$(systemctl --version | sed -n '1s/.*(\\(.*\\))/\\1/p'), $(stat -fc %T /sys/fs/cgroup)")
        say(f"a machine runs: {said}")
        if not said.endswith("cgroup2fs"):
            raise Failed("cgroups of version 1 are mounted")

    def install(self):
        self.guest.put(self.package, "/root/shoal.deb")
        self.guest.run(INSTALL.format(""), timeout=300)
        state = self.ask("status")["state"]
        if state != "idle":
            raise Failed(f"a node that nobody told anything is {state}")
        mode = self.guest.run("stat -c '%a %U' /var/lib/shoal")
        say(f"installed by apt: {self.guest.run('systemctl is-active shoal')}, {state}, data directory {mode}")

    def up(self):
        archive = os.path.join(self.guest.folder, "image.tar")
        make_image.save_oci(archive)
        self.guest.put(archive, "/root/image.tar")
        self.guest.put(os.path.join(HERE, "compose.yaml"), "/root/compose.yaml")
        self.guest.run("shoal init && shoal image load /root/image.tar")
        say(f"doctor: {self.guest.run('shoal doctor | tail -n 1; exit ${PIPESTATUS[0]}')}")
        print(self.guest.run("shoal up -y /root/compose.yaml", timeout=180))
        say(f"a project is up: {len(self.pids())} containers run")

    def limits(self):
        """What the Compose file says, as cgroup v2 has it."""
        name = next(name for name in self.pids() if "front" in name)
        found = self.guest.run(f"cat /sys/fs/cgroup/shoal/shoal/{name}/memory.max")
        if found != str(64 << 20):
            raise Failed(f"memory.max of {name} is {found}")
        say(f"memory.max of front is {found} in a cgroup of its own")

    def untouched(self, what, act):
        """Does it, after which another agent has the same containers."""
        before, agent = self.pids(), self.agent()
        act()
        wait(f"another agent runs, {what}", lambda: self.agent() not in (0, agent))
        self.running(what)
        if self.pids() != before:
            raise Failed(f"{what}: containers were {before}, are {self.pids()}")
        say(f"{what}: {len(before)} containers with the same pids under a new agent")

    def running(self, when):
        def all_run():
            replicas = json.loads(self.guest.run("shoal ps -o json", check=False) or "[]")
            return len([r for r in replicas if r["state"] == "healthy"]) == len(PAGES)

        wait(f"{len(PAGES)} replicas run, {when}", all_run)

    def reboot(self):
        before = self.pids()
        self.guest.reboot()
        self.running("after a reboot")
        if set(before.values()) & set(self.pids().values()) and before == self.pids():
            raise Failed("it did not reboot")
        say(f"rebooted: {len(self.pids())} containers run again")

    def table(self):
        """The number the kernel gave our rules: another number, other rules."""
        listed = [part["table"] for part in json.loads(self.guest.run("nft -j list tables"))["nftables"] if "table" in part]
        return [table["handle"] for table in listed if table["name"].startswith("shoal_")]

    def flush(self):
        before = self.table()
        self.guest.run("systemctl restart nftables")
        wait("rules of ours are made anew", lambda: self.table() not in ([], before))
        say("nftables restarted, which flushes all rules: the agent made its own anew")

    def gone(self):
        """What may be left of containers on the machine: nothing."""
        left = {
            "containers": self.pids(),
            "cgroups": self.guest.run("ls -d /sys/fs/cgroup/shoal/shoal/*/ 2>/dev/null", check=False),
            "links": self.guest.run("ip -brief link | grep -c shoal-", check=False).replace("0", ""),
            "rules": self.guest.run("nft list tables | grep shoal_", check=False),
            "mounts": self.guest.run("grep /run/shoal/ /proc/mounts", check=False),
            "agents": self.guest.run("pgrep -x shoal", check=False),
        }
        return {kind: what for kind, what in left.items() if what}

    def remove(self):
        self.guest.run("DEBIAN_FRONTEND=noninteractive apt-get -y remove shoal", timeout=120)
        if self.gone():
            raise Failed(f"removing the package left {self.gone()}")
        say("removed: containers, their network and the agent ended, the data stays")
        self.guest.run(INSTALL.format(""), timeout=300)
        self.running("after another installation")
        self.pages("installed again")

    def purge(self):
        self.guest.run("DEBIAN_FRONTEND=noninteractive apt-get -y purge shoal", timeout=120)
        left = self.guest.run("find / -xdev -path /proc -prune -o -name '*shoal*' -print | "
                              "grep -v -e ^/root/ -e ^/var/lib/containerd/ -e ^/sys/ -e ^/var/log/", check=False)
        if left or self.gone():
            raise Failed(f"purging the package left {left} {self.gone()}")
        failed = self.guest.run("systemctl --failed --plain --no-legend")
        if failed:
            raise Failed(f"units failed: {failed}")
        say("purged: nothing is left of it on the machine")


def act(play):
    play.boot()
    play.install()
    play.up()
    running = play.pages("up")
    play.limits()
    play.untouched("agent restarted", lambda: play.guest.run("systemctl restart shoal"))
    play.untouched("agent killed", lambda: play.guest.run("systemctl kill -s KILL --kill-whom=main shoal"))
    play.reboot()
    running = min(running, play.pages("after the reboot"))
    play.flush()
    running = min(running, play.pages("after nftables"))
    play.untouched("upgraded over itself", lambda: play.guest.run(INSTALL.format("--reinstall"), timeout=300))
    running = min(running, play.pages("after the upgrade"))
    play.remove()
    play.purge()
    print(f"vm: installed, rebooted, {running}/{len(PAGES)} running, nftables restarted, upgraded untouched, purged")


def main():
    if PATIENCE != 1:
        say("no KVM that this processor carries: the machine is emulated, which takes many minutes")
    disk = Disk(sys.argv[1])
    disk.make()
    guest = Guest(disk, os.environ["TMPDIR"], PAGES.values())
    try:
        act(Play(guest, sys.argv[2]))
    except (Failed, subprocess.TimeoutExpired) as wrong:
        print(guest.run("journalctl -b -n 60 --no-pager -u shoal -u containerd", check=False), guest.told(), sep="\n")
        sys.exit(f"vm: {wrong}")
    finally:
        guest.end()


if __name__ == "__main__":
    main()
