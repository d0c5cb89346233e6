"""Reads pages, one line {"id", "html"} each, and prints what every parser of `extruct` extracts: {"id", "extracted": {…}}.

What the parsers leave to chance, such as names of blank nodes and the order of triples, is made the same for equal content.
"""

import json
import logging
import sys

import extruct

BASE = "https://www.example.com/"
SYNTAXES = ["json-ld", "microdata", "rdfa", "microformat", "opengraph", "dublincore"]
# Blank nodes can refer to each other in circles.
DEPTH = 8


def main():
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        page = json.loads(line)
        extracted = {f"extruct {syntax}": extract(syntax, page["html"]) for syntax in SYNTAXES}
        print(json.dumps({"id": page["id"], "extracted": extracted}, sort_keys=True), flush=True)


def extract(syntax, html):
    try:
        extracted = extruct.extract(html, base_url=BASE, syntaxes=[syntax], errors="strict")[syntax]
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return without_chance(extracted) if syntax == "rdfa" else extracted


def without_chance(nodes):
    """The nodes of expanded JSON-LD, blank ones written out where they are referred to, everything sorted."""
    blank = {node["@id"]: node for node in nodes if node["@id"].startswith("_:")}
    return in_order(written_out(node, blank, DEPTH) for node in nodes)


def written_out(value, blank, depth):
    if isinstance(value, list):
        return in_order(written_out(each, blank, depth) for each in value)
    if not isinstance(value, dict):
        return value
    if value.get("@id") in blank:
        if depth == 0:
            return "a blank node"
        node = {**blank[value["@id"]], "@id": "a blank node"}
        return {key: written_out(each, blank, depth - 1) for key, each in node.items()}
    return {key: written_out(each, blank, depth) for key, each in value.items()}


def in_order(values):
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))


main()
