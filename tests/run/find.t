#!/usr/bin/env bash
# Finding tasks in the ledger: by words, in an order.
. "$(dirname "$0")/lib.sh"
start_emulator --time-scale 50

# ids OPTION...: what a list has, in its order, on one line
ids() { dreamq list --json "$@" | jq -r .submit_id | xargs; }

submit_as() { dreamq submit --submit-id "$1" --prompt "$2 [seconds=0.1] [items=$3]" >/dev/null; }
submit_as cat-one "一只小猫坐在阳光下" 1
submit_as dog-two "a big Dog in the snow" 3
submit_as cat-three "a CAT and a dog" 2
is 0 "three tasks, and their files" dreamq get -q -o "$T/files" cat-one dog-two cat-three

# --- words
equal "cat-one" "$(ids --search 猫)" "one Chinese character is found"
equal "cat-one" "$(ids --search '小猫 阳光')" "  so are two words"
equal "" "$(ids --search '小狗')" "  and what is not there is not"
equal "cat-three dog-two" "$(ids --search DOG)" "case does not count"
equal "cat-three dog-two" "$(ids --search ＤＯＧ)" "  nor does width"
equal "dog-two" "$(ids --search 'dog -cat')" "a word that must not be there"
equal "cat-three dog-two" "$(ids --search=-猫)" "  alone"
equal "cat-three" "$(ids --search '"and a dog"')" "words in quotes are one"
equal "cat-three cat-one" "$(ids --search 'cat-')" "an id is found by its front"
equal "" "$(ids --search 'three')" "  and by nothing else"
equal "cat-three" "$(ids --search dog --limit 1)" "a limit counts what is found"
is 0 "nothing is found" dreamq list --search nowhere
equal "" "$(cat "$T/out")" "  and nothing is said"
is 2 "nothing to look for" dreamq list --search ' - '
says "nothing to look for in ' - '" "$T/err" "  is refused"
is 2 "too much to look for" dreamq list --search "$(printf 'a%.0s' {1..5000})"
is 2 "no text" dreamq list --search ''
export LC_ALL=zh_CN.UTF-8
equal "cat-one" "$(ids --search 猫)" "in another locale"
export LC_ALL=none.such
equal "cat-one" "$(ids --search 猫)" "  in one that is not there"
export LC_ALL=C
equal "cat-three dog-two" "$(ids --search DoG)" "  in none"
export LC_ALL=C.UTF-8
is 0 "export takes them, too" dreamq export --format csv --search 阳光
equal 2 "$(wc -l <"$T/out")" "  the header and one row"

# --- orders
equal "cat-one dog-two cat-three" "$(ids --sort seen)" "the oldest first"
equal "cat-three dog-two cat-one" "$(ids --sort -seen)" "  the newest first"
equal "$(ids)" "$(ids --sort=-seen)" "  which is how they come"
equal "cat-one cat-three dog-two" "$(ids --sort id)" "by id"
equal "dog-two cat-three" "$(ids --sort -size --limit 2)" "the two with the most bytes"
equal "cat-one cat-three dog-two" "$(ids --sort size)" "  by bytes"
equal "cat-one dog-two cat-three" "$(ids --sort created)" "by when they were made"
equal "dog-two cat-three" "$(ids --sort -id --search dog)" "what is found is sorted"
is 2 "an order that is none" dreamq list --sort colour
says "'colour' is not one of: cost, created" "$T/err" "  is told"
sed -i 's/^\[default\]/&\nsort = id/' "$XDG_CONFIG_HOME/dreamq/config.ini"
equal "cat-one cat-three dog-two" "$(ids)" "the config file says in which"
settings >"$XDG_CONFIG_HOME/dreamq/config.ini"

# --- fields
is 0 "--json with fields" dreamq list --json=id,state,prompt --sort id --limit 1
equal '{"submit_id":"cat-one","state":"succeeded","prompt":"一只小猫坐在阳光下 [seconds=0.1] [items=1]"}' \
	"$(cat "$T/out")" "  has these and no others"
is 0 "every field of the line" dreamq list --json --limit 1
full=$(cat "$T/out")
is 0 "  can be asked for" dreamq list --limit 1 \
	"--json=$(jq -r 'keys_unsorted | map(select(. != "schema_version" and . != "event")) | join(",")' <<<"$full")"
