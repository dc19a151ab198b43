#!/bin/bash
# Tasks that other tools have made: each source has a golden list of what is found in it, and
# why something is none (tests/golden/adopt). What is broken gives a sentence.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
golden=$SOURCE_ROOT/tests/golden/adopt
cp "$SOURCE_ROOT"/tests/fixtures/adopt/* "$T"
cd "$T" || exit 1
for file in *.sql; do
	lab_make_foreign "$file" "${file%.sql}.db"
	rm "$file"
done

# Told and not written, with --dry-run; every line as it was.
for list in "$golden"/*.jsonl; do
	name=$(basename "$list" .jsonl)
	is 0 "$name" dreamq adopt --json --dry-run "$name"
	equal "$(cat "$list")" "$(cat out)" "  what is in it"
	valid out "  follows the schema"
done
equal "" "$(find state -type f)" "a dry run writes nothing"
equal "" "$(grep -rl 'do-not-' out err "$golden")" "no cookie, no signature is told"

# Adopted: what the source says of a task is in the ledger.
before=$(cat tasks_1.4.db tasks_1.4.db-wal 2>/dev/null | sha256sum)
is 0 "a database is adopted" dreamq adopt tasks_1.4.db
says '^3f6eb41f425d23a3 .*  video  new    row 1  waves, "at" night$' out "  each task has a row"
says "tasks_1.4.db, row 4: there is no id in it" err "  what has none is told"
says "tasks_1.4.db: 3 tasks, 3 new, 0 known, 1 skipped" err "  and counted"
equal "$before" "$(cat tasks_1.4.db tasks_1.4.db-wal 2>/dev/null | sha256sum)" "  the database is as it was"
equal "3" "$(count_tasks unknown)" "  the ledger has them"
equal "video waves, \"at\" night seedance2.0fast 2026-03-31T23:33:20Z 44" \
	"$(in_ledger '.[] | select(.submit_id == "3f6eb41f425d23a3") |
	"\(.kind) \(.prompt) \(.model) \(.created_at) \(.credits.amount)"')" "  with what is known of them"
is 0 "once more" dreamq adopt tasks_1.4.db
says "3 tasks, 0 new, 3 known" err "  they are known"
cp out rows
is 0 "its rows are ids again" dreamq show --json - <rows
is 0 "a HAR" dreamq adopt traffic.har
equal "25666395318023" "$(in_ledger '.[] | select(.submit_id | endswith("523")) | .history_id')" \
	"  both ids of a task are one task"
is 0 "an id by which a task is known" dreamq adopt - <<<"25666395318023"
says " known  line 1" out "  is that task"
is 0 "for a profile" dreamq adopt --profile default --json list_task.json
equal "0" "$(requests query)" "nothing was asked of the service"

# And what was adopted is fetched.
id=11111111-2222-4333-8444-555555555591
make_tasks "{\"account\":\"tester\",\"ids\":[\"$id\"],\"prompt\":\"a cat [items=2]\",\"age_seconds\":600}" >/dev/null
printf '[{"submit_id":"%s","gen_status":"partial_success"}]' "$id" >mine.json
is 0 "a task of ours" dreamq adopt mine.json
is 0 "  can be had" dreamq get -o files "$id"
complete files 2 "  with its files"

# What is broken.
# refuses NAME SENTENCE
refuses() {
	is 2 "$1 is refused" dreamq adopt --json "$1"
	says "$2" err "  in a sentence"
	valid out "  follows the schema"
}
: >empty
printf ' \r\n\n' >blank
printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR' >picture.png
printf 'SQLite format 3\0and then nothing of the kind' >fake.db
head -c 60 tasks_1.2.db >header.db
head -c 8000 tasks_1.2.db >cut.db
head -c 1900 traffic.har >cut.har
gzip -c traffic.har >har.gz
iconv -t UTF-16LE <links.txt | sed '1s/^/\xff\xfe/' >wide.txt
echo '{"log":{"entries":[{"request":{"url":"https://example.com/"}}]}}' >other.har
echo '[{"submit_id":"11111111-2222-4333-8444-5555555555a1"} {"submit_id":"x"}]' >broken.json
echo 'nr,prompt
1,cat' >noids.csv
echo '[]' >nothing.json
printf '[%0100d' 0 | tr 0 '[' >deep.json
refuses empty "'empty' is empty"
refuses blank "'blank' is empty"
refuses picture.png "is no text, and no database"
refuses fake.db "begins as a database does, and is none"
refuses header.db "begins as a database does, and is none|damaged, or cut"
refuses cut.db "damaged, or cut"
refuses tasks_unknown.db "no table of .* has ids of tasks; its tables are 'notes, settings'"
refuses cut.har "'cut.har' is cut, or no JSON: byte 1900: it ends in the middle"
says '"submit_id":"11111111-2222-4333-8444-555555555521"' out "  what stood before that is taken"
refuses har.gz "compressed"
refuses wide.txt "UTF-16"
refuses other.har "of 1 requests 0 were to the service"
refuses broken.json "a comma is expected"
says '"submit_id":"11111111-2222-4333-8444-5555555555a1"' out "  what stood before that is taken"
refuses noids.csv "no tasks are in"
refuses nothing.json "no tasks are in"
refuses deep.json "too deep"
is 2 "a database from a pipe" dreamq adopt - <tasks_1.2.db
says "can be read from a file only" err "  is refused"
is 2 "no file" dreamq adopt
is 6 "one that is not there" dreamq adopt nowhere
is 2 "of two the good one" dreamq adopt nothing.json tasks_other_tool.db
says "tasks_other_tool.db: 2 tasks, 2 new" err "  is adopted"

# Of any size, in little memory: 120 MB through a pipe.
cat >big.py <<'PY'
import resource, subprocess, sys
body = '{\\"ret\\":\\"0\\",\\"junk\\":\\"' + 'x' * 200000 + '\\"}'
adopt = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
def write(text):
    adopt.stdin.write(text.encode())
write('{"log":{"entries":[')
for i in range(600):
    write('%s{"request":{"url":"https://x.y/mweb/v1/get_history_by_ids","postData":{"text":'
          '"{\\"submit_ids\\":[\\"00000000-0000-4000-8000-%012x\\"]}"}},"response":{"content":'
          '{"text":"%s"}}}' % (',' if i else '', i, body))
write(']}}')
adopt.stdin.close()
print(adopt.wait(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
PY
/usr/bin/python3 big.py "$DREAMQ" adopt - >big.out 2>err
says "standard input: 600 tasks, 600 new" err "120 MB of a HAR are read"
read -r status kilobytes <big.out
equal 0 "$status" "  without trouble"
between 1000 "$kilobytes" 100000 "  in bounded memory"
equal "" "$(violations)" "the emulator has nothing to complain of"
done_testing
