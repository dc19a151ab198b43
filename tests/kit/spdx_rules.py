#!/usr/bin/env python3
"""Does a bill of materials follow the rules of SPDX 2.3, and is it that of a tree?

    spdx_rules.py BILL TREE      prints each offence, exits 1 when there is one
"""
import hashlib
import json
import pathlib
import re
import sys

ID = re.compile(r"^SPDXRef-[A-Za-z0-9.-]+$")
NEEDED = {
    "document": ["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"],
    "packages": ["SPDXID", "name", "downloadLocation", "filesAnalyzed", "licenseConcluded", "licenseDeclared",
                 "copyrightText"],
    "files": ["SPDXID", "fileName", "checksums", "licenseConcluded", "copyrightText"],
    "relationships": ["spdxElementId", "relationshipType", "relatedSpdxElement"],
}


def of_document(bill):
    for kind, names in NEEDED.items():
        for row in [bill] if kind == "document" else bill.get(kind) or [{}]:
            yield from (f"{kind}: no {name}: {row}" for name in names if name not in row)
    ids = [bill["SPDXID"]] + [row["SPDXID"] for kind in ("packages", "files") for row in bill[kind]]
    yield from (f"not an id: {name}" for name in ids if not ID.match(name))
    yield from (f"twice: {name}" for name in set(ids) if ids.count(name) > 1) if len(set(ids)) < len(ids) else ()
    ends = {row[end] for row in bill["relationships"] for end in ("spdxElementId", "relatedSpdxElement")}
    yield from (f"nobody is {name}" for name in sorted(ends - set(ids)))
    yield from (f"not related: {name}" for name in sorted(set(ids) - ends))
    if bill["spdxVersion"] != "SPDX-2.3" or bill["dataLicense"] != "CC0-1.0" or bill["SPDXID"] != "SPDXRef-DOCUMENT":
        yield "the head is that of another version"
    if not re.match(r"^https?://[^#\s]+$", bill["documentNamespace"]):
        yield f"not a namespace: {bill['documentNamespace']}"
    if not re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", bill["creationInfo"]["created"]):
        yield f"not a time: {bill['creationInfo']['created']}"


def of_files(bill, tree):
    all_sha1 = []
    for row in bill["files"]:
        data = (tree / row["fileName"]).read_bytes()
        for check in row["checksums"]:
            if hashlib.new(check["algorithm"], data).hexdigest() != check["checksumValue"]:
                yield f"another {check['algorithm']}: {row['fileName']}"
        all_sha1.append(hashlib.sha1(data).hexdigest())
    code = hashlib.sha1("".join(sorted(all_sha1)).encode()).hexdigest()
    if bill["packages"][0]["packageVerificationCode"]["packageVerificationCodeValue"] != code:
        yield "another verification code"
    there = {f"./{path.relative_to(tree)}" for path in tree.rglob("*") if path.is_file()}
    yield from (f"not listed: {name}" for name in sorted(there - {row["fileName"] for row in bill["files"]}))


def main():
    bill, tree = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8")), pathlib.Path(sys.argv[2])
    offences = list(of_document(bill)) + list(of_files(bill, tree))
    print(*offences, sep="\n")
    sys.exit(bool(offences))


if __name__ == "__main__":
    main()
