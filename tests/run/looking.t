#!/bin/bash
# Looking at what is stored: pictures in the terminal by each way that it may have, files in
# the desktop's programs, and what is said where neither is there.
. "$(dirname "$0")/lib.sh"
export XDG_CACHE_HOME=$T/cache
unset COLORTERM TERM_PROGRAM KITTY_WINDOW_ID LC_TERMINAL TMUX DISPLAY WAYLAND_DISPLAY DREAMQ_OPENER \
	DREAMQ_THUMB DREAMQ_POSTER DBUS_SESSION_BUS_ADDRESS
export TERM=xterm-256color
start_emulator --time-scale 200
dq=$(printf %q "$DREAMQ")

# on_terminal COLUMNS COMMAND [FILE]: on a terminal so wide; what it showed is in FILE, $T/screen.
on_terminal() {
	env SHELL=/bin/bash script -qec "stty cols $1 rows 24; $2" /dev/null </dev/null >"${3-$T/screen}" 2>&1
	status=$?
}
# widest FILE: columns of its longest line, without what steers a terminal
widest() { sed -E $'s/\033\\[[?0-9;]*[a-zA-Z]//g; s/\r//g' "$1" | wc -L; }

# made ID KIND PROMPT: a task that has ended
made() { make_tasks "{\"account\":\"tester\",\"ids\":[\"$1\"],\"kind\":\"$2\",\"prompt\":\"$3\",\"age_seconds\":6000}"; }
image=$(made a1b2c3d4-5adb-42d6-adad-ba06071b18be image '一只可爱的小猫 [items=3]')
jpeg=$(made 77aa01c2-0b1e-4c55-9f0e-6d2f5a3b8c91 image 'a lighthouse [items=1] [jpeg]')
film=$(made c8790d9d-8be4-4f24-8733-44aa090a3f3c video waves)
is 0 "the files" dreamq get -q -o "$T/files" --name "{id}_{index}.{ext}" "$image" "$jpeg" "$film"
png=$T/files/${image}_0.png

