# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# The Debian package: made by CPack out of the release build, judged by lintian, tried in a new root.

package() {
    need package
    compile release package_files >&2
    rm -f "$root"/build/release/shoal_*.deb
    (cd "$root/build/release" && cpack -G DEB) >"$root/build/cpack.log" 2>&1 || {
        cat "$root/build/cpack.log" >&2
        die 'cpack failed'
    }
    # Notes of lower ranks are matters of taste.
    lintian --allow-root --fail-on error,warning "$(package_file)" ||
        die 'lintian finds fault with the package'
    say "$(package_file)"
}

package_file() { echo "$root"/build/release/shoal_*.deb; }

# try_package DEB: installed, upgraded over itself, removed and purged where nothing runs.
try_package() {
    have_root || die 'installing a package into a new root needs root: sudo ./dev test package'
    local home=$root/build/package-root
    machine_root "$1"
    as_root 'a new root' rm -rf --one-file-system "$home"
    mkdir "$home"
    as_root 'filling a new root' cp -a "$(machine_folder)/root/." "$home"
    as_root 'filling a new root' cp "$1" "$home/shoal.deb"
    as_root 'filling a new root' cp scripts/machine/package_acts "$home/package_acts"
    # Mounts, processes and a network of its own, which end with it: nothing of the machine is in reach.
    # shellcheck disable=SC2016  # the inner shell expands it
    if ! as_root 'installing into a new root' unshare --mount --pid --fork --net --uts --ipc --kill-child \
        bash -c 'mount -t proc proc "$1/proc" && exec chroot "$1" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /package_acts' \
        acts "$home"; then
        as_root 'removing the new root' rm -rf --one-file-system "$home"
        die 'the package failed in a new root'
    fi
    as_root 'removing the new root' rm -rf --one-file-system "$home"
}
