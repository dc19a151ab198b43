#!/bin/bash
# TLS, and a file server that is not ours: nginx with a certificate from a CA of this test.
. "$(dirname "$0")/lib.sh"
type -P nginx >/dev/null || PATH=$PATH:/usr/sbin
for tool in nginx openssl; do
	type -P $tool >/dev/null || {
		echo "1..0 # SKIP there is no $tool"
		exit 0
	}
done
start_emulator --time-scale 20
cd "$T" || exit 1

make_tasks '{"account":"tester","ids":["cat","dog"],"prompt":"a cat [items=1] [bytes=6M]","age_seconds":600}' >ids
is 0 "two pictures of 6 MB" env XDG_STATE_HOME="$T/calm-state" "$DREAMQ" get -q -o media --input ids
sum_of() { sha256sum <"$1" | cut -c 1-64; }

# A CA, and certificates for the right and for a wrong name.
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=test CA' -keyout ca.key -out ca.pem 2>/dev/null
certificate() { # NAME SUBJECT-ALT-NAMES
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null
	openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
		-extfile <(echo "subjectAltName=$2") -out "$1.pem" 2>/dev/null
}
# of_time NAME START END: the right one again, of another time (YYYYMMDDHHMMSSZ)
: >index.txt
cat >ca.cnf <<-END
	[ca]
	default_ca = it
	[it]
	database = $T/index.txt
	new_certs_dir = $T
	rand_serial = yes
	unique_subject = no
	default_md = sha256
	policy = any
	[any]
	commonName = supplied
END
of_time() {
	openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in right.csr -startdate "$2" -enddate "$3" \
		-extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1') -notext -out "$1.pem" 2>/dev/null
	cp right.key "$1.key"
}
certificate right 'DNS:localhost,DNS:api.test,DNS:files.test,IP:127.0.0.1'
certificate wrong 'DNS:other.test'
day() { date -u -d "$1" +%Y%m%d%H%M%SZ; }
of_time soon "$(day '-1 day')" "$(day '+5 days 1 hour')"
of_time early "$(day '+2 days')" "$(day '+90 days')"
of_time late "$(day '-90 days')" "$(day '-2 days')"

# nginx_on PORT: with the wrong certificate on the port behind it; false when one is taken
nginx_on() {
	mkdir -p web/logs
	: >web/logs/access.log
	cat >web/nginx.conf <<-END
		master_process off;
		daemon off;
		pid nginx.pid;
		error_log logs/error.log;
		events {}
		http {
			log_format test '\$status \$server_protocol range=\$http_range if_range=\$http_if_range cookie=\$http_cookie referer=\$http_referer uri=\$uri';
			access_log logs/access.log test;
			client_body_temp_path tmp-body; proxy_temp_path tmp-proxy;
			fastcgi_temp_path tmp-f; uwsgi_temp_path tmp-u; scgi_temp_path tmp-s;
			server {
				listen 127.0.0.1:$1 ssl http2;
				ssl_certificate $T/right.pem;
				ssl_certificate_key $T/right.key;
				location /media/ { alias $T/media/; }
				location /slow/ { alias $T/media/; limit_rate 2m; }
				location /cdn/ { proxy_pass http://127.0.0.1:$(($1 + 2))/; }
				location / { proxy_pass $DREAMQ_API_BASE; }
			}
			server {
				listen 127.0.0.1:$(($1 + 1)) ssl;
				ssl_certificate $T/wrong.pem;
				ssl_certificate_key $T/wrong.key;
				location /media/ { alias $T/media/; }
			}
			include $T/web/times.conf;
		}
	END
	local time at=$1
	for time in soon early late; do
		at=$((at + 5))
		echo "server { listen 127.0.0.1:$at ssl; ssl_certificate $T/$time.pem; ssl_certificate_key $T/$time.key;
			location /media/ { alias $T/media/; } location / { proxy_pass $DREAMQ_API_BASE; } }"
	done >web/times.conf
	nginx -p "$T/web" -c nginx.conf -e logs/error.log >nginx.out 2>&1 &
	nginx_pid=$!
	for _ in $(seq 50); do
		kill -0 $nginx_pid 2>/dev/null || return 1
		curl -s -o /dev/null --cacert ca.pem "https://127.0.0.1:$1/media/" && return 0
		sleep 0.1
	done
	return 1
}
for _ in 1 2 3 4 5 6 7 8; do
	port=$((20000 + RANDOM % 12000))
	nginx_on $port && break
	kill $nginx_pid 2>/dev/null
	port=
