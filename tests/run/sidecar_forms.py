#!/usr/bin/env python3
"""What is wrong with the sidecars of a folder: they are read as other programs read them.

    sidecar_forms.py FOLDER <PROMPTS     lines of nasty.py clean
"""
import json
import os
import re
import sys
import xml.etree.ElementTree as ET

NS = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dreamq": "urn:dreamq:xmp:1.0#",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "iptc": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
}
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# A key, and a value that may be a JSON string: what web UIs look for in the last line.
PAIR = re.compile(r'\s*([\w ]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')


def read_parameters(path):
    *prompt, last = open(path, encoding="utf-8", newline="").read().strip().split("\n")
    pairs = PAIR.findall(last)
    if len(pairs) < 3:
        return "\n".join(prompt + [last]), {}
    return "\n".join(prompt), {key: json.loads(value) if value[:1] == '"' else value
                               for key, value in pairs}


def wrong_parameters(path, task, asset, prompt):
    said, pairs = read_parameters(path)
    if said != prompt.strip():
        yield f"{path}: the prompt is {said!r}"
    want = {"Submit id": task["submit_id"], "Size": f"{asset['width']}x{asset['height']}",
            "Model": task["model"], "Created": task["created_at"], "Ratio": task["ratio"],
            "Seed": None if task["seed"] is None else str(task["seed"]), "File": str(asset["index"])}
    for key, value in want.items():
        if value is not None and pairs.get(key) != value:
            yield f"{path}: {key} is {pairs.get(key)!r}, not {value!r}"


def wrong_xmp(path, task, asset, prompt):
    data = open(path, "rb").read()
    if not data.startswith(b"<?xpacket begin=") or b'<?xpacket end="w"?>' not in data:
        yield f"{path}: no packet"
    found = ET.fromstring(data).find("rdf:RDF/rdf:Description", NS)
    one = found.find("dc:description/rdf:Alt/rdf:li", NS)
    if one is None or one.text != prompt:
        yield f"{path}: the description is {one is not None and one.text!r}"
    elif one.get("{http://www.w3.org/XML/1998/namespace}lang") != "x-default":
        yield f"{path}: in no language"
    want = {"dreamq:SubmitID": task["submit_id"], "dreamq:Index": str(asset["index"]),
            "dreamq:Model": task["model"], "dreamq:OriginalSHA256": asset["sha256"],
            "xmp:CreateDate": task["created_at"], "xmp:CreatorTool": "Dreamina / Jimeng",
            "exif:PixelXDimension": str(asset["width"]), "iptc:DigitalSourceType": SOURCE,
            "iptc:AIPromptInformation": prompt}
    for name, value in want.items():
        if found.findtext(name, None, NS) != value:
            yield f"{path}: {name} is {found.findtext(name, None, NS)!r}, not {value!r}"


def main(folder):
    prompts = {line["id"]: line["prompt"] for line in map(json.loads, sys.stdin)}
    files = sorted(name for name in os.listdir(folder) if name.endswith(".png"))
    if len(files) != len(prompts):
        print(f"{len(files)} files")
    for name in files:
        path = os.path.join(folder, name)
        task = json.load(open(path + ".json"))
        asset = next(a for a in task["assets"] if a["path"] == path)
        prompt = prompts[task["submit_id"]]
        for wrong in (*wrong_parameters(path + ".txt", task, asset, prompt),
                      *wrong_xmp(path + ".xmp", task, asset, prompt)):
            print(wrong)


main(sys.argv[1])