equal "$(jq -c 'del(.schema_version, .event)' <<<"$full")" "$(jq -c . "$T/out")" "  and is the same"
is 2 "one that is none" dreamq list --json=id,colour
says "unknown field 'colour'; there are: id, submit_id, history_id, kind, .*, mode" "$T/err" "  is told, with those that there are"
is 2 "a file's field" dreamq list --json=path
is 2 "of a verb that tells of no tasks" dreamq stats --json=id
says "'stats' prints all its fields: write --json alone" "$T/err" "  is refused"
is 0 "--json=yes" dreamq list --json=yes --limit 1
equal task "$(jq -r .event "$T/out")" "  is the whole line"
is 0 "--json=no" dreamq list --json=no --limit 1
says_not submit_id "$T/out" "  is none"
is 0 "--print" dreamq list --print id,state,total --sort id
equal $'cat-one\tsucceeded\t1\ncat-three\tsucceeded\t2\ndog-two\tsucceeded\t3' "$(cat "$T/out")" "  between tabs"
is 0 "--print of files" dreamq show --print index,path dog-two cat-one
equal "$(printf '%s\n' "0	$T/files/dog-two_0.png" "1	$T/files/dog-two_1.png" "2	$T/files/dog-two_2.png" \
	"0	$T/files/cat-one_0.png")" "$(cat "$T/out")" "  is a line a file"
dreamq list --print path -0 >"$T/zero"
equal 6 "$(tr -cd '\0' <"$T/zero" | wc -c)" "--null ends each with a NUL"
equal 6 "$(xargs -0 ls <"$T/zero" | wc -l)" "  as xargs -0 wants it"
equal "dog-two cat-three cat-one" "$(dreamq list -0 --sort -size | tr '\0' ' ' | sed 's/ $//')" "  of ids, when nothing else is said"
equal "null" "$(dreamq list --json=queue --limit 1 | jq .queue)" "what is absent is null"
equal "" "$(dreamq list --print queue --limit 1)" "  and in a text nothing"
equal "[]" "$(dreamq query nobody-knows --json=assets 2>/dev/null | jq -c .assets)" "query takes fields"
is 0 "get prints what is asked for" dreamq get -q -o "$T/files" --print id,bytes,sha256 cat-one
equal "cat-one	$(stat -c %s "$T/files/cat-one_0.png")	$(sha256sum <"$T/files/cat-one_0.png" | cut -c 1-64)" "$(cat "$T/out")" "  and no path"
is 0 "and as JSON" dreamq get -o "$T/files" --json=id,finished cat-one dog-two
equal '{"submit_id":"cat-one","finished":1} {"submit_id":"dog-two","finished":3}' "$(sort "$T/out" | xargs -d '\n')" "  one object a task"
is 2 "both ways" dreamq list --json=id --print id
is 2 "two names without a comma are none" dreamq list --print "id state"
says "unknown field .id state." "$T/err" "  which is said"
equal "dog-two succeeded" "$(dreamq list --print " id , state " --search dog-two | tr '\t' ' ')" "blanks around them do no harm"
is 0 "run" dreamq run -q -o "$T/files" --submit-id made-here --prompt "run [seconds=0.1] [items=1]" --print id,state
equal "made-here	succeeded" "$(cat "$T/out")" "  prints them, too"
dreamq forget made-here 2>/dev/null
is 2 "an error of --json=FIELD" dreamq get --json=id ''
equal "" "$(cat "$T/out")" "  is on stderr alone"