# --- without a terminal ------------------------------------------------------------------
is 2 "no terminal: no pictures" dreamq preview "$image"
says 'no terminal; with --graphics symbols' "$T/err" "  and what to do"
equal "" "$(cat "$T/out")" "  nothing is printed"
if ldconfig -p | grep -q 'libchafa\.so\.0'; then
	is 0 "symbols" dreamq preview --graphics symbols "$image" "$jpeg"
	says $'\033\\[[0-9;]*[34]8;5;' "$T/out" "  in colours"
	says "^${image:0:8}_0 +${image:0:8}_1" "$T/out" "  their names below, side by side"
	says "^${image:0:8}_2 +${jpeg:0:8}_0" "$T/out" "  and of the next line"
	is 0 "colours asked for are enough" dreamq preview --color always "$png"
	is 0 "without colours" dreamq preview --color never --graphics symbols "$png"
	says_not '[34]8;[25];' "$T/out" "  there are none"
	is 0 "true colours" env COLORTERM=truecolor "$DREAMQ" preview --graphics symbols "$png"
	says '[34]8;2;' "$T/out" "  as the terminal says"
	is 0 "an ASCII locale" env LC_ALL=C "$DREAMQ" preview --graphics symbols "$png"
	equal 0 "$(LC_ALL=C grep -cP '[\x80-\xff]' "$T/out")" "  has nothing else"
	is 0 "kitty" dreamq preview --graphics kitty "$png"
	equal $'\033_Ga=T' "$(head -c 6 "$T/out")" "  has its protocol"
	is 0 "iterm" dreamq preview --graphics iterm "$png"
	says $'^\033\\]1337;File=inline=1' "$T/out" "  has its own"
	is 0 "sixel" dreamq preview --graphics sixel "$png"
	says $'^\033P0;1;0q' "$T/out" "  too"
	at_least 17 "$(grep -oaE '#[0-9]+;2;' "$T/out" | sort -u | wc -l)" "  in more colours than text has"
	is 0 "the same on a terminal of 16" env TERM=xterm "$DREAMQ" preview --graphics sixel "$png"
	at_least 17 "$(grep -oaE '#[0-9]+;2;' "$T/out" | sort -u | wc -l)" "  in as many"
	is 0 "small" dreamq preview --graphics symbols --size 10x5 "$image"
	equal 6 "$(wc -l <"$T/out")" "  five rows and the names"
	is 0 "in a wider place" dreamq preview --graphics symbols --size 20x5 --index 0 "$image"
	left=$(head -c 24 "$T/out" | od -c)
	is 0 "  beside others" dreamq preview --graphics symbols --size 20x5 "$image"
	equal "$left" "$(head -c 24 "$T/out" | od -c)" "  it is above its name, at the left"
	is 0 "one of them" dreamq preview --graphics symbols --index 2 "$image"
	says "^${image:0:8}_2\$" "$T/out" "  is that"
	is 1 "one that is not there" dreamq preview --graphics symbols --index 7 "$image"
	says "file 7 of task '$image' is not here; 'dreamq get $image' brings it" "$T/err" "  is named"
	if [ -x "$(dirname "$DREAMQ")/dreamq-poster" ]; then
		is 0 "a film" dreamq preview --graphics symbols "$film"
		says $'[34]8;5;' "$T/out" "  by its first picture"
	else
		is 1 "no film without libav" dreamq preview --graphics symbols "$film"
	fi

	# --- on one ------------------------------------------------------------------------
	ways=('TERM=xterm-kitty|_Ga=T' 'KITTY_WINDOW_ID=1|_Ga=T' 'TERM_PROGRAM=iTerm.app|]1337;File' 'TERM=foot|P0;1;0q' \
		'TMUX=x TERM_PROGRAM=iTerm.app|[34]8;[25];' 'TERM=linux|[34][0-9]' 'TERM=xterm|[34]8;5;' 'NO_COLOR=1|.')
	shows=()
	for i in "${!ways[@]}"; do
		on_terminal 80 "env ${ways[i]%|*} $dq preview --size 8x4 $png" "$T/screen$i" &
		shows+=($!)
	done
	wait "${shows[@]}"
	for i in "${!ways[@]}"; do
		says "${ways[i]#*|}" "$T/screen$i" "a terminal with ${ways[i]%|*}"
	done
	on_terminal 20 "$dq preview $image"
	equal 0 "$status" "a terminal of 20 columns"
	between 1 "$(widest "$T/screen")" 20 "  has no longer line"
	on_terminal 20 "$dq list --preview"
	says '[34]8;5;' "$T/screen" "a list with pictures"
	on_terminal 80 "$dq get --preview -o $T/again $jpeg"
	equal 0 "$status" "get shows what arrives"
	says '[34]8;5;' "$T/screen" "  as it does"
	is 2 "get into a pipe shows nothing" dreamq get --preview -o "$T/third" "$jpeg"
	is 2 "nor does list" dreamq list --preview
	is 0 "list --json has no pictures" dreamq list --json --preview
	says_not $'\033' "$T/out" "  at all"

	# --- the cache ---------------------------------------------------------------------
	sum=$(sha256sum <"$png" | cut -d ' ' -f 1)
	says 'Signature: 8a477f597d28d172789f06886806bc55' "$T/cache/dreamq/thumbs/CACHEDIR.TAG" "the cache is one"
	equal "$(printf '600\n700')" \
		"$(stat -c %a "$T/cache/dreamq/thumbs/v1/${sum:0:2}/$sum.320.webp" "$T/cache/dreamq/thumbs/v1/${sum:0:2}")" \
		"  and nobody else's"
	is 0 "where none can be written" env XDG_CACHE_HOME=/dev/full "$DREAMQ" preview --graphics symbols --size 9x9 "$png"
	equal "" "$(cat "$T/err")" "  that is no trouble"
	is 6 "a full disk behind stdout" sh -c "exec $dq preview --graphics symbols $png >/dev/full"

	# --- what is none ------------------------------------------------------------------
	head -c 300 "$png" >"$T/cut.png"
	printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x40\0\0\0\x40\0\x08\6\0\0\0' >"$T/bomb.png"
	echo '<html>' >"$T/page.png"
	mkfifo "$T/pipe.png"
	is 1 "damaged, too large, none, a pipe, a folder, and a good one" dreamq preview --graphics symbols \
		"$T/cut.png" "$T/bomb.png" "$T/page.png" "$T/pipe.png" "$T/files" "$T/none.png" "$png"
	says "cut.png': no picture can be made of this file: it is damaged" "$T/err" "  damaged"
	says "bomb.png': .*too many pixels|bomb.png': .*damaged" "$T/err" "  too large"
	says "page.png': .*it is none of PNG" "$T/err" "  none"
	says "pipe.png': it is no regular file" "$T/err" "  a pipe"
	says "none.png': No such file" "$T/err" "  not there"
	says "^${image}_0.png" "$T/out" "  the good one is shown"
	is 2 "a size that is none" dreamq preview --graphics symbols --size 40 "$png"
	says "'40' is not like '40x20'" "$T/err" "  is told"
	is 2 "nor is this" dreamq preview --graphics symbols --size 0x99999 "$png"
	is 2 "a way that nobody knows" dreamq preview --graphics ascii-art "$png"
	is 1 "an id that nobody knows" dreamq preview --graphics symbols 5cf3790f-5adb-42d6-adad-ba06071b18be
	is 2 "nothing" dreamq preview --graphics symbols </dev/null
	is 6 "no helper" env DREAMQ_THUMB=/nowhere/helper "$DREAMQ" preview --graphics symbols --size 99x99 "$png" "$png"
	equal 1 "$(grep -c "DREAMQ_THUMB names '/nowhere/helper'" "$T/err")" "  is told once"
	is 1 "a locale that is not there" env LC_ALL=xx_XX.UTF-8 "$DREAMQ" preview --graphics symbols "$T/cut.png"
	is 1 "in Chinese" env LC_ALL=zh_CN.UTF-8 "$DREAMQ" preview --graphics symbols "$T/cut.png"
	if [ -e "$(dirname "$DREAMQ")/po/zh_CN/LC_MESSAGES/dreamq.mo" ]; then
		says '无法由此文件得到图片：文件已损坏' "$T/err" "  is told in Chinese"
	fi
