"""Three hosts on one bridge: a network namespace each, a cable each, which can be cut.

In the network of the world the demo runs in; where this process stands is "outside".
"""
import os
import subprocess

import run

OUTSIDE = "10.99.0.254"


def ip(*words):
    subprocess.run(["ip", *words], check=True)


class Host:
    def __init__(self, run_id, number, name):
        self.name = name
        self.address = f"10.99.0.{number}"
        self.namespace = f"{run_id}-{name}"
        self.cable = f"{run_id}-{name}"
        self.inside = ["nsenter", f"--net=/run/netns/{self.namespace}"]

    def connect(self, bridge):
        ip("netns", "add", self.namespace)
        run.note_namespace(os.environ["TMPDIR"], f"/run/netns/{self.namespace}")
        ip("link", "add", self.cable, "type", "veth", "peer", "name", "eth0", "netns", self.namespace)
        ip("link", "set", self.cable, "master", bridge, "up")
        for words in (("link", "set", "lo", "up"), ("address", "add", f"{self.address}/24", "dev", "eth0"),
                      ("link", "set", "eth0", "up"), ("route", "add", "default", "via", OUTSIDE)):
            ip("-netns", self.namespace, *words)

    def cut(self):
        ip("link", "set", self.cable, "down")

    def heal(self):
        ip("link", "set", self.cable, "up")

    def links(self):
        """Names of the links in this host."""
        told = subprocess.run(["ip", "-netns", self.namespace, "-brief", "link"], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        return [line.split()[0].partition("@")[0] for line in told.splitlines()]


def make(run_id, names):
    bridge = f"lab-{run_id}"
    ip("link", "add", bridge, "type", "bridge")
    ip("address", "add", f"{OUTSIDE}/24", "dev", bridge)
    ip("link", "set", bridge, "up")
    hosts = [Host(run_id, number, name) for number, name in enumerate(names, 1)]
    for host in hosts:
        host.connect(bridge)
    return hosts
