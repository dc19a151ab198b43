#!/bin/bash
# What is in the program: the libraries say it themselves, and `version --json` passes it on.
. "$(dirname "$0")/lib.sh"

is 0 "version" dreamq version
cp "$T/out" "$T/line"
is 0 "  as an option" dreamq --version
equal "$(cat "$T/line")" "$(cat "$T/out")" "  is the same"
is 0 "version --json" dreamq version --json
valid "$T/out" "  follows its schema"
# of FIELD: in that line
of() { jq -r "$1" "$T/out"; }
equal "dreamq $(of .version)" "$(cat "$T/line")" "  has the version"
# One without shared libraries has its own.
if ldd "$DREAMQ" | grep -q libcurl; then
	equal "$(curl --version | sed -n '1s/^curl \([^ ]*\) .*/\1/p')" "$(of .curl.version)" "  libcurl's"
	equal "$(openssl version | cut -d ' ' -f 2)" "$(of .libraries.openssl)" "  OpenSSL's"
	equal "true" "$(of '.curl.protocols | contains(["http", "https"])')" "  the protocols"
	for feature in HTTP2:http2 HTTP3:http3 brotli:brotli zstd:zstd IPv6:ipv6; do
		equal "$(curl --version | grep -qw "${feature%:*}" && echo true || echo false)" \
			"$(of ".curl.${feature#*:}")" "  ${feature#*:}"
	done
fi
equal "en $(xargs <"$SOURCE_ROOT/po/LINGUAS")" "$(of '.languages | join(" ")')" "  the languages"
equal "$(sed -n 's/.*LEDGER_SCHEMA_VERSION = \([0-9]*\).*/\1/p' "$SOURCE_ROOT/src/ledger/ledger.h")" "$(of .ledger_schema)" "  the ledger's schema"
is 0 "where nothing of the user's can be read" env DREAMQ_CONFIG="$T/no/such" HOME=/nonexistent "$DREAMQ" version --json
for place in "LC_ALL=C" "LC_ALL=zh_CN.UTF-8" "LC_ALL=xx_XX.UTF-8" "COLUMNS=20"; do
	is 0 "with $place" env "$place" "$DREAMQ" version --json
	valid "$T/out" "  it is the same line"
done
is 2 "an argument" dreamq version nonsense
is 2 "an option of others" dreamq version --output-dir x
is 6 "a full disk" bash -c '"$0" version --json >/dev/full' "$DREAMQ"
done_testing