fi
mkdir "$T/no"
: >"$T/no/libchafa.so.0"
is 1 "without libchafa" env LD_LIBRARY_PATH="$T/no" "$DREAMQ" preview --graphics symbols "$png"
says 'Debian: libchafa0' "$T/err" "  its package is named"

# --- the desktop -------------------------------------------------------------------------
mkdir "$T/bin"
# tool NAME STATUS: a program that writes down how it was called
tool() {
	# shellcheck disable=SC2016 # it is the tool that reads these
	printf '#!/bin/sh\nfor each; do printf "%%s\\n" "$each"; done >"%s/%s.called"\nexit %s\n' "$T" "$1" "$2" >"$T/bin/$1"
	chmod +x "$T/bin/$1"
}
is 1 "no desktop: nothing is opened" dreamq open "$image"
says 'no desktop here .*DREAMQ_OPENER' "$T/err" "  and what to do"
is 1 "nor revealed" dreamq reveal "$image"
tool opener 0
export DREAMQ_OPENER=$T/bin/opener
is 0 "a program of one's own" dreamq open "${image:0:8}"
equal "$png" "$(cat "$T/opener.called")" "  gets the first file"
is 0 "the third" dreamq open --index 2 "$image"
equal "$T/files/${image}_2.png" "$(cat "$T/opener.called")" "  is that"
is 0 "revealed by it" dreamq reveal "$image"
equal "$T/files" "$(cat "$T/opener.called")" "  is the folder"
is 0 "names that a shell would read" dreamq get -q -o "$T/a b,c'd\$(touch $(basename "$T"))" "$jpeg"
is 0 "  are opened" dreamq open "$jpeg"
odd=$(dreamq show --json "$jpeg" | jq -r '.assets[0].path')
equal "$odd" "$(cat "$T/opener.called")" "  as they are"
tool opener 7
is 1 "a program that fails" dreamq open "$image"
says "opener' ended with status 7" "$T/err" "  is named"
export DREAMQ_OPENER=$T/bin/none
is 1 "one that is not there" dreamq open "$image"
says "cannot run '$T/bin/none': .*DREAMQ_OPENER names it" "$T/err" "  is named, too"
unset DREAMQ_OPENER
export DISPLAY=:77
is 1 "no xdg-open" env PATH="$T/no" "$DREAMQ" open "$image"
says 'xdg-utils' "$T/err" "  its package is named"
tool xdg-open 0
tool dbus-send 0
is 0 "a desktop" env PATH="$T/bin:$PATH" "$DREAMQ" open "$image"
equal "$png" "$(cat "$T/xdg-open.called")" "  opens it"
rm "$T/xdg-open.called"
is 0 "its file manager" env PATH="$T/bin:$PATH" "$DREAMQ" reveal "$jpeg"
says '^--dest=org.freedesktop.FileManager1$' "$T/dbus-send.called" "  is asked"
says '^array:string:file:///.*a%20b%2Cc%27d%24%28touch' "$T/dbus-send.called" "  by an address without a comma"
equal "" "$(cat "$T/xdg-open.called" 2>/dev/null)" "  and nothing else is opened"
tool dbus-send 1
is 0 "none that answers" env PATH="$T/bin:$PATH" "$DREAMQ" reveal "$image"
equal "$T/files" "$(cat "$T/xdg-open.called")" "  the folder is opened"
rm "$png"
is 1 "a file that was removed" env PATH="$T/bin:$PATH" "$DREAMQ" open "$image"
says "not there any more; 'dreamq verify --repair'" "$T/err" "  is told"
done_testing