# --- forms
is 0 "a template" dreamq list --sort id --format '{id}: {state} {{x}} \t{total}\\'
equal "cat-one: succeeded {x} 	1\\" "$(head -1 "$T/out")" "  with its escapes"
is 0 "  of files" dreamq list --search 小猫 --format '{id} {format} {asset_kind}'
equal "cat-one png image" "$(cat "$T/out")" "  a line for each"
is 2 "  with a field that is none" dreamq list --format '{colour}'
says "unknown field 'colour'" "$T/err" "  is told"
is 2 "  that is not closed" dreamq list --format 'x {id'
says "a '{' has no '}'" "$T/err" "  is told"
is 2 "no template, and no form" dreamq list --format xml
says "'xml' is none of: table, csv, jsonl" "$T/err" "  is told"
is 2 "export has two" dreamq export --format table
echo mine >"$T/mine.csv"
is 2 "into a file that is there" dreamq export --format csv -o "$T/mine.csv"
says "mine.csv' is there already; --force replaces it" "$T/err" "  it tells what to do"
equal mine "$(cat "$T"/mine.csv*)" "  the file is as it was, and nothing is beside it"
ln -s nowhere "$T/dangling"
is 2 "into a link that leads nowhere" dreamq export -o "$T/dangling"
is 0 "with --force" dreamq export --format csv -o "$T/mine.csv" --force
says '^submit_id,' "$T/mine.csv" "  it is replaced"
is 0 "with --force, where nothing is" dreamq export --force -o "$T/new.jsonl"
valid "$T/new.jsonl" "  it is written"
is 0 "csv" dreamq list --format csv --search 小猫
equal "$(dreamq export --format csv --search 小猫)" "$(cat "$T/out")" "  is that of export"
equal "$(dreamq list --json)" "$(dreamq list --format jsonl)" "jsonl is --json"
equal "$(dreamq list)" "$(dreamq list --format table)" "table is what a list is"
is 2 "two forms" dreamq list --format csv --json

# --- columns
is 0 "columns" dreamq list --sort id --columns id,files,size,prompt
says "^cat-one +1/1 +[0-9.]+ kB +一只小猫坐在阳光下" "$T/out" "  that were named"
is 2 "two without a comma" dreamq list --columns "id state"
says "unknown column .id state." "$T/err" "  are none"
is 0 "blanks around them" dreamq list --limit 1 --columns " id , state "
is 2 "one that is none" dreamq list --columns id,colour
says "unknown column 'colour'; there are: kind, state, files" "$T/err" "  is told"
is 2 "none at all" dreamq list --columns ,
is 2 "too many" dreamq list --columns "$(printf 'id,%.0s' {1..30})id"
sed -i 's/^\[default\]/&\ncolumns = id, total/' "$XDG_CONFIG_HOME/dreamq/config.ini"
equal "cat-one  1" "$(dreamq list --search 小猫)" "the config file names them"
settings >"$XDG_CONFIG_HOME/dreamq/config.ini"

# --- tags, notes, ratings
is 0 "tags" dreamq tag cat-one dog-two +Good +猫 --rating 5
says "marked 2 tasks" "$T/err" "  are put on"
is 0 "  and taken away" dreamq tag dog-two -猫 -never
equal "dog-two cat-one" "$(ids --tag good)" "they find tasks"
equal "cat-one" "$(ids --tag good,猫)" "  all of them together"
equal "cat-one" "$(ids --tag ＧＯＯＤ --search 猫)" "  however they are written"
equal "" "$(ids --tag draft)" "  and nothing is not found"
is 0 "a note" dreamq note cat-three 'for the Poster'
equal "for the Poster" "$(dreamq note cat-three)" "  is there"
equal "cat-three" "$(ids --search poster)" "  and is found"
equal "cat-one" "$(ids --search '猫')" "  as tags are"
is 0 "  from standard input" sh -c "printf 'two\\nlines\\n' | '$DREAMQ' note cat-three -"
is 0 "the JSON has them" dreamq show --json cat-one cat-three
valid "$T/out" "  by the schema"
equal '{"tags":["good","猫"],"note":null,"rating":5}' "$(head -1 "$T/out" | jq -c '{tags,note,rating}')" "  at its end"
equal '{"tags":[],"note":"two\nlines","rating":null}' "$(tail -1 "$T/out" | jq -c '{tags,note,rating}')" "  also what is none"
is 0 "so has who waits for it" dreamq get -q --json -o "$T/files" cat-one
equal '["good","猫"]' "$(tail -1 "$T/out" | jq -c .tags)" "  when it has ended"
is 0 "show" dreamq show cat-one
says "tags +good 猫" "$T/out" "  shows the tags"
says "rating +5" "$T/out" "  and the rating"
is 0 "export" dreamq export --format csv --tag good
says ',good 猫,,5.?$' "$T/out" "  has them at its end"
equal "dog-two" "$(dreamq tag dog-two --rating reject 2>/dev/null; ids --sort rating --limit 1)" "rejected is less than any"
is 0 "tag list" dreamq tag list
equal "    2  good
    1  猫" "$(cat "$T/out")" "  counts them"
