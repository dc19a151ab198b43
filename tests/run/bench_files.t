#!/bin/bash
# The bench of downloads, as small as it goes: it must run, and bring everything.
. "$(dirname "$0")/lib.sh"
type -P nginx >/dev/null || PATH=$PATH:/usr/sbin
for tool in nginx openssl curl aria2c wget2 python3; do
	type -P $tool >/dev/null || {
		echo "1..0 # SKIP there is no $tool (tools/setup bench)"
		exit 0
	}
done
cd "$T" || exit 1
mkdir where
bench() { python3 "$SOURCE_ROOT/tools/bench_files.py" --build "$BUILD_ROOT" --dir where --scale 0.01 --rounds 1 "$@"; }
cp "$SOURCE_ROOT/docs/performance.md" doc.md

is 0 "each case over HTTP" bench --scheme http --json all.json --write doc.md
equal "small 48,mid 8,big 4,big-md5 4,tasks 40,many 500" \
	"$(jq -r '[.results[] | "\(.case) \(.files)"] | join(",")' all.json)" "has so many files"
equal true "$(jq '[.results[].runs[][] | .wall > 0 and .cpu > 0 and .mib > 1] | all' all.json)" \
	"each run has a time, and a size"
equal '["aria2","curl","dreamq","wget2"]' "$(jq -c '.results[0].runs | keys - ["dreamq --no-sync"]' all.json)" "everybody ran"
equal '["answers read","answers read, no sync","bare promise","bare promise, no sync","cp","links asked","links asked, no sync","receive","sha256","sync"]' "$(jq -c '.results[0].floors | keys' all.json)" "floors beside them"
says '^\| 48 of 10 KiB \| HTTP \| (curl|wget2|aria2): [0-9.]+ s, .*\*\*[0-9.]+\*\*' doc.md "the document has the row"
equal "$(grep -c '<!-- /*files: ' "$SOURCE_ROOT/docs/performance.md")" "$(grep -c '<!-- /*files: ' doc.md)" "and its markers"
# How many lines tell of a run, in the first table.
runs_told() { sed -n '/<!-- files: durable -->/,/<!-- .files: durable -->/p' doc.md | grep -c ' rounds, scale '; }
equal 1 "$(runs_told)" "and what it was measured on"
small=$(grep '^| 48 of 10 KiB' doc.md)
mid=$(grep '^| 8 of 1 MiB' doc.md)
is 0 "one of them again" bench --case mid --scheme http --write doc.md
equal "$small" "$(grep '^| 48 of 10 KiB' doc.md)" "the others' rows stay"
equal "$(wc -l <<<"$mid")" "$(grep -c '^| 8 of 1 MiB' doc.md)" "its own are replaced"
equal different "$([ "$mid" = "$(grep '^| 8 of 1 MiB' doc.md)" ] || echo different)" "by what was measured"
equal 2 "$(runs_told)" "each run has its line"
is 0 "over TLS, both" bench --case small --scheme https1 --scheme https2 --json tls.json
equal "https1 48,https2 48" "$(jq -r '[.results[] | "\(.scheme) \(.files)"] | join(",")' tls.json)" "has so many files"

echo 'no markers' >bare.md
is 1 "a document without markers" bench --case small --scheme http --write bare.md
says "has not one '<!-- files: durable -->'" err "is told"
equal "no markers" "$(cat bare.md)" "and left alone"

# Stopped in the middle: nothing stays.
env --default-signal=INT python3 "$SOURCE_ROOT/tools/bench_files.py" --build "$BUILD_ROOT" --dir where --case small --scale 0.1 --rounds 1000 >out 2>err &
pid=$!
for _ in $(seq 200); do
	[ -n "$(find where -name nginx.pid)" ] && break
	sleep 0.1
done
until [ -s "$(ls where/*/nginx.pid)" ]; do sleep 0.1; done
server=$(cat where/*/nginx.pid)
kill -INT $pid
wait $pid
equal 130 $? "interrupted"
equal "" "$(ls where)" "it leaves no file"
equal gone "$(kill -0 "$server" 2>/dev/null || echo gone)" "and no server"

is 0 "growth" python3 "$SOURCE_ROOT/tools/bench_growth.py" --build "$BUILD_ROOT" --dir where --least 3 --most 30 --write doc.md
equal 6 "$(grep -cE '^\| (wait|get|get again) \| (3|30) \| .* MiB \| [0-9.]+ \|$' doc.md)" "is six rows of the document"
equal 1 "$(grep -c 'rounds. `tools/bench_growth.py --least 3 --most 30`' doc.md)" "and what it was measured on"
equal "" "$(ls where)" "and leaves no file"
done_testing
