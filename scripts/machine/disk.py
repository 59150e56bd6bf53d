"""The disk of a virtual machine, out of a folder with a Debian in it; made once and only ever copied from."""
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile

SIZE = "6G"
# No firmware finds what to boot: kernel and initrd are handed over from outside.
FILES = {
    "etc/fstab": "/dev/vda / ext4 defaults 0 1\n",
    "etc/hostname": "one\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 one\n",
    "etc/resolv.conf": "",
    "etc/systemd/network/wired.network":
        "[Match]\nType=ether\nName=e*\n[Network]\nAddress=10.0.2.15/24\nGateway=10.0.2.2\nLinkLocalAddressing=no\n",
    "etc/ssh/sshd_config.d/root.conf": "PermitRootLogin prohibit-password\nUseDNS no\n",
}


class Disk:
    """`folder`/root is the Debian; kernel, initrd, disk and key are beside it."""

    def __init__(self, folder):
        self.folder = folder
        self.root = os.path.join(folder, "root")
        self.image = os.path.join(folder, "disk.qcow2")
        self.key = os.path.join(folder, "key")

    def kernel(self):
        return self._boot("vmlinuz-"), self._boot("initrd.img-")

    def _boot(self, prefix):
        boot = os.path.join(self.root, "boot")
        found = [name for name in os.listdir(boot) if name.startswith(prefix)]
        return os.path.join(boot, max(found))

    def make(self):
        with open(os.path.join(self.folder, "lock"), "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # Two that find none would make it at once.
            if not os.path.exists(self.image):
                self._make()

    def _make(self):
        self._fill()
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            raw, fresh = os.path.join(scratch, "raw"), os.path.join(scratch, "qcow2")
            _run("truncate", "--size", SIZE, raw)
            _run("mke2fs", "-q", "-t", "ext4", "-d", self.root, raw)
            _run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, fresh)
            os.rename(fresh, self.image)  # Whole, or not there.

    def overlay(self, path):
        """A disk of its own, which keeps only what differs."""
        _run("qemu-img", "create", "-q", "-f", "qcow2", "-b", self.image, "-F", "qcow2", path)

    def _fill(self):
        for name, text in FILES.items():
            path = os.path.join(self.root, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        _run("systemd-machine-id-setup", "--root", self.root)
        _run("chroot", self.root, "systemctl", "enable", "systemd-networkd", "systemd-networkd-wait-online", "ssh")
        if not os.path.exists(self.key):
            _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", self.key)
        ssh = os.path.join(self.root, "root/.ssh")
        os.makedirs(ssh, mode=0o700, exist_ok=True)
        shutil.copyfile(self.key + ".pub", os.path.join(ssh, "authorized_keys"))


def _run(*words):
    ran = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ran.returncode != 0:
        sys.exit(f"vm: {' '.join(words)} ended with {ran.returncode}: {ran.stdout}")
