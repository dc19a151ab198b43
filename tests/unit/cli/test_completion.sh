#!/bin/bash
# What bash offers where, by the script that the program prints.  DREAMQ names the program.
set -u
: "${DREAMQ:?}"
export LC_ALL=C
number=0

# A function instead of the program: the ledger has two tasks.
dreamq() { [ "$1 $2" = 'completion ids' ] && printf 'id-one\ta cat: one\nid-two\tidle\n'; }

script=$("$DREAMQ" completion bash) || exit 1
eval "$script"

# offers "words so far" EXPECTED...: each of EXPECTED is offered; !WORD is not.
offers() {
	local line=$1 want found
	shift
	COMP_WORDS=(${line//=/ = }) # bash splits words at "="
	[[ $line == *' ' ]] && COMP_WORDS+=("")
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_dreamq
	for want in "$@"; do
		number=$((number + 1))
		found=no
		[[ " ${COMPREPLY[*]-} " == *" ${want#!} "* ]] && found=yes
		if [[ ($want == !* && $found == no) || ($want != !* && $found == yes) ]]; then
			echo "ok $number - '$line' and $want"
		else
			echo "not ok $number - '$line' and $want: ${COMPREPLY[*]-}"
		fi
	done
}

offers "dreamq " get query auth '!id-one'
offers "dreamq g" get '!query'
offers "dreamq --" --json --profile '!--jobs'
offers "dreamq --color " auto never '!get'
offers "dreamq --profile work g" get
offers "dreamq --json --color always qu" query query_result
offers "dreamq get " id-one id-two '!get'
offers "dreamq get id-one id-t" id-two '!id-one'
offers "dreamq get --" --jobs --output-dir --json '!--prompt'
offers "dreamq get --color=" '!id-one'
offers "dreamq list " '!id-one'
offers "dreamq list --state " queued unfinished '!auto'
offers "dreamq submit --ratio 16" 16:9
offers "dreamq submit --kind v" video
offers "dreamq auth " import status remove
offers "dreamq completion " bash zsh fish
offers "dreamq help " get run
offers "dreamq adopt " '!id-one' '!get'
offers "dreamq adopt --" --dry-run --json
offers "dreamq adopt /et" /etc
offers "dreamq get -o /" '!id-one'
offers "dreamq get --interval " '!id-one'
echo "1..$number"
for shell in zsh fish; do
	command -v "$shell" >/dev/null || continue
	"$DREAMQ" completion "$shell" | "$shell" -n || echo "Bail out! $shell refuses its script"
done
