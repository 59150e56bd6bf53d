# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# Configuring and building; the quick check; formatting and lint.

# configure PRESET: with the test programs only when what they need is installed.
configure() {
    local preset=$1 tests=ON log=$root/build/$1-configure.log
    [ -z "$(missing_of test)" ] || tests=OFF
    mkdir -p "$root/build"
    cmake --preset "$preset" -DSHOAL_TESTS=$tests >"$log" 2>&1 || {
        cat "$log" >&2
        die "configuring '$preset' failed"
    }
}

# compile PRESET [TARGET...]
compile() {
    local preset=$1
    shift
    configure "$preset"
    [ $# -gt 0 ] || set -- all
    cmake --build "$root/build/$preset" -j "$(jobs_count)" --target "$@"
}

# Asked of what a command printed, never of its pipe: grep -q leaves at the first hit, and the writer's
# death by SIGPIPE would be the answer.
has_target() {
    local targets
    targets=$(ninja -C "$root/build/$1" -t targets all 2>/dev/null) && grep -q "^$2:" <<<"$targets"
}

has_preset() {
    local presets
    presets=$(cmake --list-presets 2>/dev/null) && grep -q "\"$1\"" <<<"$presets"
}

build() {
    local preset=${1:-release}
    [ $# -eq 0 ] || shift
    has_preset "$preset" || {
        need build
        has_preset "$preset" || usage "no preset '$preset'; $(cmake --list-presets | tr -s ' \n' ' ')"
    }
    case $preset in
        release) need build ;;
        *) need test ;;
    esac
    if [ $# -eq 0 ] && [ "$preset" = release ]; then
        configure release
        if has_target release shoal; then set -- shoal; else set -- shoal-sim; fi
    fi
    compile "$preset" "$@"
    local program
    for program in "$root/build/$preset/cli/shoal" "$root/build/$preset/chaos/shoal-sim"; do
        if [ -x "$program" ]; then
            say "$program"
            return
        fi
    done
}

# run_tests PRESET LABELS [ctest arguments]: no tests found is a failure, not a success.
run_tests() {
    local preset=$1 labels=$2
    shift 2
    ctest --test-dir "$root/build/$preset" -j "$(jobs_count)" -L "$labels" --no-tests=error \
        --output-on-failure "$@"
}

check() {
    local started=$SECONDS
    need test
    check_format
    compile debug test_programs shoal-sim
    run_tests debug 'unit|house|purity'
    "$root/build/debug/chaos/shoal-sim" --nodes 5 --seed 1
    say "check: all good after $((SECONDS - started)) s"
}

# By folder, not by git: an exported tree has no repository.
sources() {
    local folder folders=()
    for folder in membership store placement node cli chaos tests; do
        [ ! -d "$folder" ] || folders+=("$folder")
    done
    find "${folders[@]}" \( -name '*.h' -o -name '*.cpp' \) -print0
}

formatter() { command -v clang-format-14 || command -v clang-format || die 'no clang-format; run: ./dev setup test'; }

check_format() {
    local tool
    tool=$(formatter)
    sources | xargs -0 -n 16 -P "$(jobs_count)" "$tool" --dry-run -Werror ||
        die 'some files are not formatted; run: ./dev fmt'
}

format_in_place() {
    local tool
    need test
    tool=$(formatter)
    sources | xargs -0 -n 16 -P "$(jobs_count)" "$tool" -i
}

lint() {
    need test
    compile tidy
}
