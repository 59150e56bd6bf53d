# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# Running what was built: the simulator, the fuzzers, the demo.

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

# How much a simulated node costs; --long adds the large cluster, which takes many minutes.
bench() {
    if [ "${1:-}" = first-light ]; then
        shift
        bench_first_light "$@"
        return
    fi
    need bench
    compile release shoal-sim >&2
    bench_sim '5 nodes' --nodes 5 --seeds 40
    bench_sim '100 nodes, full stack' --nodes 100 --seeds 3
    [ "${1:-}" != --long ] || bench_sim '1000 nodes, 10 records each' --nodes 1000 --records 10 --seed 1 --duration 5
}

# Real containers: how fast they start beside bare calls of containerd, and are replaced.
bench_first_light() {
    have_root || die 'this makes real containers and networks of its own, and needs root: sudo ./dev bench first-light'
    need test
    compile release shoal bare_start containerd_test_image >&2
    as_root 'measuring with real containers' tests/bench/first_light.py "$@"
}

bench_sim() {
    local what=$1 figure
    shift
    "$root/build/release/chaos/shoal-sim" "$@" >"$root/build/bench.log" || die "the simulation failed; see build/bench.log"
    figure=$(sed -n 's/.* \([0-9.]* node-hours per CPU second\)$/\1/p' "$root/build/bench.log")
    say "bench: $what: $figure"
}

# fuzz [TARGET] [SECONDS], the seconds being each target's. What was learnt stays in build/corpus;
# what broke, in build/crashes. With fuzz_seed set, every run tries the same inputs in the same order.
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
    # Two at a time: what the smallest machine that builds this carries. All get their turn, so that
    # one run names everything that fails.
    local target pids=() failed=''
    for target in $(fuzz_targets); do
        fuzz_one "$target" "$seconds" &
        pids+=($!)
        [ "${#pids[@]}" -ge 2 ] || continue
        wait "${pids[0]}" || failed=yes
        pids=("${pids[@]:1}")
    done
    for target in "${pids[@]}"; do wait "$target" || failed=yes; done
    [ -z "$failed" ] || die 'some fuzz targets failed'
}

fuzz_targets() { (cd tests/fuzz && printf '%s\n' *_fuzz.cpp) | sed 's/\.cpp$//'; }

fuzz_one() {
    local target=$1 seconds=$2 corpus=$root/build/corpus/$1 log=$root/build/fuzz/$1.log
    mkdir -p "$corpus" "$root/build/crashes"
    # Long inputs from the start: a machine's bugs lie many steps deep.
    "$root/build/fuzz/tests/fuzz/$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        -len_control=0 ${fuzz_seed:+-seed=$fuzz_seed} \
        -artifact_prefix="$root/build/crashes/$target-" "$corpus" >"$log" 2>&1 || {
        tail -n 60 "$log" >&2
        die "$target failed; the input is in build/crashes; replay: build/fuzz/tests/fuzz/$target FILE"
    }
    say "$target: $(grep -E '^Done [0-9]+ runs' "$log" || tail -n 1 "$log")"
}

# Does what README.md promises hold, with real containers? Said at once when it cannot be tried.
demo() {
    have_root || die 'the demo makes real containers and networks of its own, and needs root: sudo ./dev demo. Without: scripts/three-nodes up'
    need test
    configure release
    has_target release shoal || die 'there is no shoal program yet'
    compile release shoal >&2
    as_root 'the demo with real containers' scripts/demo/demo.py
}
