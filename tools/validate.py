#!/usr/bin/python3
"""Check lines of `dreamq --json` against docs/schema/.

    dreamq query --json ID | tools/validate.py [--at-least N]

Every line must be one JSON object that its event's schema accepts, and the
whole (event.schema.json) too. The first bad line is named, and the exit
status is 1; a signed link in it is not repeated. With --at-least, fewer lines
are an error: a test can't pass because nothing was printed.
"""
import argparse
import json
import pathlib
import sys

import jsonschema

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "docs" / "schema"


def load():
    """Validators by event; None is the one for all events."""
    schemas = {}
    for path in sorted(FOLDER.glob("*.schema.json")):
        schemas[path.name] = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.Draft202012Validator.check_schema(schemas[path.name])
    refs = {row["$ref"] for row in schemas["event.schema.json"]["oneOf"]}
    if lacking := schemas.keys() - refs - {"event.schema.json"}:
        sys.exit(f"validate: event.schema.json has no row of {', '.join(sorted(lacking))}")
    resolver = jsonschema.RefResolver("", None, store=schemas)
    validators = {}
    for name, schema in schemas.items():
        event = name.split(".")[0]
        validators[None if event == "event" else event] = jsonschema.Draft202012Validator(
            schema, resolver=None if event != "event" else resolver)
    return validators


def refuse_twins(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key twice")
    return members


def refuse_constant(word):
    raise ValueError(f"{word} is no JSON")


def explain(error):
    """Where and what rule, without the value: it may be a link."""
    where = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
    detail = ""
    if error.validator == "required":
        detail = ": " + ", ".join(sorted(set(error.validator_value) - set(error.instance)))
    elif error.validator == "additionalProperties":
        detail = ": " + ", ".join(sorted(set(error.instance) - set(error.schema["properties"])))
    elif error.validator in ("type", "const", "enum", "pattern", "minimum"):
        detail = f": {error.validator_value}"
    return f"{where or 'the object'} breaks '{error.validator}'{detail}"


def check(line, validators):
    """None, or what is wrong with the line."""
    try:
        value = json.loads(line, object_pairs_hook=refuse_twins, parse_constant=refuse_constant)
    except ValueError as error:
        return f"no JSON: {error}"
    if not isinstance(value, dict):
        return "no object"
    event = value.get("event")
    if not isinstance(event, str) or event not in validators:
        return f"unknown event {event!r}"
    for error in sorted(validators[event].iter_errors(value), key=lambda e: str(e.path)):
        return explain(error)
    for error in validators[None].iter_errors(value):
        return explain(error)
    return None


def main():
    parser = argparse.ArgumentParser(description="Check lines of dreamq --json.")
    parser.add_argument("--at-least", type=int, default=0, metavar="N")
    wanted = parser.parse_args().at_least
    validators = load()
    count = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        count = number
        try:
            trouble = check(line.decode("utf-8"), validators)
        except UnicodeDecodeError:
            trouble = "no UTF-8"
        if trouble:
            print(f"validate: line {number}: {trouble}", file=sys.stderr)
            return 1
    if count < wanted:
        print(f"validate: {count} lines, {wanted} or more expected", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
