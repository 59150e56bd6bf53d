"""Data directories and recordings that versions of shoal left behind, and how one is made."""
import gzip
import json
import os
import shutil
import tarfile

from harness import until

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures", "versions")
# RocksDB's diary: it names the machine it was written on, and nobody reads it again.
DIARY = ("LOG", "LOG.old")
BINARY = bytes(range(256))
JOBS = [
    {"name": "web", "image": "example/web", "replicas": 2},
    {"name": "logs", "image": "example/logs", "mode": "global"},
    {"name": "shop/db", "image": "example/db", "environment": {"KEY": "value"},
     "mounts": [{"type": "volume", "source": "shop_data", "target": "/data"}],
     "files": [{"target": "/run/secrets/key", "content": "hunter2", "secret": True}]},
    {"name": "shop/api", "image": "fake/talk", "after": [{"job": "shop/db", "condition": "started"}]},
]


def names():
    return sorted(name for name in os.listdir(FOLDER) if os.path.isdir(os.path.join(FOLDER, name)))


def held_by(node):
    """What must outlive the version: who it is, what it was told, what it runs."""
    slots = node.api("GET", "/v1/slots")[1]
    return {"id": node.api("GET", "/v1/status")[1]["id"],
            "jobs": {job["name"]: job["image"] for job in node.api("GET", "/v1/jobs")[1]},
            "running": sorted((s["job"], s["index"], s["epoch"]) for s in slots if s["state"] == "healthy"),
            "values": {key: node.cli("kv", "get", key).out for key in ("greeting", "shop/motd")},
            "volumes": sorted(v["name"] for v in node.api("GET", "/v1/volumes")[1])}


def make(test, name):
    """Of this build, under this name, in place of what is there."""
    recording = os.path.join(test.root, "recording")
    node = test.node("a").start("--record", recording)
    test.assertEqual(node.cli("init").code, 0)
    for job in JOBS:
        test.apply(node, **job)
    for key, value in (("greeting", b"hello"), ("shop/motd", b"first"), ("shop/motd", b"second"), ("bytes", BINARY),
                       ("gone", b"x")):
        test.assertEqual(node.cli("kv", "put", key, "-", stdin=value).code, 0)
    test.assertEqual(node.cli("kv", "rm", "gone", "-y").code, 0)
    until(lambda: len(held_by(node)["running"]) == 5, "all of it runs", node)
    held = held_by(node)
    test.assertEqual(node.terminate(), 0)
    folder = os.path.join(FOLDER, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(folder, "held.json"), "w", encoding="utf-8") as out:
        json.dump(held, out, indent=1, sort_keys=True)
        out.write("\n")
    with open(recording, "rb") as source, gzip.open(os.path.join(folder, "recording.gz"), "wb") as out:
        shutil.copyfileobj(source, out)

    def kept(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        return None if os.path.basename(entry.name) in DIARY else entry

    with tarfile.open(os.path.join(folder, "data.tar.gz"), "w:gz") as out:
        out.add(node.data, "data", filter=kept)


def unpack(name, into):
    """The data directory as it was. Returns what it held, and the path of the recording."""
    folder = os.path.join(FOLDER, name)
    with tarfile.open(os.path.join(folder, "data.tar.gz")) as packed:
        packed.extractall(into)
    recording = os.path.join(into, "recording")
    with gzip.open(os.path.join(folder, "recording.gz")) as source, open(recording, "wb") as out:
        shutil.copyfileobj(source, out)
    with open(os.path.join(folder, "held.json"), encoding="utf-8") as file:
        return json.load(file), recording
