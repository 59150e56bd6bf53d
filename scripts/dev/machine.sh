# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# A Debian 12 to install the package on: a folder, made once and kept for every clone of the same user,
# that `./dev test package` copies and `./dev vm` makes a disk of.

machine_packages=systemd-sysv,dbus,udev,kmod,iproute2,openssh-server,linux-image-cloud-amd64,initramfs-tools,ca-certificates

machine_folder() { echo "${XDG_CACHE_HOME:-$HOME/.cache}/shoal/machine"; }

# machine_root DEB: with what DEB depends on downloaded and not installed, so that installing it needs
# no network and is yet apt's work.
machine_root() {
    local home depends
    home=$(machine_folder)
    mkdir -p "$home"
    # One at a time; who comes second finds it made.
    exec 9>"$home/lock"
    flock 9
    if [ "$(cat "$home/packages" 2>/dev/null)" != "$machine_packages" ]; then new_machine_root "$home"; fi
    depends=$(dpkg-deb -f "$1" Depends | sed 's/([^)]*)//g; s/,/ /g')
    if [ "$(cat "$home/depends" 2>/dev/null)" != "$depends" ]; then
        say "downloading what the package depends on into $home/root" >&2
        # shellcheck disable=SC2086
        as_root 'downloading into the root' chroot "$home/root" apt-get install -y --download-only \
            --no-install-recommends $depends >"$home/download.log" 2>&1 || {
            tail -n 20 "$home/download.log" >&2
            die "could not download what the package depends on"
        }
        rm -f "$home/disk.qcow2"
        echo "$depends" >"$home/depends"
    fi
    exec 9>&-
}

new_machine_root() {
    local home=$1
    say "making a Debian 12 in $home/root, once; this takes minutes" >&2
    as_root 'a new Debian root' rm -rf --one-file-system "$home/root"
    rm -f "$home/packages" "$home/depends" "$home/disk.qcow2"
    as_root 'a new Debian root' debootstrap --variant=minbase --include="$machine_packages" \
        bookworm "$home/root" "$(debian_mirror)" >"$home/debootstrap.log" 2>&1 || {
        tail -n 20 "$home/debootstrap.log" >&2
        die "debootstrap failed; see $home/debootstrap.log"
    }
    copy_apt_configuration "$home/root"
    # Of images of containers: it throws downloads away, which are to stay here.
    as_root 'filling the new root' rm -f "$home"/root/etc/apt/apt.conf.d/docker-*
    # What is made of it is thrown away: nothing has to survive a loss of power.
    echo force-unsafe-io | as_root 'filling the new root' tee "$home/root/etc/dpkg/dpkg.cfg.d/unsafe-io" >/dev/null
    as_root 'filling the new root' chroot "$home/root" apt-get update >>"$home/debootstrap.log" 2>&1 ||
        die "apt-get update failed in the new root; see $home/debootstrap.log"
    echo "$machine_packages" >"$home/packages"
}

vm() {
    have_root || die 'the machine and its disk need root: sudo ./dev vm'
    need vm
    package
    machine_root "$(package_file)"
    as_root 'a virtual machine' scripts/machine/vm.py "$(machine_folder)" "$(package_file)"
}
