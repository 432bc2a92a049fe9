#!/bin/sh
# mho search: the front against that of the whole space, resuming, the same for any jobs, refusals.
# shellcheck source=tests/support/cli.sh
. "$(dirname "$0")/../support/cli.sh"

# space NAME: a sweep file in $tmp with the space, and the key `search` from standard input.
space() {
    {
        echo "base: $root/configs/examples/lenet.yaml"
        echo 'name: space'
        echo 'set: {dataset.count: 20, run.detail: totals}'
        echo 'grid: {crossbar.rows: [32, 64, 128], adc.bits: [3, 4, 6, lossless], crossbar.cell_bits: [1, 2]}'
        echo 'where: crossbar.rows != 32 or crossbar.cell_bits == 2'
        cat
    } >"$tmp/$1.yaml"
}
space whole <<'END'
search:
  minimize: [area_m2 * 1e6, energy_per_inference_j * 1e6]
  subject_to: accuracy_ideal - accuracy_mean <= 6
  population: 6
  generations: 30
END
succeeds "a dry run works" "$mho" search "$tmp/whole.yaml" --dry-run
prints "the space and the goals" '^  adc.bits +4 values$' '^  24 points$' '^minimize +area_m2 \* 1e6$' \
    '^subject to +accuracy_ideal - accuracy_mean <= 6$' '^search +6 points in each of 31 generations: at most 186, seed 1$'

# A search that may go on until nothing is left finds the front of the whole space.
succeeds "a search works" "$mho" search "$tmp/whole.yaml" --db "$tmp/a.db" --jobs 1
prints "the end screen" '^space: [0-9]+ points evaluated in .*left out by where; that is the whole space$' \
    '^generation  points' '^ +0 +[0-9]+ +[0-9]+ +[0-9.]+$' '^Look: +mho query --view pareto --db .*/a.db$'
# front: the objectives of the points of a front, from the screen.
front() {
    sed -n '/^ *area_m2/,/^$/{/^ *[0-9]/p}' "$1" | awk '{print $1, $2}' | sort
}
cp "$tmp/out" "$tmp/a.out"
front "$tmp/a.out" >"$tmp/a"
run "$mho" sweep "$tmp/whole.yaml" --db "$tmp/s.db"
sqlite3 -separator ' ' "$tmp/s.db" "
    CREATE TEMP VIEW p AS SELECT area_mm2 AS a, energy_per_inference_j * 1e6 AS e FROM run_summary
        WHERE accuracy_ideal - accuracy_top1 <= 6;
    SELECT printf('%.4g', a), printf('%.4g', e) FROM p WHERE NOT EXISTS (
        SELECT 1 FROM p AS o WHERE o.a <= p.a AND o.e <= p.e AND (o.a < p.a OR o.e < p.e))" | sort >"$tmp/s"
if [ -s "$tmp/s" ] && diff "$tmp/a" "$tmp/s" >"$tmp/diff"; then
    ok "the front is that of the whole space ($(wc -l <"$tmp/s") points)"
else
    not_ok "the front is that of the whole space" "$(cat "$tmp/diff")"
fi
if [ "$(sqlite3 "$tmp/s.db" "SELECT count(*) FROM run")" = 20 ]; then
    ok "where holds in searches' spaces"
else
    not_ok "where holds in searches' spaces"
fi

# Part of the space only: the same for any jobs, and from half-way.
space part <<'END'
search: {minimize: energy_per_inference_j, maximize: [accuracy_mean], population: 4, generations: 2, seed: 3}
END
succeeds "a short search works" "$mho" search "$tmp/part.yaml" --db "$tmp/p1.db" --jobs 1
prints "objectives have their units" '^ *energy_per_inference_j +accuracy_mean ' '^ *[0-9.]+ uJ +[0-9.]+ '
sed 1d "$tmp/out" | grep -v '^Look' >"$tmp/p1"
run "$mho" search "$tmp/part.yaml" --db "$tmp/p3.db" --jobs 3 --generations 0
prints "options come before the file" '^ +0 +[0-9]+ +[0-9]+ '
run "$mho" search "$tmp/part.yaml" --db "$tmp/p3.db" --jobs 3
prints "what is stored is not evaluated again" 'were done before'
sed 1d "$tmp/out" | grep -v '^Look' >"$tmp/p3"
if cmp -s "$tmp/p1" "$tmp/p3"; then
    ok "the same with three jobs, continued"
else
    not_ok "the same with three jobs, continued" "$(diff "$tmp/p1" "$tmp/p3")"
fi
run "$mho" search "$tmp/part.yaml" --db "$tmp/p1.db" --seed 4
sed 1d "$tmp/out" | grep -v '^Look' >"$tmp/p4"
if cmp -s "$tmp/p1" "$tmp/p4"; then not_ok "another seed searches elsewhere"; else ok "another seed searches elsewhere"; fi

# refused NAME WHAT PATTERN: from standard input the key `search`.
refused() {
    space "$1"
    fails "$2" 2 "$3" "$mho" search "$tmp/$1.yaml" --db "$tmp/none.db"
}
refused nosearch "no goals" '"search" is missing' </dev/null
refused nothing "nothing wanted" 'nothing to minimize or maximize' <<'END'
search: {population: 8}
END
refused odd "an odd population" 'odd.yaml:6:49: population: expected an even number' <<'END'
search: {minimize: area_m2, population:         7}
END
refused limit "no comparison" 'limit.yaml:6:41: subject_to: expected a comparison' <<'END'
search: {minimize: area_m2, subject_to: accuracy_mean}
END
refused key "a mistyped key" 'key.yaml:6:.*minimise.*did you mean "minimize"' <<'END'
search: {minimise: area_m2}
END
refused metric "a mistyped metric" 'metric.yaml:6:20: metric "aera_m2" is unknown \(did you mean "area_m2"' <<'END'
search: {minimize: aera_m2, population: 4, generations: 0}
END
run "$mho" search "$tmp/whole.yaml" --population 5
if [ "$code" = 2 ] && grep -q "population: expected an even number" "$tmp/err"; then ok "an odd --population"; else not_ok "an odd --population"; fi
finish