done
trap 'kill $nginx_pid 2>/dev/null; finish' EXIT
[ -n "$port" ] || {
	echo "Bail out! nginx does not start: $(tail -3 nginx.out web/logs/error.log)"
	exit 1
}
# points TASK URL-BEFORE-THE-NAME: the service hands out this link
points() {
	clear_script
	script "on=query id=$1 : link $2/$1_0.png?x-expires=4000000000&x-signature=s3cr3tsignature%3D"
}
web=https://127.0.0.1:$port

points cat $web/media
is 0 "a file from nginx" env DREAMQ_CA_FILE=ca.pem "$DREAMQ" get -v -o first cat
equal "$(sum_of media/cat_0.png)" "$(sum_of first/cat_0.png)" "is the same file"
says_not "s3cr3tsignature" err "-v does not show the link's signature"
equal "200 HTTP/2.0 range=- if_range=- cookie=- referer=- uri=/media/cat_0.png" \
	"$(tail -1 web/logs/access.log)" "one plain request over HTTP/2"

points dog $web/media
is 5 "a certificate that nobody trusts" env XDG_STATE_HOME="$T/s1" timeout 20 "$DREAMQ" get -o second dog
says "certificate" err "is told"
complete second 0 "and nothing is stored"
is 0 "SSL_CERT_FILE makes it trusted" env XDG_STATE_HOME="$T/s1" SSL_CERT_FILE=ca.pem "$DREAMQ" get -o second dog
equal "$(sum_of media/dog_0.png)" "$(sum_of second/dog_0.png)" "and it is the same file"
points dog "https://127.0.0.1:$((port + 1))/media"
is 5 "a certificate for another name" env XDG_STATE_HOME="$T/s2" DREAMQ_CA_FILE=ca.pem timeout 20 "$DREAMQ" get -o third dog
says "certificate" err "is told"
is 2 "a CA file that is not there" env DREAMQ_CA_FILE=not-there.pem "$DREAMQ" query dog
says "not-there.pem" err "is named"

# Killed half-way, and run again.
points dog $web/slow
export DREAMQ_CA_FILE=$T/ca.pem
"$DREAMQ" get -q -o half dog >out 2>err &
pid=$!
for _ in $(seq 400); do
	[ -n "$(find half -name '.dreamq-*' -size +3500k 2>/dev/null)" ] && break
	sleep 0.02
done
kill -9 $pid
wait $pid 2>/dev/null
points dog $web/media
is 0 "killed half-way, and run again" dreamq get -o half dog
says '^206 HTTP/2.0 range=bytes=[0-9]{7}- if_range=[^ ]{5,} cookie=- ' <(tail -1 web/logs/access.log) \
	"goes on where it stopped, if it is the same object"
equal "$(sum_of media/dog_0.png)" "$(sum_of half/dog_0.png)" "which it is"
complete half 1 "and alone"

# Killed half-way, and then the file has changed.
points dog $web/slow
"$DREAMQ" get -q -o other --ledger "$T/other.db" dog >out 2>err &
pid=$!
for _ in $(seq 400); do
	[ -n "$(find other -name '.dreamq-*' -size +3500k 2>/dev/null)" ] && break
	sleep 0.02
done
kill -9 $pid
wait $pid 2>/dev/null
touch -d '2 hours ago' media/dog_0.png
points dog $web/media
is 0 "killed half-way, and the file's ETag has changed" dreamq get -o other --ledger "$T/other.db" dog
says '^200 HTTP/2.0 range=bytes=' <(tail -1 web/logs/access.log) "it is sent from the start"
equal "$(sum_of media/dog_0.png)" "$(sum_of other/dog_0.png)" "and taken from the start"

points cat $web/media/no-such-folder
is 5 "a link to nothing" dreamq get -o nothing --ledger "$T/nothing.db" cat
says "404" err "is told"
clear_script

# The API itself over TLS, behind a proxy and as the emulator speaks it.
is 0 "the API behind nginx" dreamq --api-base $web query cat
is 0 "by name" dreamq --api-base "https://localhost:$port" query cat
is 5 "the API with a certificate for another name ends a get at once" env XDG_STATE_HOME="$T/s4" timeout 3 "$DREAMQ" --api-base "https://127.0.0.1:$((port + 1))" get -o fourth cat
is 5 "and a query" dreamq --api-base "https://127.0.0.1:$((port + 1))" query cat
says "certificate" err "is told"

