#!/bin/bash
# Each kind of proxy, with a real one: tinyproxy (http, and behind TLS), microsocks (socks5,
# socks5h), danted (socks4, socks5); socks4a with one of this test's, since Debian has none. The names below .dreamq.test are known to them only.
. "$(dirname "$0")/lib.sh"
PATH=$PATH:/usr/sbin
for tool in tinyproxy microsocks danted openssl; do
	type -P $tool >/dev/null || {
		echo "1..0 # SKIP there is no $tool"
		exit 0
	}
done
cd "$T" || exit 1
pids=
trap 'kill $pids 2>/dev/null; finish' EXIT
err=$T/err

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=between' -keyout key.pem -out cert.pem \
	-addext 'subjectAltName=DNS:api.localhost,DNS:api.dreamq.test,DNS:cdn.dreamq.test,DNS:proxy.localhost,IP:127.0.0.1' 2>/dev/null

# between NAME ROLE ARGUMENT...: start it; its port is in $port
between() {
	/usr/bin/python3 "$SOURCE_ROOT/tests/run/network.py" "${@:2}" >"$1.said" 2>"$1.err" &
	pids="$pids $!"
	eventually 10 test -s "$1.said" || echo "# $1 does not start: $(cat "$1.err")"
	port=$(head -1 "$1.said")
}
free_port() {
	/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
is_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
# proxy NAME COMMAND...: start it, its port is $port already
proxy() {
	env LD_PRELOAD="$NAMES_HERE_LIBRARY" "${@:2}" >"$1.log" 2>&1 &
	pids="$pids $!"
	eventually 10 is_open "$port" || echo "# $1 does not start: $(tail -5 "$1.log")"
}

# The links lead to the CDN by a name that only a proxy finds.
cdn_plain=$(free_port)
between cdn tls "$cdn_plain" cert.pem key.pem
start_emulator --time-scale 100 --cdn-port "$cdn_plain" --cdn-base "https://cdn.dreamq.test:$port"
make_tasks '{"account":"tester","count":20,"prefix":"t","prompt":"a cat [items=1]","age_seconds":600}' >ids
between api tls "${DREAMQ_API_BASE##*:}" cert.pem key.pem
api=$port
export DREAMQ_CA_FILE=$T/cert.pem
unset DREAMQ_API_BASE DREAMQ_SUBMIT_BASE

port=$(free_port)
http=$port
cat >tiny.conf <<-END
	Port $port
	Listen 127.0.0.1
	Timeout 60
	BasicAuth someone canary-123
	LogFile "$T/tiny.log"
	LogLevel Connect
END
proxy tiny tinyproxy -d -c tiny.conf
between tls_proxy tls "$http" cert.pem key.pem
https=$port
port=$(free_port)
socks5=$port
proxy micro microsocks -i 127.0.0.1 -p "$port" -u someone -P canary-123
port=$(free_port)
socks4=$port
cat >danted.conf <<-END
	logoutput: $T/danted.log
	internal: 127.0.0.1 port = $port
	external: lo
	socksmethod: none
	clientmethod: none
	user.privileged: $(id -un)
	user.unprivileged: $(id -un)
	client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
	socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
END
proxy danted danted -f danted.conf -N 1 -p danted.pid

# in_config LINE...: beside what the emulator needs
in_config() {
	settings >conf.ini
	sed -i "s|^\[wire\]|$(printf '%s\\n' "$@")[wire]|" conf.ini
}
n=0
# through KIND URL [FILE-OF-ITS-LOG PATTERN]: a whole get, the name and password in the config file
through() {
	in_config "proxy = $2"
	is 0 "$1: a file comes home" timeout 60 "$DREAMQ" get -v --config conf.ini --api-base "https://api.dreamq.test:$api" \
		-o "$1" "t-$n"
	n=$((n + 1))
	equal 1 "$(find "$1" -name '*.png' | wc -l)" "  whole"
	says_not 'canary' "$err" "  without a word of the password, with -v, too"
	[ $# -lt 3 ] || says "$4" "$3" "  through that proxy"
}
through http "http://someone:canary-123@127.0.0.1:$http" tiny.log 'CONNECT cdn.dreamq.test'
through https "https://someone:canary-123@127.0.0.1:$https" tls_proxy.said 'from 127.0.0.1'
through socks5h "socks5h://someone:canary-123@127.0.0.1:$socks5"
between v4a socks4a
socks4a=$port
through socks4a "socks4a://127.0.0.1:$socks4a" v4a.said 'asked 4 1 cdn.dreamq.test'
# These two have the name looked up here, where only that of the API is known.
looked() { # KIND URL
	in_config "proxy = $2"
	is 0 "$1: looked at" timeout 60 "$DREAMQ" query --config conf.ini --api-base "https://api.localhost:$api" t-0
}
before=$(wc -l <api.said)
looked socks5 "socks5://someone:canary-123@127.0.0.1:$socks5"
looked socks4 "socks4://127.0.0.1:$socks4"
looked "socks5, another one" "socks5://127.0.0.1:$socks4"
equal $((before + 3)) "$(wc -l <api.said)" "  by three connections"

# --- the environment, and who is excepted ------------------------------------------------
settings >conf.ini
is 0 "https_proxy" env https_proxy="http://someone:canary-123@127.0.0.1:$http" timeout 60 \
	"$DREAMQ" get --config conf.ini --api-base "https://api.dreamq.test:$api" -o env "t-$n"
is 0 "ALL_PROXY" env ALL_PROXY="socks5h://someone:canary-123@127.0.0.1:$socks5" timeout 60 \
	"$DREAMQ" query --config conf.ini --api-base "https://api.dreamq.test:$api" "t-$n"
in_config "proxy = http://127.0.0.1:1" "no-proxy = api.localhost"
is 0 "no-proxy" "$DREAMQ" query --config conf.ini --api-base "https://api.localhost:$api" t-0
is 0 "--proxy none" env https_proxy=http://127.0.0.1:1 "$DREAMQ" query --proxy none \
	--api-base "https://api.localhost:$api" t-0
is 0 "a proxy of the config file wins over https_proxy" env https_proxy=http://127.0.0.1:1 timeout 60 \
	"$DREAMQ" query --config <(settings | sed "s|^\[wire\]|proxy = socks4a://127.0.0.1:$socks4a\n[wire]|") \
	--api-base "https://api.dreamq.test:$api" t-0

# --- what goes wrong ----------------------------------------------------------------------
wrong() { # STATUS LABEL URL PATTERN
	in_config "proxy = $3"
	is "$1" "$2" timeout 60 "$DREAMQ" query -v --config conf.ini --api-base "https://api.dreamq.test:$api" t-0
	says "$4" "$err" "  is told"
	says_not 'canary' "$err" "  without what is secret"
}
wrong 5 "a wrong password" "http://someone:canary-9@127.0.0.1:$http" 'wants another name and password.*127.0.0.1'
wrong 5 "a wrong password, socks5" "socks5h://someone:canary-9@127.0.0.1:$socks5" "through the proxy '127.0.0.1:$socks5'"
wrong 5 "a proxy that is not there" "http://someone:canary-9@127.0.0.1:1" "through the proxy '127.0.0.1:1'"
wrong 5 "a proxy that is nowhere" "http://someone:canary-9@nowhere.invalid:1" "nowhere.invalid:1"
# with NAME=VALUE OPTION...: asked with that
with() { env "$1" timeout 60 "$DREAMQ" query --config <(settings) --api-base "https://api.dreamq.test:$api" "${@:2}" t-0; }
is 5 "--proxy is nowhere" with A=b --proxy http://nowhere.invalid:1
says "can't find the proxy on the way to 'api.dreamq.test.*, check --proxy or https_proxy" "$err" "  is told"
is 0 "  with another one it works" with A=b --proxy "socks5h://127.0.0.1:$socks4"
is 5 "https_proxy is nowhere" with https_proxy=http://nowhere.invalid:1
says "can't find the proxy on the way to 'api.dreamq.test.*, check --proxy or https_proxy" "$err" "  is told"
is 0 "  with another one it works" with https_proxy="socks5h://127.0.0.1:$socks4"
wrong 2 "another scheme" "ftp://someone:canary-9@127.0.0.1:1" 'socks5h://HOST:PORT'
wrong 2 "no host" "http://someone:canary-9@" 'http://HOST:PORT'
is 2 "a password on the command line" dreamq query --proxy "http://someone:canary-9@127.0.0.1:$http" t-0
says "config file" "$err" "  is refused, with another way"
says_not 'canary' "$err" "  and not repeated"
for where in "LC_ALL=C" "LC_ALL=zh_CN.UTF-8" "LC_ALL=xx_YY.UTF-8" "COLUMNS=20"; do
	is 2 "$where" env "$where" "$DREAMQ" query --proxy "ftp://127.0.0.1:1" t-0
	says 'socks5h' "$err" "  says which there are"
done
done_testing
