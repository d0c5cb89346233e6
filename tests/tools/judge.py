"""Judges what carriers are answered: the answer is built again with the classes of the carrier's own library, which know its
elements, what each may hold, and its attributes.

Reads a question a line, {"carrier", "answer"}, and answers {"accepted": true}, or {"accepted": false, "why"}.
"""

import inspect
import json
import re
import sys
from xml.etree import ElementTree

from plivo import plivoxml
from twilio.twiml.voice_response import VoiceResponse


def main():
    for line in sys.stdin:
        question = json.loads(line)
        try:
            judge(question["answer"], *CARRIERS[question["carrier"]])
            verdict = {"accepted": True}
        except Exception as error:  # whatever the library has against it
            verdict = {"accepted": False, "why": f"{type(error).__name__}: {error}"}
        print(json.dumps(verdict), flush=True)


def judge(answer, root, add):
    asked = ElementTree.fromstring(answer)
    built = root()
    if asked.tag != "Response" or asked.attrib:
        raise ValueError("no Response")
    for child in asked:
        build(child, built, add)
    same(asked, ElementTree.fromstring(built.to_xml() if hasattr(built, "to_xml") else built.to_string()))


def build(element, parent, add):
    child = add(parent, element)
    for inner in element:
        build(inner, child, add)


def arguments(make, element):
    """What the element says, under the names that its maker has for it."""
    names = [name for name in inspect.signature(make).parameters if name not in ("self", "kwargs")]
    named = {snake(name): value for name, value in element.attrib.items()}
    unknown = [name for name in named if name not in names]
    if unknown:
        raise ValueError(f"{element.tag} has no {', '.join(unknown)}")
    text = (element.text or "").strip()
    return ([text] if text else []), named


def snake(name):
    return re.sub("([A-Z])", lambda capital: "_" + capital.group(1).lower(), name)


def add_twilio(parent, element):
    make = getattr(parent, snake(element.tag).lstrip("_"))
    text, named = arguments(make, element)
    return make(*text, **named)


def add_plivo(parent, element):
    make = getattr(plivoxml, element.tag + "Element")
    text, named = arguments(make, element)
    child = make(*text, **{name: plain(value) for name, value in named.items()})
    parent.add(child)
    return child


def plain(value):
    """Plivo's library takes numbers and booleans, and writes them as text."""
    if value in ("true", "false"):
        return value == "true"
    return int(value) if value.isdigit() else value


def same(asked, built):
    here, there = shape(asked), shape(built)
    if here != there:
        raise ValueError(f"the library writes {there}")


def shape(element):
    return [element.tag, dict(element.attrib), (element.text or "").strip(), [shape(child) for child in element]]


CARRIERS = {
    "twilio": (VoiceResponse, add_twilio),
    "plivo": (plivoxml.ResponseElement, add_plivo),
}


main()
