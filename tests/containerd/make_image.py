"""An image of one static busybox, twice: as an OCI layout and as `docker save` writes it.

Two layers, a user by name, a stop signal: what images have and tests look at. Reproducible, so that
nothing is imported anew without need.
"""
import gzip
import hashlib
import io
import json
import sys
import tarfile

NAME = "test/busybox:1"
APPLETS = "sh sleep cat echo id grep head kill true false mount unshare wc test touch env hostname dd tail ls nc httpd wget mkdir chmod timeout".split()
TYPES = "application/vnd.oci.image."


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def add(tar, path, data=b"", mode=0o644, kind=tarfile.REGTYPE, link=""):
    entry = tarfile.TarInfo(path)
    entry.size, entry.mode, entry.type, entry.linkname = len(data), mode, kind, link
    tar.addfile(entry, io.BytesIO(data))


def layer(fill):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        fill(tar)
    return buffer.getvalue()


def programs(tar):
    for folder in ("bin", "etc", "proc", "sys", "dev", "run", "tmp"):
        add(tar, folder, mode=0o755, kind=tarfile.DIRTYPE)
    with open("/bin/busybox", "rb") as file:
        add(tar, "bin/busybox", file.read(), 0o755)
    for applet in APPLETS:
        add(tar, f"bin/{applet}", kind=tarfile.SYMTYPE, link="busybox")


def files(tar):
    add(tar, "etc/passwd", b"root:x:0:0::/:/bin/sh\nfish:x:1234:1234::/:/bin/sh\n")
    add(tar, "etc/group", b"root:x:0:\nfish:x:1234:\nshoal:x:4321:fish\n")


def descriptor(kind, data):
    return {"mediaType": TYPES + kind, "digest": digest(data), "size": len(data)}


CHECK = {"Test": ["CMD-SHELL", "test -e /run/ready"], "Interval": 250_000_000, "Retries": 2}


def config(plain, user, **more):
    return json.dumps({
        "architecture": "amd64", "os": "linux",
        "config": {"Env": ["PATH=/bin", "FROM_IMAGE=yes"], "Cmd": ["sleep", "1000"], "User": user,
                   "WorkingDir": "/tmp", "StopSignal": "SIGINT", "ExposedPorts": {"9000/tcp": {}}, **more},
        "rootfs": {"type": "layers", "diff_ids": [digest(part) for part in plain]}}, sort_keys=True).encode()


def oci(path, images, plain, short_names=None):
    """`short_names`: also as `docker save` writes them beside the layout, from name to short name."""
    packed = [gzip.compress(part, 1, mtime=0) for part in plain]
    blobs = {digest(part): part for part in packed}
    offers, tags = [], []
    for name, text in images:
        manifest = json.dumps({"schemaVersion": 2, "mediaType": TYPES + "manifest.v1+json",
                               "config": descriptor("config.v1+json", text),
                               "layers": [descriptor("layer.v1.tar+gzip", part) for part in packed]},
                              sort_keys=True).encode()
        blobs[digest(text)] = text
        blobs[digest(manifest)] = manifest
        offers.append({**descriptor("manifest.v1+json", manifest),
                       "annotations": {"io.containerd.image.name": name}})
        tags.append({"Config": "blobs/" + digest(text).replace(":", "/"), "RepoTags": [(short_names or {}).get(name)],
                     "Layers": ["blobs/" + digest(part).replace(":", "/") for part in packed]})
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        add(tar, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
        add(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": offers}).encode())
        if short_names:
            add(tar, "manifest.json", json.dumps(tags).encode())
        for name, data in blobs.items():
            add(tar, "blobs/" + name.replace(":", "/"), data)


def saved(path, name, text, plain):
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for number, part in enumerate(plain):
            add(tar, f"layer{number}/layer.tar", part)
        add(tar, "again/layer.tar", kind=tarfile.SYMTYPE, link="../layer1/layer.tar")
        add(tar, "config.json", text)
        add(tar, "manifest.json", json.dumps([{
            "Config": "config.json", "RepoTags": [name],
            "Layers": ["layer0/layer.tar", "again/layer.tar"]}]).encode())


def save_oci(path):
    """The image alone, by its name."""
    plain = [layer(programs), layer(files)]
    oci(path, [(NAME, config(plain, ""))], plain)


def main():
    plain = [layer(programs), layer(files)]
    as_root, as_fish = config(plain, ""), config(plain, "fish")
    checked = config(plain, "", Healthcheck=CHECK)
    oci(sys.argv[1], [(NAME, as_root), ("test/fish:latest", as_fish), ("test/checked:1", checked)], plain)
    saved(sys.argv[2], "test/saved:1", as_root, plain)


if __name__ == "__main__":
    main()
