#!/bin/bash
# The way to the network: CA bundle, family, interface, names over HTTPS, patience, connections.
. "$(dirname "$0")/lib.sh"
cd "$T" || exit 1
pids=
trap 'kill $pids 2>/dev/null; finish' EXIT
err=$T/err

start_emulator --time-scale 100
make_tasks '{"account":"tester","count":10,"prefix":"t","prompt":"a cat [items=4]","age_seconds":600}' >ids
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=between' -keyout key.pem -out cert.pem \
	-addext 'subjectAltName=DNS:api.dreamq.test,DNS:localhost,IP:127.0.0.1' 2>/dev/null
# between NAME ROLE ARGUMENT...: start it; its port is in $port
between() {
	/usr/bin/python3 "$SOURCE_ROOT/tests/run/network.py" "${@:2}" >"$1.said" 2>"$1.err" &
	pids="$pids $!"
	eventually 10 test -s "$1.said" || echo "# $1 does not start: $(cat "$1.err")"
	port=$(head -1 "$1.said")
}
between api tls "${DREAMQ_API_BASE##*:}" cert.pem key.pem
api=https://127.0.0.1:$port

# --- which certificates ----------------------------------------------------------------------
is 5 "a certificate that nobody knows" dreamq query --api-base "$api" t-0
is 0 "--cacert" dreamq query --api-base "$api" --cacert cert.pem t-0
is 0 "CURL_CA_BUNDLE" env CURL_CA_BUNDLE=cert.pem "$DREAMQ" query --api-base "$api" t-0
is 0 "SSL_CERT_FILE" env SSL_CERT_FILE=cert.pem "$DREAMQ" query --api-base "$api" t-0
is 0 "--cacert wins over them" env CURL_CA_BUNDLE=/dev/null "$DREAMQ" query --api-base "$api" --cacert cert.pem t-0
is 2 "a file that is not there" dreamq query --api-base "$api" --cacert nowhere.pem t-0
says "nowhere.pem" "$err" "  is named"

# --- which way -------------------------------------------------------------------------------
is 0 "--ipv4" dreamq query --ipv4 t-0
is 5 "--ipv6, to a host that has none" dreamq query -6 t-0
is 2 "both" dreamq query -4 -6 t-0
says "not both" "$err" "  is refused"
is 0 "--interface, an address" dreamq query --api-base "$api" --cacert cert.pem --interface 127.0.0.9 t-0
says '^from 127.0.0.9 ' api.said "  which it comes from"
is 5 "an interface that is not there" dreamq query --interface nosuch0 t-0
says "check --interface" "$err" "  is told"

# --- names over HTTPS --------------------------------------------------------------------------
between doh doh cert.pem key.pem 127.0.0.1
is 0 "--doh-url" dreamq query --cacert cert.pem --doh-url "https://127.0.0.1:$port/dns-query" \
	--api-base "https://api.dreamq.test:${api##*:}" t-0
says '^asked api.dreamq.test 1$' doh.said "  is asked for the name"
is 2 "one that is no https" dreamq query --doh-url "http://127.0.0.1:$port/" t-0
says "begins with https://" "$err" "  is refused"

# --- patience ----------------------------------------------------------------------------------
between deaf deaf
is 5 "--connect-timeout" timeout 10 "$DREAMQ" query --connect-timeout 300ms --api-base "http://127.0.0.1:$port" t-0
says "within 300ms" "$err" "  is told"
script 'on=query : stall 60s'
is 5 "--stall-timeout" timeout 10 "$DREAMQ" query --stall-timeout 400ms t-0
says "not a byte .* for 400ms" "$err" "  is told"
clear_script
is 2 "an hour too long" dreamq query --stall-timeout 25h t-0

# --- connections to a host ----------------------------------------------------------------------
stop_emulator
cdn=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
between cdn tls "$cdn" cert.pem key.pem
start_emulator --time-scale 100 --cdn-port "$cdn" --cdn-base "https://127.0.0.1:$port"
make_tasks '{"account":"tester","count":4,"prefix":"u","prompt":"a cat [items=4] [slow=400k]","age_seconds":600}' >ids
is 0 "--connections-per-host" dreamq get -q --cacert cert.pem --connections-per-host 2 -o two --input ids
equal 2 "$(awk '$1 == "from" { print $3 }' cdn.said | sort -n | tail -1)" "  is the most that there are at once"
is 2 "too many" dreamq get --connections-per-host 65 u-0
is 2 "none" dreamq get --connections-per-host 0 u-0

# --- all of it in the config file -----------------------------------------------------------------
{
	printf '[default]\nrequests-per-minute = off\ncacert = %s\nconnect-timeout = 5s\nstall-timeout = 20s\n' "$T/cert.pem"
	printf 'connections-per-host = 3\ninterface = 127.0.0.1\nipv4 = yes\nlimit-rate = 50M,01:00-02:00=off\n'
	printf 'proxy = none\nno-proxy = 127.0.0.1\n[wire]\ntime_scale = 100\n'
} >all.ini
is 0 "all of it in the config file" dreamq get -q --config all.ini -o three u-0
done_testing
