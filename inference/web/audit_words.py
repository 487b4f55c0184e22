"""What the audit keeps as codes, as a person would write it. Pure; REST keeps the codes."""

import re
from collections.abc import Mapping
from typing import Any

from inference.manifests import digest_text
from inference.web.field_words import label, words
from inference.web.tags import groups

Difference = tuple[str, str, str]
"""Field, before and after; no before where the event tells of none."""
NOUNS = {
    "change-request": "change",
    "egress-range": "range",
    "environment-rule": "environment",
    "grant": "namespace",
    "hardware-pool": "pool",
    "served-model": "model",
    "user": "",
}
"""What people call a kind, where it is not its code. A person is called by name alone."""
SAID = {
    "change-request": {
        "applied": "wrote every object of {}",
        "became stale": "found that the world had moved since the plan of {}",
        "could not be planned": "could not plan {}",
        "expired": "let {} expire",
        "failed": "stopped {}: it failed",
        "partial": "stopped {}: a part was not written",
        "retried": "had {} pushed again",
        "sent back": "sent {} back",
        "started": "started to push {}",
        "succeeded": "saw {} arrive",
    },
    "push": {
        "push failed": "stopped {}: it failed",
        "push partial": "stopped {}: a part was not written",
        "push succeeded": "saw {} arrive",
    },
    "cluster": {
        "asked the metrics source of": "had the metrics source of {} asked",
        "asked to probe": "had {} looked at",
        "described": "changed the title of {}",
    },
    "egress-range": {"disallowed": "took {} back"},
    "environment-rule": {"set the rule of": "changed the pairs of eyes in {}"},
    "gateway": {"changed the authority of": "changed the CA of {}"},
    "team": {"created": "made {}", "described": "changed the title of {}"},
    "user": {
        "changed": "changed the account of {}",
        "entered": "added the account of {}",
        "removed the role of": "took the role of {} away",
        "set the role of": "gave a role to {}",
    },
}
"""By kind, the deeds whose code is no sentence; any other goes before what it was done to."""
DONE = {"create": "new", "update": "changed", "delete": "deleted"}
EDIT = re.compile(rf"({'|'.join(DONE)}) ([a-z-]+) ")
HASH = re.compile(r"[0-9a-f]{64}")
PEM = "-----BEGIN "
LABELS = {
    "browser_url": "Address for browsers",
    "ca_pem": "CA",
    "edits": "",
    "has_token": "Token",
    "is_active": "Active",
    "is_platform": "Platform",
    "url": "Address",
}
"""What is no field of a definition; edits speak for themselves."""


def deed_of(kind: str, verb: str) -> tuple[str, str]:
    """What stands before the name of the subject, and what behind it."""
    noun = NOUNS.get(kind, kind.replace("-", " "))
    said = SAID.get(kind, {}).get(verb) or f"{verb} {{}}"
    before, _, behind = said.partition("{}")
    return f"{before}{noun}".strip(), behind


def verbs_saying(text: str) -> set[str]:
    """Codes of the deeds in whose sentence this stands."""
    wanted = text.lower()
    found = (deed for said in SAID.values() for deed in said.items())
    return {verb for verb, sentence in found if wanted in sentence.replace("{} ", "")}


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Difference]:
    """What differs; of what was entered, what it has."""
    was = before or {}
    told = [
        (LABELS.get(name, label(name)), shown(name, was.get(name)), shown(name, after.get(name)))
        for name in {**was, **after}
        if was.get(name) != after.get(name)
    ]
    nothing = words(None)
    return [(title, old if was else "", new) for title, old, new in told if {old, new} != {nothing}]


def shown(name: str, value: Any) -> str:
    """In words; a hash by its beginning, as pages name it."""
    if name == "edits" and isinstance(value, list):
        return ", ".join(_edited(str(one)) for one in value) or words(value)
    if not isinstance(value, str):
        return words(value)
    if HASH.fullmatch(value):
        return groups(value)
    if value.startswith(PEM):
        return f"a certificate, {groups(digest_text(value))}"
    return words(value.replace("-", " ") if name == "state" else value)


def _edited(text: str) -> str:
    return EDIT.sub(lambda found: f"{DONE[found[1]]} {NOUNS.get(found[2], found[2])} ", text, 1)
