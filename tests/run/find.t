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

done_testing
