"""What a node still has of jobs that are removed: counted where it would be, not where shoal says."""
import glob
import os
import re
import subprocess

import run


def _active_snapshots(member):
    rows = member.containerd.ctr("snapshots", "list", name_space=member.name_space).splitlines()[1:]
    return [row.split()[0] for row in rows if row.split()[-1] == "Active"]


def _published_ports(member):
    told = subprocess.run([*member.host.inside, "nft", "list", "ruleset"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return re.findall(r"tcp \. (\d+) : ", told)


def _services(member):
    told = subprocess.run([*member.host.inside, "nft", "list", "ruleset"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    return re.findall(r": goto (to_\w+)", told)


def _mounts(member):
    return [path for path in run.mounts(os.environ["SHOAL_RUN"])
            if path.startswith(member.agent.dir + "/") or f"/{member.name_space}/" in path]


def of_jobs(member):
    """kind -> what is there of containers that run, or ran."""
    agent = member.agent.process.pid if member.agent.process else None
    listed = [member.containerd.ctr(kind, "list", "-q", name_space=member.name_space).split()
              for kind in ("containers", "tasks")]
    return {
        "processes": [pid for pid in member.tree() if pid != agent],
        "containers": listed[0],
        "tasks": listed[1],
        "snapshots": _active_snapshots(member),
        "cgroups": [path for path in run.cgroups(os.environ["SHOAL_RUN"]) if f"/{member.name_space}/" in path],
        "mounts": _mounts(member),
        "links": [name for name in member.host.links() if name.startswith("v")],
        "published ports": _published_ports(member),
        "services": _services(member),
        "network files": glob.glob(os.path.join(member.agent.dir, "network", "files", "*")),
    }


def seen(members):
    """The kinds of which every node has something: while a job runs, all of them, or the count is blind."""
    return {kind for kind in of_jobs(members[0]) if all(of_jobs(member)[kind] for member in members)}


def of_all(members):
    """What is left, by node and kind."""
    return {f"{member.name}: {kind}": things
            for member in members for kind, things in of_jobs(member).items() if things}