# How long the certificate holds, and a clock that may be wrong.
judged() { jq -r "select(.name == \"$1\") | .$2" out; }
at_time() { DREAMQ_CA_FILE=ca.pem dreamq doctor --json --api-base "https://127.0.0.1:$((port + $1))" >out 2>err; }
at_time 5
equal warn "$(judged tls verdict)" "a certificate of five days"
says 'ends in 5 days' <(judged tls message) "  says so"
says 'has to renew' <(judged tls do) "  and who has to do what"
at_time 10
equal bad "$(judged tls verdict)" "one that does not hold yet"
says 'not yet valid' <(judged tls message) "  says why"
says "timedatectl set-ntp true" <(judged tls do) "  and that it may be the clock here"
at_time 15
equal bad "$(judged tls verdict)" "one that is over"
says "date -u" <(judged tls do) "  which may be the clock here, too"
points "$(dreamq list --json --state succeeded --limit 1 | jq -r .submit_id)" "https://127.0.0.1:$((port + 5))/media"
DREAMQ_CA_FILE=ca.pem dreamq doctor --json >out 2>err
equal warn "$(judged cdn verdict)" "the same at the CDN"
says 'ends in 5 days' <(judged cdn message) "  says so"
clear_script

# Only an API on loopback may point to loopback. A name that leads there is not loopback.
printf '%s\n' '127.0.0.1 localhost api.test files.test' '169.254.169.254 meta.test' '10.0.0.1 ten.test' \
	'::1 six.test' '::ffff:10.0.0.2 mapped.test' 'fd00::1 unique.test' >hosts
elsewhere() { unshare -rm sh -c 'mount --bind "$0" /etc/hosts && exec "$@"' "$T/hosts" "$@"; }
if elsewhere true 2>/dev/null; then
	for host in 127.0.0.1 localhost 2130706433 files.test meta.test ten.test six.test mapped.test unique.test; do
		points cat "https://$host:$port/media"
		: >web/logs/access.log
		is 7 "a service elsewhere that points to $host" elsewhere "$DREAMQ" --ledger "$T/$host.db" \
			--api-base "https://api.test:$port" get -o "from-$host" cat
		says "private|loopback|public|refused" err "is refused"
		equal 0 "$(grep -c media web/logs/access.log)" "before anything is asked"
	done
else
	skip "a service elsewhere that points to this machine" "no right to bind /etc/hosts"
fi
clear_script
stop_emulator
start_emulator --tls --cert-file "$T/emulator.pem"
tls=https://127.0.0.1:$(cat port)
id=$(curl -sf --cacert emulator.pem -d '{"account":"tester","count":1,"prefix":"tls","prompt":"a cat [items=1]","age_seconds":600}' \
	"$tls/_emulator/tasks" | jq -r '.[]')
is 0 "the emulator's TLS" env DREAMQ_CA_FILE=emulator.pem "$DREAMQ" --api-base "$tls" get -q -o tls "$id"
complete tls 1 "brings the file"
is 5 "without its certificate" env DREAMQ_CA_FILE=ca.pem "$DREAMQ" --api-base "$tls" query "$id"
says "certificate" err "is told"
is 2 "plain http to another host" dreamq --api-base "http://api.test" query "$id"

# Many files share few connections of HTTP/2, and the disk is behind them all.
stop_emulator
start_emulator --cdn-port $((port + 2)) --cdn-base "$web/cdn"
make_tasks '{"account":"tester","count":16,"prefix":"first","prompt":"a cat [items=1] [bytes=20k]","age_seconds":600}' >many
make_tasks '{"account":"tester","count":16,"prefix":"film","kind":"video","prompt":"a cat [bytes=5M]","age_seconds":600}' >>many
is 0 "16 pictures and 16 films" env XDG_STATE_HOME="$T/s5" "$DREAMQ" get -q -o calm --input many
is 0 "a slow disk behind HTTP/2" env LD_PRELOAD="$SLOW_DISK_LIBRARY" SLOW_DISK_MS=5 \
	ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 \
	"$DREAMQ" get -q -o behind --ledger "$T/behind.db" --input many
complete behind 32 "brings all"
is 0 "as they are" diff -r calm behind
done_testing
