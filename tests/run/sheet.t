#!/bin/bash
# Contact sheets: their sizes, their pages, their texts in any writing, and what is said when
# there can be none.
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$T/cache TZ=UTC
unset DREAMQ_SHEET DREAMQ_THUMB DREAMQ_POSTER
start_emulator --time-scale 200

is 2 "no name for it" dreamq sheet
says "'\\.png', '\\.webp' or '\\.pdf'" "$T/err" "  what it has to end with"
is 2 "one of another kind" dreamq sheet -o "$T/sheet.gif"
is 1 "nothing stored" dreamq sheet -o "$T/sheet.png"
says 'no stored file is among them' "$T/err" "  is said"
one=$(dreamq submit --prompt '一只可爱的小猫坐在阳光下 [items=1]')
is 0 "a file" dreamq get -q -o "$T/files" "$one"
is 6 "no helper" env DREAMQ_SHEET=/nowhere/sheet "$DREAMQ" sheet -o "$T/sheet.png"
says "DREAMQ_SHEET names '/nowhere/sheet'" "$T/err" "  is said"
equal "" "$(find "$T" -maxdepth 1 -name 'sheet*')" "nothing is left of those"
[ -x "$(dirname "$DREAMQ")/dreamq-sheet" ] || done_testing

# --- one ---------------------------------------------------------------------------------
is 0 "one picture" dreamq sheet -o "$T/sheet.png" "${one:0:8}"
equal "$T/sheet.png" "$(cat "$T/out")" "  its name is data"
says 'PNG image data, 300 x 377, 8-bit/color RGB' <(file "$T/sheet.png") "  is as large as that"
if fc-list :lang=zh-cn family | grep -q .; then
	says_not 'no glyph' "$T/err" "  Chinese has its glyphs"
else
	says 'fonts-noto-cjk' "$T/err" "  the fonts that lack are named"
fi
sha256sum "$T/files/$one"_* >"$T/sums"
is 2 "in the place of a picture" dreamq sheet -o "$(find "$T/files" -name "${one}_*.png" | head -1)" "$one"
says 'one of the pictures themselves' "$T/err" "  is refused"
is 2 "  also by force" dreamq sheet --force -o "$(find "$T/files" -name "${one}_*.png" | head -1)" "$one"
is 0 "  which is as it was" sha256sum --quiet -c "$T/sums"
echo mine >"$T/files/mine.png"
is 2 "a file of mine beside them" dreamq sheet -o "$T/files/mine.png" "$one"
says "mine.png' is there already; --force replaces it" "$T/err" "  is not replaced"
equal mine "$(cat "$T/files/mine.png")" "  and is as it was"
is 0 "  but by force" dreamq sheet --force -o "$T/files/mine.png" "$one"
says 'PNG image data' <(file "$T/files/mine.png") "  it is the sheet"
rm "$T/files/mine.png"
is 0 "larger, as WebP" dreamq sheet --cell 480 -o "$T/sheet.webp" "$one"
says 'Web/P image, VP8 encoding, 600x' <(file "$T/sheet.webp") "  is that"
is 0 "as PDF" dreamq sheet -o "$T/sheet.PDF" "$one"
equal "Pages: 1" "$(pdfinfo "$T/sheet.PDF" | grep -E '^Pages' | xargs)" "  has a page"
pdftotext "$T/sheet.PDF" "$T/text"
says '一只可爱的小猫坐在阳光下' "$T/text" "  with its prompt"
says "^${one:0:8}_0" "$T/text" "  its id"
says '^20[0-9-]+ [0-9]{2}:[0-9]{2} · ' "$T/text" "  date and model"

