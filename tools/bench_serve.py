"""The servers of tools/bench_files.py: nginx, which serves made files, and the emulator of
the service, whose links point to it. Everything lies in one folder and ends with it.

The files are those that the emulator makes: real containers, each of other bytes, the same
in every run. nginx finds each by the 32 hex digits that name its object in a link.
"""
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

SCHEMES = ("http", "https1", "https2")
AT_ONCE = 2000  # links of one curl, which goes through all of them for each that ends
OBJECT = re.compile(r"/([0-9a-f]{32})(?:~|/\?)")
HISTORY = "/mweb/v1/get_history_by_ids?aid=513695&device_platform=web&region=cn"
REWRITE = 'rewrite "/([0-9a-f]{32})(~|/$)" /$1 break;'
NGINX = """\
daemon off;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log;
worker_processes auto;
worker_rlimit_nofile {descriptors};
{user}
events {{ worker_connections 4096; }}
http {{
	access_log off;
	default_type application/octet-stream;
	sendfile on; tcp_nopush on; tcp_nodelay on;
	keepalive_timeout 600s; keepalive_requests 10000000;
	open_file_cache max={cached} inactive=600s; open_file_cache_valid 600s;
	client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3;
	uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
	ssl_certificate {dir}/server.pem; ssl_certificate_key {dir}/server.key;
	ssl_session_cache shared:bench:10m;
	root {dir}/files;
	server {{ listen 127.0.0.1:{http}; {rewrite} }}
	server {{ listen 127.0.0.1:{https1} ssl; {rewrite} }}
	server {{ listen 127.0.0.1:{https2} ssl http2; {rewrite} }}
}}
"""


class Trouble(Exception):
    """What keeps the bench from going on, in a sentence."""


def quiet(argv, **more):
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, **more)
    if done.returncode:
        raise Trouble(f"{argv[0]}: status {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def free_ports(n):
    """Held together until all are known, so that they differ."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


def make_certificates(folder):
    ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = folder / "names"
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    quiet(["openssl", "req", "-x509", *ec, "-days", "30", "-subj", "/CN=dreamq bench CA",
           "-keyout", folder / "ca.key", "-out", folder / "ca.pem"])
    quiet(["openssl", "req", *ec, "-subj", "/CN=127.0.0.1", "-keyout", folder / "server.key",
           "-out", folder / "server.csr"])
    quiet(["openssl", "x509", "-req", "-in", folder / "server.csr", "-CA", folder / "ca.pem",
           "-CAkey", folder / "ca.key", "-CAcreateserial", "-days", "30", "-extfile", names,
           "-out", folder / "server.pem"])


def make_cookie(folder):
    (folder / "cookie").touch(0o600)
    (folder / "cookie").write_text("sessionid=bench\n")


class Child:
    """A server: started, waited for until `is_ready` says so, ended with the block."""

    def __init__(self, argv, log, is_ready):
        self.argv, self.log, self.is_ready = argv, log, is_ready

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        try:
            while not self.is_ready():
                if self.process.poll() is not None:
                    raise Trouble(f"{self.argv[0]} ended: {self.log.read_text()[-300:]}")
                time.sleep(0.02)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def nginx(folder, ports):
    binary = shutil.which("nginx") or "/usr/sbin/nginx"
    user = "user root;" if os.geteuid() == 0 else ""
    # What it keeps open counts: with one too many it answers 500 for all that are not.
    _, descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)
    descriptors = 100000 if descriptors == resource.RLIM_INFINITY else descriptors
    (folder / "nginx.conf").write_text(
        NGINX.format(dir=folder, user=user, rewrite=REWRITE, descriptors=descriptors,
                     cached=descriptors // 2, **dict(zip(SCHEMES, ports))))
    return Child([binary, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "nginx.log"],
                 folder / "nginx.out", lambda: all(map(can_connect, ports)))


class Emulator(Child):
    """`base`: where links point to; None: to its own CDN."""

    def __init__(self, build, folder, base):
        port = folder / "port"
        port.unlink(missing_ok=True)
        argv = [build / "dreamq-emulator", "--port-file", port]
        super().__init__(argv + (["--cdn-base", base] if base else []),
                         folder / "emulator.out", port.exists)
        self.port_file, self.base = port, base

    def api(self):
        return f"http://127.0.0.1:{int(self.port_file.read_text())}"

    def own_link(self, link):
        """The same of its own CDN."""
        own = f"http://127.0.0.1:{int(self.port_file.with_suffix('.cdn').read_text())}"
        return link.replace(self.base, own, 1) if self.base else link

    def ask(self, path, body):
        request = urllib.request.Request(self.api() + path, json.dumps(body).encode(), {
            "Content-Type": "application/json", "Cookie": "sessionid=bench"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def make_tasks(self, groups):
        """Finished tasks. A group: what one prompt makes."""
        ids = []
        for group in groups:
            ids += self.ask("/_emulator/tasks", {
                "account": "bench", "age_seconds": 3600, "count": group.tasks,
                "prefix": group.prefix, "kind": group.kind, "prompt": group.prompt})
        return ids

    def links(self, ids):
        """The link of every file, in order; as the service gives it."""
        links = []
        for at in range(0, len(ids), 200):
            some = ids[at:at + 200]
            data = self.ask(HISTORY, {"submit_ids": some})["data"]
            links += [link for task in some for item in data[task]["item_list"]
                      for link in links_of(item)]
        return links


def links_of(item):
    if item.get("video"):
        return [item["video"]["transcoded_video"]["origin"]["video_url"]]
    return [image["image_url"] for image in item["image"]["large_images"]]


def object_of(link):
    return OBJECT.search(link).group(1)


def curl_config(path, links, names):
    path.write_text("".join(f'url="{link}"\noutput="{name}"\n'
                            for link, name in zip(links, names)))
    return path


def make_files(emulator, folder, links):
    """Bring what the emulator makes to where nginx looks for it; the names of these. Links
    lead to nginx, which has nothing yet; the emulator has the same paths."""
    files = folder / "files"
    files.mkdir(exist_ok=True)
    paths = [files / object_of(link) for link in links]
    wanted = [(emulator.own_link(link), path) for link, path in zip(links, paths)
              if not path.exists()]
    for at in range(0, len(wanted), AT_ONCE):
        config = curl_config(folder / "make.curl", *zip(*wanted[at:at + AT_ONCE]))
        quiet(["curl", "-q", "--fail", "--no-progress-meter", "--parallel",
               "--parallel-max", "4", "--config", config])
    return paths
