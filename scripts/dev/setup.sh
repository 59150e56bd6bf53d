# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# Five sets of packages, each fetched only by the verb that needs it. Nothing is ever removed, no
# service started, Docker never touched.

build_packages=(g++ cmake ninja-build pkg-config ccache mold
    libasio-dev libmsgpack-cxx-dev libsodium-dev librocksdb-dev libspdlog-dev libfmt-dev
    libexpected-dev libcli11-dev libyaml-cpp-dev nlohmann-json3-dev libvalijson-dev libhttp-parser-dev
    libcurl4-openssl-dev libarchive-dev
    libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler)
test_packages=(libgtest-dev libgmock-dev librapidcheck-dev python3 git
    clang-14 libclang-rt-14-dev clang-format-14 clang-tidy-14 binutils debootstrap
    nftables iproute2 iptables
    containerd runc busybox-static)
# The simulator measures itself: nothing beyond the build set yet.
bench_packages=()
# Making and judging the Debian package; the root it is tried in.
package_packages=(dpkg-dev file lintian debootstrap python3)
# A machine to install it on.
vm_packages=(qemu-system-x86 qemu-utils seabios openssh-client e2fsprogs iproute2 busybox-static)
# Never installed (their dependencies are a hundred packages of Go), only unpacked for their protos.
proto_packages=(golang-github-containerd-containerd-dev golang-github-containerd-cgroups-dev)

supported() {
    local id version architecture
    id=$(. /etc/os-release && echo "${ID:-}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
    architecture=$(dpkg --print-architecture 2>/dev/null || uname -m)
    case "$id $version $architecture" in
        'debian 12 amd64') ;;
        'ubuntu 24.04 amd64') say 'Ubuntu 24.04: best effort; Debian 12 is what is tested.' ;;
        *) die "this is ${id:-unknown} ${version:-} on $architecture. Supported: Debian 12 on amd64; Ubuntu 24.04 with best effort. Nothing was installed." ;;
    esac
}

packages_of() {
    case $1 in
        build) printf '%s\n' "${build_packages[@]}" ;;
        test) printf '%s\n' "${build_packages[@]}" "${test_packages[@]}" ;;
        package) printf '%s\n' "${build_packages[@]}" "${package_packages[@]}" ;;
        vm) printf '%s\n' "${build_packages[@]}" "${package_packages[@]}" "${vm_packages[@]}" ;;
        bench) printf '%s\n' "${build_packages[@]}" "${bench_packages[@]}" ;;
        *) usage "no set '$1'; there are build, test, package, vm and bench" ;;
    esac
}

missing_of() {
    local package
    packages_of "$1" | while read -r package; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || echo "$package"
    done
}

# Packages with a daemon must not start it: invoke-rc.d asks policy-rc.d, and 101 means no. A policy
# that is already there is left alone; ours goes again however this ends, hence the subshell.
install_quietly() (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'as_root "restoring the service policy" rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM
        printf '#!/bin/sh\nexit 101\n' | as_root 'keeping services stopped' tee "$policy" >/dev/null
        as_root 'keeping services stopped' chmod 755 "$policy"
    fi
    as_root 'installing packages' env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y --no-remove --no-install-recommends -o DPkg::Lock::Timeout=600 "$@"
)

setup() {
    local wanted=$1 missing
    packages_of "$wanted" >/dev/null
    supported
    missing=$(missing_of "$wanted")
    if [ -z "$missing" ]; then
        say "setup $wanted: nothing is missing"
    else
        say "setup $wanted installs:"
        # shellcheck disable=SC2001
        sed 's/^/  /' <<<"$missing"
        # shellcheck disable=SC2086
        install_quietly $missing || {
            as_root 'refreshing the package lists' apt-get update -o DPkg::Lock::Timeout=600
            # shellcheck disable=SC2086
            install_quietly $missing || die "apt-get could not install: ${missing//$'\n'/ }"
        }
    fi
    protos
}

# For verbs that need a set: silent when it is there.
need() {
    if [ -z "$(missing_of "$1")" ]; then protos; else setup "$1"; fi
}

# containerd's protos, taken out of Debian's packages. CMake never touches the network. What was
# fetched once serves every clone of the same user.
protos() {
    local target=$root/build/protos source=usr/share/gocode/src/github.com/containerd part
    local kept=${XDG_CACHE_HOME:-$HOME/.cache}/shoal/protos
    local wanted=(containerd/api/services/tasks/v1/tasks.proto cgroups/stats/v1/metrics.proto)
    has_protos "$target" && return 0
    if ! has_protos "$kept"; then
        say "unpacking into $kept, not installing: ${proto_packages[*]}"
        rm -rf "$kept" && mkdir -p "$kept/debs"
        (cd "$kept/debs" && apt-get download "${proto_packages[@]}" >/dev/null) ||
            die "could not download ${proto_packages[*]}; try: apt-get update"
        for part in "$kept"/debs/*.deb; do dpkg -x "$part" "$kept"; done
        rm -rf "$kept/debs"
        has_protos "$kept" || die "the protos are not where they should be: $kept/$source"
    fi
    mkdir -p "$root/build"
    rm -rf "$target"
    cp -a "$kept" "$target"
}

has_protos() {
    local part
    for part in "${wanted[@]}"; do [ -f "$1/$source/$part" ] || return 1; done
}
