# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# Does HEAD build on a machine that has only what `./dev setup` installs? A new minimal Debian says.

test_fresh() {
    need test
    local home=$root/build/fresh
    as_root 'a new Debian root' rm -rf --one-file-system "$home"
    mkdir -p "$root/build"
    as_root 'a new Debian root' debootstrap --variant=minbase --include=ca-certificates \
        bookworm "$home" "$(debian_mirror)"
    copy_apt_configuration "$home"
    as_root 'filling the new root' mkdir "$home/shoal"
    git archive HEAD | as_root 'filling the new root' tar -x -C "$home/shoal"
    # A mount namespace of its own: its /proc goes when it ends, however it ends.
    # shellcheck disable=SC2016  # the inner shell expands it
    as_root 'building in the new root' unshare --mount bash -euc '
        mount -t proc proc "$1/proc"
        exec chroot "$1" /usr/bin/env -i HOME=/root PATH="$PATH" \
            ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
            bash -euc "cd /shoal && apt-get update && ./dev setup build && ./dev build && ./dev check"
    ' fresh "$home"
    as_root 'removing the new root' rm -rf --one-file-system "$home"
    say 'test fresh: HEAD builds and passes with nothing but what setup installs'
}

# The archive this machine itself uses, or Debian's.
debian_mirror() {
    local mirror
    # shellcheck disable=SC2016  # apt expands it
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -E '/debian/?$' | head -n 1 || true)
    echo "${mirror:-http://deb.debian.org/debian}"
}

copy_apt_configuration() {
    local part
    for part in sources.list sources.list.d apt.conf.d trusted.gpg.d keyrings; do
        [ ! -e "/etc/apt/$part" ] || as_root 'filling the new root' cp -a "/etc/apt/$part" "$1/etc/apt/"
    done
    as_root 'filling the new root' cp -L /etc/resolv.conf "$1/etc/resolv.conf"
}