is 0 "  as JSON" dreamq tag list --json
valid "$T/out" "  by the schema"
is 0 "--dry-run" dreamq tag --dry-run cat-one +wished
says "1 task would be marked" "$T/err" "  tells"
equal "" "$(ids --tag wished)" "  and does nothing"
is 0 "a tag that is called like an option" dreamq tag cat-one +q
is 0 "  is taken away behind --" dreamq tag cat-one -- -q
equal "" "$(ids --tag q)" "  at last"
is 2 "no tag" dreamq tag cat-one '+a b'
says "'a b' is no tag" "$T/err" "  is told"
is 2 "  nor one of 65 bytes" dreamq tag cat-one "+$(printf 'a%.0s' {1..65})"
is 2 "nothing to do" dreamq tag cat-one
is 2 "a rating that is none" dreamq tag cat-one --rating 6
is 1 "a task that nobody knows" dreamq tag nobody +x
is 1 "  by name" dreamq note nobody x
is 2 "a note with control characters" dreamq note cat-one $'a\e[31m'
is 2 "  and one that is too long" sh -c "head -c 17000 /dev/zero | tr '\\0' a | '$DREAMQ' note cat-one -"
is 2 "three words" dreamq note cat-one a b
is 0 "an empty note" dreamq note cat-three ''
equal "null" "$(dreamq list --json=note --search cat-three | jq .note)" "  is none"
is 0 "forget --dry-run" dreamq forget --dry-run dog-two
says "would forget 1 task" "$T/err" "  tells"
is 0 "  and does nothing" dreamq show dog-two
is 1 "  and knows what is not there" dreamq forget --dry-run nobody
is 0 "forgotten" dreamq forget dog-two
is 0 "  and adopted anew" dreamq get -q -o "$T/files" dog-two
equal "" "$(dreamq list --print tags,rating --search dog-two | tr -d '\t')" "  it has no marks"
is 0 "the ledger is whole" dreamq ledger check

# --- a copy
is 0 "a copy of the ledger" dreamq ledger backup "$T/copy.db"
equal "$T/copy.db" "$(cat "$T/out")" "  its name"
is 0 "  is whole" dreamq ledger check --ledger "$T/copy.db"
equal "$(dreamq list --json)" "$(dreamq list --json --ledger "$T/copy.db")" "  and says the same"
equal 600 "$(stat -c %a "$T/copy.db")" "  for its owner alone"
rm -f "$T"/copy.db*
is 0 "again" dreamq ledger backup "$T/copy.db" --json
valid "$T/out" "  as JSON"
is 2 "nothing is replaced" dreamq ledger backup "$T/copy.db"
says "is there already; --force replaces it" "$T/err" "  and that is said"
is 0 "  but with --force" dreamq ledger backup "$T/copy.db" --force
is 2 "the ledger itself" dreamq ledger backup --force "$LEDGER"
is 2 "  in a rehearsal, too" dreamq ledger backup --force --dry-run "$LEDGER"
says "is the ledger itself" "$T/err" "  for that reason"
is 2 "  by another of its names" dreamq ledger backup --force --dry-run "$(dirname "$LEDGER")/./ledger.db"
is 2 "what is there, in a rehearsal" dreamq ledger backup --dry-run "$T/copy.db"
is 0 "  or may be replaced" dreamq ledger backup --dry-run --force "$T/copy.db"
is 6 "no ledger, in a rehearsal" dreamq ledger backup --dry-run --ledger "$T/none.db" "$T/of-none.db"
equal "copy.db" "$(cd "$T" && echo copy.db*)" "nothing is left beside it"
is 0 "the copy is looked at" dreamq list --ledger "$T/copy.db"
is 0 "  and replaced for all that" dreamq ledger backup "$T/copy.db" --force
equal "copy.db" "$(cd "$T" && echo copy.db*)" "  with nothing beside it"
cp "$T/copy.db" "$T/used.db"
dreamq tag --ledger "$T/used.db" cat-three +used 2>/dev/null
is 2 "one that was written to is not" dreamq ledger backup "$T/used.db" --force
says "is in use, or was" "$T/err" "  and that is said"
rm -f "$T"/used.db*
is 2 "no name at all" dreamq ledger backup ""
says "name of the .*is empty" "$T/err" "  is called that"
is 2 "  in a rehearsal, too" dreamq ledger backup --dry-run ""
is 2 "  nor where it is recovered to" dreamq ledger recover --dry-run ""
mkfifo "$T/pipe"
is 2 "a pipe" dreamq ledger backup --force "$T/pipe"
test -p "$T/pipe"
equal 0 $? "  is left alone"
is 2 "no name" dreamq ledger backup
is 6 "a folder that is not there" dreamq ledger backup "$T/none/copy.db"
is 6 "a ledger that is not there" dreamq ledger backup --ledger "$T/none.db" "$T/of-none.db"
(ulimit -f 16 && trap '' XFSZ && dreamq ledger backup "$T/small.db") >"$T/out" 2>"$T/err"
equal 6 $? "a disk that takes no more"
equal "" "$(ls "$T" | grep '^small')" "  has nothing of it"
dreamq forget cat-three 2>/dev/null
is 0 "the copy comes back" dreamq ledger accept "$T/copy.db"
is 0 "  with what was forgotten" dreamq show cat-three
rm -f "$LEDGER".old-*
is 0 "  and whole" dreamq ledger check

