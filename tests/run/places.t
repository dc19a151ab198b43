#!/bin/bash
# Where files shall go: a place that is taken.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 100
make_tasks '{"account":"tester","count":20,"prefix":"p","prompt":"a cat [items=1]","age_seconds":600}' >"$T/ids"

# Of 20 files five have a place that is taken: they fail, and the other 15 come.
mapfile -t id <"$T/ids"
mkdir -p "$T/taken/${id[3]}" "$T/elsewhere"
touch "$T/target" "$T/taken/${id[1]}"
ln -s "$T/elsewhere" "$T/taken/${id[2]}"
ln -s "$T/target" "$T/taken/.dreamq-${id[4]}.0.part"
mkdir "$T/taken/.dreamq-${id[5]}.0.part"
mkfifo "$T/taken/.dreamq-${id[6]}.0.part"
is 6 "20 files, of which 5 have a place that is taken" dreamq get -o "$T/taken" \
	--name '{submit_id}/{index}.{ext}' --input "$T/ids"
equal 15 "$(find "$T/taken" -type f -name '0.png' | wc -l)" "the other 15 come"
equal 15 "$(sql "select count(*) from assets where state = 'stored'")" "and the ledger knows"
for n in 1 2 4 5 6; do
	says "${id[n]}.*in the way" "$T/err" "what is in the way of ${id[n]} is told"
done
equal "" "$(find "$T/elsewhere" -type f)$(cat "$T/target")" "no link was followed"
rm -r "$T/taken/${id[1]}" "$T/taken/${id[2]}" "$T/taken/.dreamq-${id[4]}.0.part" \
	"$T/taken/.dreamq-${id[5]}.0.part" "$T/taken/.dreamq-${id[6]}.0.part"
is 0 "with the places free they come, too" dreamq get -q -o "$T/taken" \
	--name '{submit_id}/{index}.{ext}' --input "$T/ids"
complete "$T/taken" 20 "all 20"

# A link where a stored file was, to the same bytes: it is no stored file.
name=$T/taken/${id[0]}/0.png
mv "$name" "$T/moved.png" && ln -s "$T/moved.png" "$name"
is 0 "a stored file was replaced by a link to it" dreamq get -q -o "$T/taken" \
	--name '{submit_id}/{index}.{ext}' "${id[0]}"
path=$(sql "select path from assets join tasks on id = task where submit_id = '${id[0]}'")
is 0 "it is stored again, as a file" test -f "$path" -a ! -L "$path"

done_testing
