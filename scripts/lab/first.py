"""The first process of a world: makes it habitable, runs the command, buries the dead.

When it ends, the kernel kills all others in its world.
"""
import os
import subprocess
import sys

import kernel
import run


def main(folder, command):
    run.note_namespace(folder)
    # Shims keep their sockets in /run/containerd whatever containerd's own folders are.
    kernel.mount_tmpfs("/run")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    try:
        process = subprocess.Popen(command, close_fds=False)
    except OSError as wrong:
        sys.exit(f"world: {command[0]}: {wrong.strerror}")
    while True:
        pid, status = os.wait()
        if pid == process.pid:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