# --- pruning
is 2 "prune needs to know which" dreamq prune
is 2 "  and for how long" dreamq prune --older-than soon
is 0 "what is young" dreamq prune --older-than 1h --yes
says "removed 0 tasks" "$T/err" "  stays"
lab_known_longer '*' 864000
_age_all() { lab_finished_longer 864000; }
_age_all
is 0 "what is old" dreamq prune --older-than 9d
equal "cat-three dog-two" "$(sort "$T/out" | xargs)" "  is told"
says "kept 1: with tags, a note or a rating" "$T/err" "  and what stays"
says "nothing was done; --yes does it" "$T/err" "  and that nothing was done"
equal 3 "$(ids | wc -w)" "  all are there"
dreamq tag cat-one -good -猫 --rating 0 2>/dev/null
echo "more" >>"$T/files/dog-two_0.png"
is 0 "with its files" dreamq prune --older-than 9d --files --yes --json
valid "$T/out" "  in lines of the schema"
equal '{"tasks":2,"files":3,"altered":1}' "$(tail -1 "$T/out" | jq -c '{tasks, files, altered: .kept.altered}')" "  go those that are as they were"
equal "dog-two" "$(ids)" "  the other stays"
equal "dog-two_0.png dog-two_1.png dog-two_2.png" "$(ls "$T/files" | grep -v made | xargs)" "  and its files"
is 0 "whose files are not gone" dreamq prune --gone --yes
equal "dog-two" "$(ids)" "  stays"
rm "$T"/files/dog-two_*
mv "$T/files" "$T/away"
is 0 "on a disk that is not there" dreamq prune --gone --yes
says "kept 1: what their files lie in is not there" "$T/err" "  it stays, too"
mv "$T/away" "$T/files"
is 0 "whose files are gone" dreamq prune --gone --yes
equal "" "$(ids)" "  goes"
is 0 "the ledger is whole after that" dreamq ledger check
dreamq submit -q --submit-id keyed --idempotency-key k1 --prompt "keyed [seconds=0.1] [items=1]" >/dev/null
dreamq get -q -o "$T/files" keyed >/dev/null
rm "$T"/files/keyed_*
is 0 "one with a key" dreamq prune --gone --yes
says "kept 1: with an idempotency key" "$T/err" "  stays"
is 0 "  but with --keys" dreamq prune --gone --keys --yes
equal "" "$(ids)" "  it goes"
dreamq submit -q --submit-id runs --prompt "runs [seconds=9000]" >/dev/null
lab_known_longer runs 864000
is 0 "one that runs" dreamq prune --older-than 1d --yes --files
says "kept 1: not over" "$T/err" "  stays"
submit_as cat-one "一只小猫坐在阳光下" 1
dreamq get -q -o "$T/files" cat-one >/dev/null

