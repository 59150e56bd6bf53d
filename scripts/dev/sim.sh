# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# Running what was built: the simulator, the fuzzers, three agents.

sim() {
    need build
    if [ "${1:-}" = mutants ]; then
        shift
        configure release
        has_target release shoal-mutants || die 'there is no shoal-mutants yet: chaos/mutants_main.cpp is missing'
        compile release shoal-mutants >&2
        "$root/build/release/chaos/shoal-mutants" "$@"
        return
    fi
    compile release shoal-sim >&2
    "$root/build/release/chaos/shoal-sim" "$@"
}

bench() {
    need bench
    compile release shoal-sim >&2
    "$root/build/release/chaos/shoal-sim" --nodes 100 --seeds 3 | tee "$root/build/bench.log"
    sed -n 's/.* \([0-9.]* node-hours per CPU second\)$/bench: \1/p' "$root/build/bench.log"
}

# fuzz [TARGET] [SECONDS]. What was learnt stays in build/corpus; what broke, in build/crashes.
fuzz() {
    local only='' seconds=60
    case ${1:-} in
        '') ;;
        *[!0-9]*)
            only=$1
            seconds=${2:-60}
            ;;
        *) seconds=$1 ;;
    esac
    need test
    if [ -n "$only" ]; then
        [ -f "tests/fuzz/$only.cpp" ] || usage "no fuzz target '$only'; there are: $(fuzz_targets | tr '\n' ' ')"
        compile fuzz "$only"
        fuzz_one "$only" "$seconds"
        return
    fi
    compile fuzz fuzzers
    local target
    for target in $(fuzz_targets); do fuzz_one "$target" "$seconds"; done
}

fuzz_targets() { (cd tests/fuzz && printf '%s\n' *_fuzz.cpp) | sed 's/\.cpp$//'; }

fuzz_one() {
    local target=$1 seconds=$2 corpus=$root/build/corpus/$1 log=$root/build/fuzz/$1.log
    mkdir -p "$corpus" "$root/build/crashes"
    "$root/build/fuzz/tests/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -artifact_prefix="$root/build/crashes/$target-" "$corpus" >"$log" 2>&1 || {
        tail -n 60 "$log" >&2
        die "$target failed; the input is in build/crashes; replay: build/fuzz/tests/fuzz/$target FILE"
    }
    say "$target: $(grep -E '^Done [0-9]+ runs' "$log" || tail -n 1 "$log")"
}

# Three agents, a job, a kill: does what README.md promises hold? In a folder of its own.
demo() {
    need build
    configure release
    has_target release shoal || die 'there is no shoal program yet'
    compile release shoal >&2
    scripts/dev/demo
}
