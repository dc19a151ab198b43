#!/usr/bin/env python3
"""The bill of materials of a source tree, as SPDX 2.3 JSON.

    tools/dist --files | tools/sbom.py VERSION UNIX-TIME      the tree is the current folder

What is in the tarball, each file with its sums, and which libraries are asked for, as
meson.build and emulator/meson.build say. It says nothing of the versions that a build finds
on its machine. The same tree and time give the same bytes.
"""
import hashlib
import json
import pathlib
import re
import sys
import time

ASKED = re.compile(r"dependency\('([\w.-]+)'(?:, version: '>=([\d.]+)')?")
OF_BUILD = {"threads", "dl", "cmocka", "libavcodec", "libavformat", "libavutil"}
KINDS = {".c": "SOURCE", ".h": "SOURCE", ".py": "SOURCE", ".sh": "SOURCE", ".t": "SOURCE", ".md": "DOCUMENTATION",
         ".po": "TEXT", ".txt": "TEXT", ".json": "TEXT"}


def sums(data):
    return [{"algorithm": name, "checksumValue": hashlib.new(name, data).hexdigest()}
            for name in ("SHA1", "SHA256")]


def file_row(number, path):
    return {"SPDXID": f"SPDXRef-File-{number}", "fileName": f"./{path}", "checksums": sums(path.read_bytes()),
            "fileTypes": [KINDS.get(path.suffix, "OTHER")], "licenseConcluded": "MIT",
            "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION"}


def package(spdx_id, name, **more):
    return {"SPDXID": spdx_id, "name": name, "downloadLocation": "NOASSERTION", "filesAnalyzed": False,
            "licenseConcluded": "NOASSERTION", "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION", **more}


def libraries():
    """What is linked: name, and the least version or nothing."""
    found = {}
    for build in ("meson.build", "emulator/meson.build"):
        for name, least in ASKED.findall(pathlib.Path(build).read_text(encoding="utf-8")):
            if name not in OF_BUILD:
                found[name] = max(found.get(name, ""), least)
    return sorted(found.items())


def main():
    version, when = sys.argv[1], int(sys.argv[2])
    paths = [pathlib.Path(name) for name in sys.stdin.read().split("\0") if name]
    files = [file_row(number, path) for number, path in enumerate(paths, 1)]
    all_sha1 = "".join(sorted(row["checksums"][0]["checksumValue"] for row in files))
    code = hashlib.sha1(all_sha1.encode()).hexdigest()
    needs = [package(f"SPDXRef-Library-{name}", name, **({"comment": f"version {least} or later"} if least else {}))
             for name, least in libraries()]
    main_package = package("SPDXRef-Package", "dreamq", versionInfo=version, filesAnalyzed=True,
                           packageFileName=f"dreamq-{version}.tar.xz", primaryPackagePurpose="SOURCE",
                           packageVerificationCode={"packageVerificationCodeValue": code},
                           licenseConcluded="MIT", licenseDeclared="MIT", licenseInfoFromFiles=["NOASSERTION"],
                           copyrightText="Copyright (c) 2026 dreamq contributors")

    def relation(one, kind, other):
        return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}

    json.dump({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": f"dreamq-{version}",
        "documentNamespace": f"https://spdx.org/spdxdocs/dreamq-{version}-{code}",
        "creationInfo": {"created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(when)),
                         "creators": ["Organization: dreamq contributors", f"Tool: dreamq-sbom-{version}"]},
        "packages": [main_package] + needs, "files": files,
        "relationships": [relation("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-Package")]
        + [relation("SPDXRef-Package", "CONTAINS", row["SPDXID"]) for row in files]
        + [relation("SPDXRef-Package", "DEPENDS_ON", row["SPDXID"]) for row in needs],
    }, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
