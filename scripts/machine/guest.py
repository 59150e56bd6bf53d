"""A virtual machine under KVM, told and asked over ssh; its ports are ports of this network's loopback."""
import os
import subprocess
import time

MEMORY_MIB = 1536
SSH = 2222


def hardware_helps():
    """A /dev/kvm without a processor behind it, as some clouds have it, starts no ordinary kernel."""
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        flags = set(next((line for line in file if line.startswith("flags")), "").split())
    return bool(flags & {"vmx", "svm"}) and os.access("/dev/kvm", os.R_OK | os.W_OK)


# Emulated instead of run by the processor, everything takes about ten times as long.
PATIENCE = 1 if hardware_helps() else 10


class Failed(Exception):
    pass


class Guest:
    def __init__(self, disk, folder, ports):
        """`ports`: of the guest, each reached here under the same number."""
        self.key = disk.key
        self.folder = folder
        self.console = os.path.join(folder, "console")
        own = os.path.join(folder, "disk.qcow2")
        disk.overlay(own)
        kernel, initrd = disk.kernel()
        forwards = ",".join(f"hostfwd=tcp:127.0.0.1:{here}-:{there}"
                            for here, there in [(SSH, 22), *((port, port) for port in ports)])
        accelerated = ["-accel", "kvm", "-cpu", "host"] if PATIENCE == 1 else ["-accel", "tcg,thread=multi", "-cpu", "Nehalem"]
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *accelerated, "-smp", "2", "-m", str(MEMORY_MIB),
             "-nodefaults", "-no-user-config", "-display", "none", "-serial", f"file:{self.console}",
             "-kernel", kernel, "-initrd", initrd, "-append", "root=/dev/vda rw console=ttyS0 panic=-1 quiet",
             "-drive", f"file={own},if=virtio,format=qcow2,cache=unsafe",
             "-netdev", f"user,id=outside,restrict=on,{forwards}", "-device", "virtio-net-pci,netdev=outside,romfile=",
             "-device", "virtio-rng-pci"],
            stdin=subprocess.DEVNULL)
        self.boot_id = None

    def _ssh(self, *words):
        return ["ssh", "-F", "/dev/null", "-i", self.key, "-p", str(SSH), "-o", "BatchMode=yes",
                "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR",
                "-o", "ConnectTimeout=5", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=20", "root@127.0.0.1", *words]

    def run(self, command, check=True, stdin=None, timeout=120):
        """What it printed. `command` is for the guest's shell."""
        ran = subprocess.run(self._ssh(command), input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             timeout=timeout * PATIENCE, check=False)
        if check and ran.returncode != 0:
            raise Failed(f"{command}\nended with {ran.returncode}: {(ran.stdout + ran.stderr).decode(errors='replace')}")
        return ran.stdout.decode(errors="replace").strip()

    def put(self, source, path):
        with open(source, "rb") as file:
            self.run(f"cat > {path}", stdin=file.read())

    def _answering_boot(self):
        try:
            return self.run("cat /proc/sys/kernel/random/boot_id", timeout=20)
        except (Failed, subprocess.TimeoutExpired):
            return None

    def booted(self):
        """Waits until it has started anew since the last call, and all its units have."""
        def anew():
            if self.process.poll() is not None:
                raise Failed(f"qemu ended with {self.process.returncode}")
            now = self._answering_boot()
            if now is None or now == self.boot_id:
                return False
            self.boot_id = now
            return True

        wait("the machine answers", anew, seconds=120)
        state = self.run("systemctl is-system-running --wait", check=False, timeout=120)
        if state != "running":
            raise Failed(f"the system is {state}: {self.run('systemctl --failed', check=False)}")

    def reboot(self):
        self.run("systemctl reboot", check=False)
        self.booted()

    def told(self):
        """The end of what it said on its console."""
        with open(self.console, encoding="utf-8", errors="replace") as file:
            return file.read()[-3000:]

    def end(self):
        self.process.kill()
        self.process.wait()


def wait(what, condition, seconds=60):
    """Polls, because the guest has no event to wait for; what it answered at last is in the failure."""
    end = time.monotonic() + seconds * PATIENCE
    answer = None
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.2)
    raise Failed(f"never came true: {what} (at last: {answer})")