# --- hostile ones ------------------------------------------------------------------------
long=$(printf '长%.0s' $(seq 1600))
odd=(
	"شروق الشمس فوق الجبال مع ضباب كثيف فوق الوادي والنهر البعيد"
	$'\e[31mred\a\r\n\ttab \u202eevil'
	"$long"
	'<b>markup</b> &amp; %s%n'
)
ids=()
for prompt in "${odd[@]}"; do ids+=("$(dreamq submit --prompt "$prompt [items=1]")"); done
is 0 "odd prompts" dreamq get -q -o "$T/files" "${ids[@]}"
is 0 "  on a sheet" dreamq sheet -o "$T/odd.pdf" "${ids[@]}"
pdftotext "$T/odd.pdf" "$T/text"
says '<b>markup</b> &amp; %s%n' "$T/text" "  as they are"
says_not $'\e|\a' "$T/text" "  controls are gone"
# The text behind the dots of a cut one is there for whoever copies it, and has an end, too.
between 10 "$(grep -o 长 "$T/text" | wc -l)" 340 "  a long one has an end"

# --- files that are none -------------------------------------------------------------------
head -c 200 "$T/files/${ids[0]}_0.png" >"$T/cut" && mv "$T/cut" "$T/files/${ids[0]}_0.png"
rm "$T/files/${ids[1]}_0.png"
is 0 "two of them damaged and gone" dreamq sheet --across 2 -o "$T/two.pdf" "${ids[@]:0:3}"
says '2 of 3 files have no picture' "$T/err" "  is said"
pdftotext "$T/two.pdf" "$T/text"
says 'damaged' "$T/text" "  and why, in their places"
says 'not there any more' "$T/text" "  both"
is 0 "  in Chinese" env LC_ALL=zh_CN.UTF-8 "$DREAMQ" sheet --force -o "$T/two.pdf" "${ids[@]:0:3}"
pdftotext "$T/two.pdf" "$T/text"
if [ -e "$(dirname "$DREAMQ")/po/zh_CN/LC_MESSAGES/dreamq.mo" ]; then
	says '文件已损坏' "$T/text" "  too"
fi

# --- many (tools/torture sheets has more) ------------------------------------------------------
make_tasks "{\"account\":\"tester\",\"count\":${SHEET_TASKS:=24},\"prefix\":\"many\",\"prompt\":\"竹林里的熊猫 [items=1]\",\"age_seconds\":900}" >"$T/ids"
is 0 "$SHEET_TASKS tasks" dreamq get -q -o "$T/files" --input "$T/ids"
is 0 "  on a sheet" dreamq sheet --search 竹林 --across 10 --cell 64 -o "$T/many.png"
says 'PNG image data, 704 x' <(file "$T/many.png") "  is ten wide"
is 0 "  in a PDF" dreamq sheet --input "$T/ids" -o "$T/many.pdf"
equal "Pages: $(((SHEET_TASKS + 15) / 16))" "$(pdfinfo "$T/many.pdf" | grep -E '^Pages' | xargs)" "  has pages"
is 0 "the newest seven" dreamq sheet --limit 7 --cell 48 -o "$T/seven.png"
is 2 "too large for one picture" dreamq sheet --across 1 --cell 1024 -o "$T/huge.webp"
says "write a '.pdf'" "$T/err" "  what to do"
equal "no" "$([ -e "$T/huge.webp" ] && echo yes || echo no)" "  and nothing is left"

# --- bad words, and a full disk ------------------------------------------------------------
is 2 "ids and a filter" dreamq sheet --since 2d -o "$T/x.png" "$one"
says "either ids or '--since'" "$T/err" "  are told apart"
is 2 "too many side by side" dreamq sheet --across 51 -o "$T/x.png"
is 2 "no size" dreamq sheet --cell 1 -o "$T/x.png"
is 6 "a folder that is not there" dreamq sheet -o "$T/none/x.png"
is 1 "an id that nobody knows" dreamq sheet -o "$T/x.png" 5cf3790f-5adb-42d6-adad-ba06071b18be
is 6 "no room for it" sh -c "ulimit -f 20; trap '' XFSZ; exec $(printf %q "$DREAMQ") sheet -o $T/full.png"
equal "" "$(find "$T" -maxdepth 1 \( -name 'x*' -o -name 'full*' \))" "nothing is left of those"
is 0 "a locale that is not there" env LC_ALL=xx_XX.UTF-8 "$DREAMQ" sheet -o "$T/y.png" "$one"
is 0 "none" env LC_ALL=C "$DREAMQ" sheet -q --force -o "$T/y.png" "$one"
done_testing
