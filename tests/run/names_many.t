#!/usr/bin/env bash
# NAMES_PROMPTS (60) files whose prompts are what a file system could choke on, renamed by
# every kind of template: none is refused, none is lost, no name is too long, and back
# again each has the name that it had. NAMES_SEED says which prompts.
. "$(dirname "$0")/lib.sh"
n=${NAMES_PROMPTS:-60}
[ "$n" -lt 1000 ] || use_release_build "thousands of files take long"
export TZ=UTC
start_emulator --time-scale 100
F=$T/files
make_tasks "{\"account\":\"tester\",\"count\":$n,\"prefix\":\"p\",\"prompt\":\"x [items=1] [bytes=1k]\",\"age_seconds\":600}" >"$T/ids"
is 0 "$n files" dreamq get -q -o "$F" --input "$T/ids"
equal "$n" "$(lab_prompts "${NAMES_SEED:-815}")" "$n prompts"

# listed: each file's sum and name, as bytes
listed() { (cd "$F" && find . -type f -print0 | xargs -0 sha256sum -z | tr '\0\n' '\n?' | sort -k 2); }
listed >"$T/first"
# longest: of all names of files and folders, in bytes
longest() { find "$F" -mindepth 1 -printf '%f\n' | LC_ALL=C awk '{ if (length($0) > max) max = length($0) } END { print max + 0 }'; }

bad_names() {
	/usr/bin/python3 - "$F" <<'END'
import os, sys, unicodedata
bad = 0
for at, folders, files in os.walk(os.fsencode(sys.argv[1])):
    for name in folders + files:
        try:
            text = name.decode()
        except UnicodeDecodeError:
            print("no UTF-8:", name); continue
        stem = text.split(".")[0].rstrip(" ").upper()
        if (unicodedata.normalize("NFC", text) != text or set(text) & set('\\:*?"<>|\x7f')
                or min(text) < " " or text[0] in ".- " or text[-1] in ". " or "\u202e" in text
                or stem in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT²"}):
            print("bad:", text)
END
}

for template in '{prompt}.{ext}' '{prompt:1}.{ext}' '{prompt:20|id}_{index:02}.{ext}' \
	'{date:%Y/%m}/{model}/{prompt:200}{prompt:200}.{ext}' '{prompt:200}/{prompt:200}/{prompt}' \
	'{model}.{ext}' '{seed|}{prompt:3}'; do
	for windows in no yes; do
		is 0 "$template, --windows-filenames=$windows" dreamq rename -o "$F" --name "$template" \
			--windows-filenames=$windows --yes
		listed >"$T/now"
		equal "$(cut -c 1-64 "$T/first" | sort | sha256sum)" "$(cut -c 1-64 "$T/now" | sort | sha256sum)" \
			"  none is lost"
		between 1 "$(longest)" 206 "  no name is longer than 200 bytes and a number"
		equal "" "$(bad_names | head -3)" "  NTFS and SMB take them all"
		[ $windows = yes ] || cp "$T/now" "$T/before"
	done
	dreamq rename -o "$F" --name '{id}.{ext}' --yes >/dev/null 2>&1
	is 0 "  away and back" dreamq rename -o "$F" --name "$template" --yes
	listed | cmp - "$T/before"
	equal 0 $? "  gives the same names"
done
is 0 "and to the first" dreamq rename -o "$F" --yes
listed | cmp - "$T/first"
equal 0 $? "  gives those of the beginning"
dreamq verify -o "$F" >"$T/out" 2>"$T/err"
equal "0 " "$? $(cat "$T/out")" "the ledger has each where it is"
equal 0 "$(find "$F" -mindepth 1 -type d | wc -l)" "no empty folder is left"
done_testing
