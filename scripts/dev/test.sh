# shellcheck shell=bash disable=SC2154  # root comes from ./dev
# The full tiers, in stages. Each stage is its own process, so that a failing command inside ends it
# and one stage can be repeated alone: ./dev test STAGE.

test_stages=(style release clang asan tsan fuzz sim mutants hashes package demo ctest)
test_minutes_max=75

test_all() {
    need test
    local stage began table=''
    for stage in "${test_stages[@]}"; do
        began=$SECONDS
        if [ "$stage" = ctest ] && [ -n "$table" ]; then
            printf '\n%s' "$table"
        fi
        run_stage "$stage" || die "stage '$stage' failed after $((SECONDS - began)) s; again: ./dev test $stage"
        [ "$stage" = ctest ] || say "== $stage: $((SECONDS - began)) s"
        table+=$(printf '%-8s %5d s' "$stage" $((SECONDS - began)))$'\n'
    done
}

# In time, or not at all: what hangs must not hang a machine for hours.
run_stage() {
    local left=$((test_minutes_max * 60 - SECONDS)) foreground=''
    [ "$left" -gt 0 ] || die "stopped: the tests took more than $test_minutes_max minutes"
    [ ! -t 0 ] || foreground=--foreground
    printf '\n== %s\n' "$1"
    # shellcheck disable=SC2086
    timeout $foreground "$left" "$root/dev" test "$1"
}

is_stage() { [[ " ${test_stages[*]} " == *" $1 "* ]]; }

test_stage() {
    need test
    "stage_$1"
}

stage_style() { check_format; }

stage_release() { compile release; }

stage_clang() { compile clang; }

# Machines and everything around them, under the address and undefined behaviour sanitizers. Their
# check of vptr is off: it opens a pipe to look at an object, and a test leaves no descriptor for it.
stage_asan() {
    compile asan test_programs shoal-sim
    run_tests asan unit
    "$root/build/asan/chaos/shoal-sim" --nodes 10 --seeds 3
    "$root/build/asan/chaos/shoal-sim" --nodes 10 --seeds 3 --hostile
}

# Threads exist in node/host only.
stage_tsan() {
    compile tsan host_tests network_world_tests
    run_tests tsan unit -R '^host\.'
    run_tests tsan network
}

# Enough to find what is shallow in about two minutes, and the same every time; ./dev fuzz SECONDS
# goes deeper and elsewhere.
stage_fuzz() { fuzz_seed=1 fuzz 15; }

stage_sim() {
    sim --nodes 20 --seeds 100
    sim --nodes 100 --seeds 20
    # Corrupted packets may claim anything, so such runs ask for safety alone: besides, not instead.
    sim --nodes 20 --seeds 20 --hostile
}

stage_mutants() {
    [ -f chaos/mutants_main.cpp ] || { say 'NOT RUN: there is no chaos/mutants_main.cpp yet'; return 0; }
    sim mutants
}

# One seed is one run, whatever compiled it; or no failure could be replayed elsewhere.
stage_hashes() {
    local preset seeds=(--nodes 20 --seeds 3 --hash)
    for preset in release debug clang; do
        compile "$preset" shoal-sim >&2
        "$root/build/$preset/chaos/shoal-sim" "${seeds[@]}" >"$root/build/hashes-$preset"
        [ "$(wc -l <"$root/build/hashes-$preset")" -eq 3 ] || die "$preset printed no hashes"
        diff "$root/build/hashes-release" "$root/build/hashes-$preset" >&2 ||
            die "the traces of release and $preset differ"
    done
    cat "$root/build/hashes-release"
}

# The package, and its scripts in a new Debian without a running system; ./dev vm has one that runs.
stage_package() {
    package
    try_package "$(package_file)"
}

# By source, not by target: a program that should be there and is not built must fail, not be skipped.
program_has_sources() {
    [ -f cli/main.cpp ] && { [ -f node/host/daemon/daemon.cpp ] || [ -f node/host/daemon/agent_main.cpp ]; }
}

stage_demo() {
    if ! program_has_sources; then
        say 'NOT RUN: the daemon has no main yet, so there is no program to demonstrate'
        return 0
    fi
    demo
}

# Last, so that the output ends with ctest's own summary. What exists as source and is not
# registered would be missing without a word: look first.
stage_ctest() {
    compile release
    every_folder_is_registered release
    ctest --test-dir "$root/build/release" -j "$(jobs_count)" --no-tests=error --output-on-failure
}

every_folder_is_registered() {
    local folder name listed
    listed=$(ctest --test-dir "$root/build/$1" -N)
    for folder in tests/*/; do
        name=$(basename "$folder")
        compgen -G "$folder*_test.cpp" >/dev/null || compgen -G "${folder}test_*.py" >/dev/null || continue
        if [ "$name" = process ] && ! program_has_sources; then
            say 'NOT RUN: tests/process; the daemon has no main yet'
            continue
        fi
        grep -q ": $name\." <<<"$listed" || die "$folder has tests, and ctest knows none of them"
    done
}
