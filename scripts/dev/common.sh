# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# What every verb uses: talking, failing, becoming root, how many jobs the machine carries.

say() { printf '%s\n' "$*"; }
die() { printf 'dev: %s\n' "$*" >&2; exit 1; }
usage() { printf 'dev: %s\n' "$*" >&2; exit 2; }

# The first argument says why; everything else runs as the calling user.
as_root() {
    local why=$1
    shift
    if [ "$(id -u)" = 0 ]; then
        "$@"
        return
    fi
    command -v sudo >/dev/null || die "$why needs root, and there is no sudo; run as root: $*"
    say "sudo, because $why needs root: $*" >&2
    sudo "$@"
}

have_root() { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }

# One compiler of this code can take 1.5 GiB; more of them than memory swap instead of building.
jobs_count() {
    local cores memory
    cores=$(nproc)
    memory=$(awk '/^MemAvailable:/ { print int($2 / 1572864) }' /proc/meminfo)
    [ "$memory" -lt "$cores" ] && cores=$memory
    [ "$cores" -ge 1 ] || cores=1
    echo "$cores"
}

# Clones at different paths share the cache.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
