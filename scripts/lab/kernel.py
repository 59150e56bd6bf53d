"""The three calls Python 3.11 does not have."""
import ctypes
import os

CLONE_NEWPID = 0x20000000
MNT_DETACH = 2
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(done, what):
    if done != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare_pids():
    """The next child of this process is the first of a new world of pids, and the last: it takes all
    others with it, however it ends."""
    _checked(_libc.unshare(CLONE_NEWPID), "a PID namespace")


def unmount(path):
    _checked(_libc.umount2(path.encode(), MNT_DETACH), f"unmounting {path}")


def mount_tmpfs(path):
    _checked(_libc.mount(b"tmpfs", path.encode(), b"tmpfs", 0, b"mode=755"), f"mounting {path}")
