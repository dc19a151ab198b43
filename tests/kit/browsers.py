#!/usr/bin/env python3
"""Browsers' cookies as they lie on a disk, for browser.t.

    browsers.py firefox FOLDER VALUE [OPTION...]    a profile's cookies.sqlite
    browsers.py chromium FILE VALUE [OPTION...]     a file Cookies
    browsers.py other FILE NAME                     a database without cookies: a table
    browsers.py hold FILE SECONDS                   lock it, as a browser that runs does

Options: domain=D, expires=UNIX, version=N, password=P (v11), plain (not encrypted), wal (left
in the log by a process that was killed), container, boxes=N+N (0: outside of all), newer (as a version of tomorrow has it),
nosession (no login among them).
"""
import hashlib
import os
import sqlite3
import subprocess
import sys
import time

FIREFOX = """CREATE TABLE moz_cookies (id INTEGER PRIMARY KEY, originAttributes TEXT NOT NULL
DEFAULT '', name TEXT, value TEXT, host TEXT, path TEXT, expiry INTEGER, lastAccessed INTEGER,
creationTime INTEGER, isSecure INTEGER, isHttpOnly INTEGER, inBrowserElement INTEGER DEFAULT 0,
sameSite INTEGER DEFAULT 0, rawSameSite INTEGER DEFAULT 0, schemeMap INTEGER DEFAULT 0,
CONSTRAINT moz_uniqueid UNIQUE (name, host, path, originAttributes))"""
CHROMIUM = """CREATE TABLE cookies(creation_utc INTEGER NOT NULL,host_key TEXT NOT NULL,
top_frame_site_key TEXT NOT NULL,name TEXT NOT NULL,value TEXT NOT NULL,encrypted_value BLOB NOT
NULL,path TEXT NOT NULL,expires_utc INTEGER NOT NULL,is_secure INTEGER NOT NULL,is_httponly
INTEGER NOT NULL,last_access_utc INTEGER NOT NULL,has_expires INTEGER NOT NULL,is_persistent
INTEGER NOT NULL,priority INTEGER NOT NULL,samesite INTEGER NOT NULL,source_scheme INTEGER NOT
NULL,source_port INTEGER NOT NULL)"""


def rows(value, options):
    """(host, name, value, expires): the session, one that is over, one of another site."""
    domain = options.get("domain", "jianying.com")
    expires = int(options.get("expires", time.time() + 40 * 86400))
    return [
        ("." + domain, "visits" if "nosession" in options else "sessionid", value, expires),
        ("jimeng." + domain, "theme", "dark", 0),
        ("." + domain, "over", "gone" + value, int(time.time()) - 60),
        (".not" + domain, "sessionid", "stranger" + value, expires),
        (".example.com", "sessionid", "foreign" + value, expires),
    ]


def connect(path, options):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    db = sqlite3.connect(path, isolation_level=None)
    if "wal" in options:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA wal_autocheckpoint=0")
    return db


def leave(db, options):
    if "wal" in options:
        sys.stdout.flush()
        os._exit(0)  # as it is: what is in the log stays there
    db.close()


def firefox(folder, value, options):
    db = connect(folder + "/cookies.sqlite", options)
    db.execute(FIREFOX)
    is_ms = "newer" in options
    db.execute(f"PRAGMA user_version = {16 if is_ms else 15}")
    boxes = [int(n) for n in options["boxes"].split("+")] if "boxes" in options else [2 if "container" in options else 0]
    for box, (host, name, text, expires) in [(box, row) for box in boxes for row in rows(value, options)]:
        attributes = f"^userContextId={box}" if box else ""
        text = f"{text}-{box}" if len(boxes) > 1 else text
        db.execute("INSERT INTO moz_cookies (originAttributes, name, value, host, path, expiry, isSecure, isHttpOnly) "
                   "VALUES (?,?,?,?,'/',?,1,1)", (attributes, name, text, host, expires * 1000 if is_ms else expires))
    leave(db, options)


def seal(host, text, version, password):
    key = hashlib.pbkdf2_hmac("sha1", (password or "peanuts").encode(), b"saltysalt", 1, 16)
    plain = (hashlib.sha256(host.encode()).digest() if version >= 24 else b"") + text.encode()
    done = subprocess.run(["openssl", "enc", "-aes-128-cbc", "-K", key.hex(), "-iv", (b" " * 16).hex()],
                          input=plain, capture_output=True, check=True)
    return (b"v11" if password else b"v10") + done.stdout


def chromium(path, value, options):
    version = int(options.get("version", 24))
    db = connect(path, options)
    db.execute("CREATE TABLE meta(key LONGVARCHAR NOT NULL UNIQUE PRIMARY KEY, value LONGVARCHAR)")
    db.execute("INSERT INTO meta VALUES ('version', ?)", (str(version),))
    db.execute(CHROMIUM)
    for host, name, text, expires in rows(value, options):
        is_plain = "plain" in options
        sealed = b"" if is_plain else seal(host, text, version, options.get("password"))
        if "newer" in options:
            sealed = b"v99" + sealed[3:]
        db.execute("INSERT INTO cookies VALUES (1,?,'',?,?,?,'/',?,1,1,1,1,1,1,0,2,443)",
                   (host, name, text if is_plain else "", sealed,
                    (expires + 11644473600) * 1000000 if expires else 0))
    leave(db, options)


def hold(path, seconds):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA locking_mode=EXCLUSIVE")
    db.execute("BEGIN EXCLUSIVE")
    print("locked", flush=True)
    time.sleep(float(seconds))


def main():
    what, path, value, *rest = sys.argv[1:]
    options = dict((one.split("=", 1) + [""])[:2] for one in rest)
    if what == "other":
        sqlite3.connect(path).execute(f"CREATE TABLE {value}(x)")
    elif what == "hold":
        hold(path, value)
    else:
        {"firefox": firefox, "chromium": chromium}[what](path, value, options)


if __name__ == "__main__":
    main()
