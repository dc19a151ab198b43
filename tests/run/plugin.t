#!/bin/bash
# plugin.t - what agents install beside the server follows the rules of those who read it: the skill,
# the plugin and its marketplace, the bundle for desktops. Nothing is written twice, and all of it is
# of this version.
. "$(dirname "$0")/lib.sh"
timeout 100 /usr/bin/python3 "$SOURCE_ROOT/tests/run/plugin.py" "$T" >"$T/parts" 2>"$T/trouble" ||
	not_ok "plugin.py came to its end" "$(tail -5 "$T/trouble")"
while IFS= read -r line; do
	case $line in
	"ok "*) ok "${line#ok }" ;;
	*) not_ok "${line#not ok }" ;;
	esac
done <"$T/parts"
at_least 29 "$(wc -l <"$T/parts")" "all was looked at"

# --- the icon is what its script draws, and the bundle is the same again
tool=$SOURCE_ROOT/tools/plugin program=$T/program # any: it is not looked into
printf '#!/bin/sh\n' >"$program"
is 0 "a bundle" "$tool" bundle "$program" "$T/one.mcpb"
is 0 "again" "$tool" bundle "$program" "$T/two.mcpb"
is 0 "  is the same" cmp "$T/one.mcpb" "$T/two.mcpb"
is 0 "  is a zip" /usr/bin/python3 -m zipfile -e "$T/one.mcpb" "$T/bundle"
equal "icon.png manifest.json server/dreamq" "$(cd "$T/bundle" && find . -type f | sed 's|./||' | sort | xargs)" "  with its three files"
is 0 "  the program is whole" cmp "$program" "$T/bundle/server/dreamq"
equal 755 "$(/usr/bin/python3 -c 'import sys, zipfile; print(oct(zipfile.ZipFile(sys.argv[1]).getinfo("server/dreamq").external_attr >> 16)[-3:])' "$T/one.mcpb")" "  and can be run"
is 2 "the tool with nonsense" "$tool" nonsense
is 1 "a bundle of a program that is not there" "$tool" bundle "$T/nothing" "$T/three.mcpb"
done_testing