# --- files that more than one task has
dreamq get -q --profile other -o "$T/files" cat-one >/dev/null
ln -s files "$T/link"
dreamq get -q --profile third -o "$T/link" cat-one >/dev/null
lab_finished_longer 864000
is 0 "a file that other profiles have, too" dreamq prune --older-than 9d --files --yes
says "removed 1 task and 0 files" "$T/err" "  stays for them"
is 0 "  in its place" dreamq verify --profile other
is 0 "  whatever leads there" dreamq prune --profile third --older-than 9d --files --yes
is 0 "  and it stays for the last" dreamq verify --profile other
is 0 "  and goes with that one" dreamq prune --profile other --older-than 9d --files --yes
says "removed 1 task and 1 file," "$T/err" "  alone"
equal 0 "$(find "$T/files" -name 'cat-one*' | wc -l)" "  is gone"
submit_as cat-one "一只小猫坐在阳光下" 1
dreamq get -q -o "$T/files" cat-one >/dev/null

# --- ids for a shell
is 0 "ids" dreamq completion ids cat-
equal "cat-one	一只小猫坐在阳光下 [seconds=0.1] [items=1]" "$(cat "$T/out")" "  that begin so, with their prompts"
is 0 "all of them" dreamq completion ids
equal 2 "$(wc -l <"$T/out")" "  without a beginning"
is 0 "none" dreamq completion ids nobody
equal "" "$(cat "$T/out" "$T/err")" "  without a word"
is 0 "no ledger" dreamq completion ids --ledger "$T/none.db"
equal "" "$(cat "$T/out" "$T/err")" "  without a word"
head -c 9000 /dev/urandom >"$T/rubbish.db"
DREAMQ_LEDGER=$T/rubbish.db dreamq completion ids >"$T/out" 2>"$T/err"
equal "0" "$?$(cat "$T/out" "$T/err")" "a broken ledger, without a word"
printf 'rubbish\n' >"$T/rubbish.ini"
DREAMQ_CONFIG=$T/rubbish.ini dreamq completion ids >"$T/out" 2>"$T/err"
equal "0" "$?$(cat "$T/out" "$T/err")" "  and a broken config file"
mkdir "$T/bin" && ln -s "$DREAMQ" "$T/bin/dreamq"
completed=$(PATH=$T/bin:$PATH bash -c 'eval "$(dreamq completion bash)"
	COMP_WORDS=(dreamq tag cat) COMP_CWORD=2 && _dreamq && echo "${COMPREPLY[*]}"')
equal "cat-one" "$completed" "bash takes them"
if type -P zsh >/dev/null; then
	dreamq completion zsh >"$T/_dreamq"
	is 0 "zsh reads its script" zsh -n "$T/_dreamq"
fi

# --- a terminal, and its pager
on_terminal() { # COLUMNS COMMAND: what a terminal so wide shows of it
	command script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\r'
}
export DREAMQ_PAGER="sed 's/^/paged /'"
on_terminal 80 "$DREAMQ list --sort id --color never" >"$T/out"
equal 2 "$(grep -c '^paged ' "$T/out")" "a list on a terminal goes through the pager"
on_terminal 80 "$DREAMQ show cat-one --color never" >"$T/out"
says "^paged id +cat-one" "$T/out" "  and what is shown"
on_terminal 80 "$DREAMQ list --no-pager" >"$T/out"
says_not paged "$T/out" "  not with --no-pager"
on_terminal 80 "$DREAMQ list --json=id" >"$T/out"
says_not paged "$T/out" "  nor what is for programs"
DREAMQ_PAGER=cat on_terminal 80 "$DREAMQ list" >"$T/out"
says_not paged "$T/out" "  nor with cat"
DREAMQ_PAGER='echo "$LESSCHARSET"; cat' on_terminal 80 "env LC_ALL=zh_CN.UTF-8 $DREAMQ list" >"$T/out"
says "^utf-8" "$T/out" "less shows Chinese where its locale was never made"
DREAMQ_PAGER=false on_terminal 80 "$DREAMQ list; echo status \$?" >"$T/out"
says "status 0" "$T/out" "who has seen enough ends it"
is 0 "no terminal, no pager" dreamq list
says_not paged "$T/out" "  at all"
on_terminal 20 "$DREAMQ list --no-pager --sort id --columns id,prompt" >"$T/out"
equal 20 "$(wc -L <"$T/out")" "20 columns are enough"
export DREAMQ_PAGER=cat

done_testing
