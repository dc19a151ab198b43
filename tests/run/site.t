#!/bin/bash
# The pages of docs/ as a site: it builds, no link in it is dead, every verb and option has its
# anchor, in both languages; and the check bites.
. "$(dirname "$0")/lib.sh"
command -v cmark-gfm >/dev/null || {
	skip "all of it" "cmark-gfm is missing"
	done_testing
	exit 0
}
site() { python3 "$SOURCE_ROOT/tools/site" --dreamq "$DREAMQ" "$@"; }
# bites PATTERN LABEL: a fault that was made is told
bites() {
	is 1 "$2" site --check "$T/site"
	says "$1" "$T/out" "  is told"
	cp "$T/whole" "$T/site/start.html"
}

is 0 "it builds, and is whole" site "$T/site"
at_least 25 "$(find "$T/site" -name '*.html' | wc -l)" "it has its pages"
says '<html lang="zh-CN">' "$T/site/zh/options.html" "the Chinese pages say that they are"
says '所有命令与选项' "$T/site/zh/options.html" "  and so do the verbs"
says '<h2 id="dreamq-get">' "$T/site/options.html" "a verb has an anchor"
says '<tr id="get--output-dir">' "$T/site/options.html" "an option of it, too"
says_not '<script|https?://[^"]*\.(css|js|woff)' "$T/site/index.html" "no script, no strange style"
cp "$T/site/start.html" "$T/whole"
sed -i 's#<main id="text">#&<a href="nowhere.html">x</a>#' "$T/site/start.html"
bites 'a dead link: nowhere.html' "a dead link"
sed -i 's|<main id="text">|&<a href="guide.html#nowhere">x</a>|' "$T/site/start.html"
bites 'no such anchor: guide.html#nowhere' "a missing anchor"
sed -i 's#</main>##' "$T/site/start.html"
bites 'ends what was not begun|never ends' "an element that never ends"
sed -i 's#</main>#<img src="style.css">&#' "$T/site/start.html"
bites 'a picture without words' "a picture without words"
sed -i 's#id="get--output-dir"##' "$T/site/options.html"
for readme in README.md README.zh-CN.md; do
	grep -oP '!\[\K[^]]*\]\([^)]*' "$SOURCE_ROOT/$readme" | tr -d ')' | sed 's/\](/\t/' >"$T/pictures"
	at_least 4 "$(wc -l <"$T/pictures")" "$readme has its pictures"
	while IFS=$'\t' read -r words picture; do
		between 1 "$(stat -c %s "$SOURCE_ROOT/$picture")" 300000 "  $picture is there, and small"
		at_least 20 "$(printf %s "$words" | wc -c)" "    with words for who can't see it"
	done <"$T/pictures"
done
for moving in recording recording.zh; do
	is 0 "$moving is whole" python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$SOURCE_ROOT/docs/pictures/$moving.svg"
	says 'prefers-reduced-motion' "$SOURCE_ROOT/docs/pictures/$moving.svg" "  and stands still for who wants that"
	says_not '<script|/tmp/' "$SOURCE_ROOT/docs/pictures/$moving.svg" "  with nothing strange in it"
done
is 1 "an option without an anchor" site --check "$T/site"
says "no anchor of --output-dir of get" "$T/out" "  is told"
done_testing
