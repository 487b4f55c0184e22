"""Which YAML is read, and which is refused before it can do anything."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from inference.clusters.client import safe_yaml
from inference.errors import Invalid
from inference.messages import Message
from inference.messages import clusters as messages

LAUGHS = "a: &a [x,x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(9)
)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a: &x 1", messages.YAML_ALIAS),
        ("a: &x 1\nb: *x", messages.YAML_ALIAS),
        ("&x a: 1", messages.YAML_ALIAS),
        (LAUGHS, messages.YAML_ALIAS),
        ("a: !!python/object/apply:os.system ['true']", messages.YAML_TAG),
        ("a: !!str 5", messages.YAML_TAG),
        ("!local {a: 1}", messages.YAML_TAG),
        ("a: !!binary aGk=", messages.YAML_TAG),
        ("a: 1\nb: 2\na: 3", messages.YAML_DUPLICATE_KEY),
        ("x: {a: 1, 'a': 2}", messages.YAML_DUPLICATE_KEY),
        ("5: 1", messages.YAML_KEY_NOT_TEXT),
        ("true: 1", messages.YAML_KEY_NOT_TEXT),
        ("? [a]\n: 1", messages.YAML_KEY_NOT_TEXT),
        ("? {a: 1}\n: 1", messages.YAML_KEY_NOT_TEXT),
        ("[" * 33 + "]" * 33, messages.YAML_TOO_DEEP),
        ("a: " + "[" * 900 + "]" * 900, messages.YAML_TOO_DEEP),
        ("[" + "0," * 20_001 + "]", messages.YAML_TOO_MANY_NODES),
        ("---\na: 1\n" * 51, messages.YAML_TOO_MANY_DOCUMENTS),
        ("x" * (safe_yaml.LARGEST + 1), messages.YAML_TOO_LARGE),
        ("é" * (safe_yaml.LARGEST - 1), messages.YAML_TOO_LARGE),
        (b"\xff\xfe\x00", messages.YAML_NOT_TEXT),
        ("a: 1\0", messages.YAML_NOT_TEXT),
        ('a: "\\0"', messages.YAML_NOT_TEXT),
        ('"\\x00": 1', messages.YAML_NOT_TEXT),
        ('a: "\\ud800"', messages.YAML_UNREADABLE),
        ("\ud800", messages.YAML_NOT_TEXT),
        ("a: [1", messages.YAML_UNREADABLE),
        ("a: b: c", messages.YAML_UNREADABLE),
        ("a: \x07", messages.YAML_UNREADABLE),
        ("[" * 5000 + "]" * 5000, messages.YAML_UNREADABLE),
        ("%YAML 9.9\n--- a", messages.YAML_UNREADABLE),
    ],
)
def test_what_is_not_plain_data_is_refused(source: str | bytes, message: Message) -> None:
    with pytest.raises(Invalid) as refused:
        safe_yaml.load_all(source)

    assert refused.value.message == message
    assert "{" not in str(refused.value).replace("{a: 1}", "")


def test_a_refusal_names_the_line() -> None:
    with pytest.raises(Invalid, match="line 3"):
        safe_yaml.load("a: 1\nb: 2\na: 3\n")


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("", None),
        ("a:", {"a": None}),
        ("a: ~", {"a": None}),
        ("a: true", {"a": True}),
        ("a: yes", {"a": "yes"}),
        ("a: on", {"a": "on"}),
        ("a: 012", {"a": "012"}),
        ("a: 0x1f", {"a": "0x1f"}),
        ("a: 12:30", {"a": "12:30"}),
        ("a: 2026-01-01", {"a": "2026-01-01"}),
        ("a: -5", {"a": -5}),
        ("a: 1.5", {"a": 1.5}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: .nan", {"a": ".nan"}),
        ("a: " + "9" * 5000, {"a": "9" * 5000}),
        ("a: '5'", {"a": "5"}),
        ("<<: {a: 1}", {"<<": {"a": 1}}),
        ("\ufeffa: 1", {"a": 1}),
        ("a: {b: [1, {c: d}]}", {"a": {"b": [1, {"c": "d"}]}}),
    ],
)
def test_scalars_are_those_of_json(source: str, value: Any) -> None:
    assert safe_yaml.load(source) == value


def test_several_documents_are_read_where_they_are_asked_for() -> None:
    assert safe_yaml.load_all("a: 1\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]

    with pytest.raises(Invalid):
        safe_yaml.load("a: 1\n---\nb: 2\n")


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_text_is_read_or_refused(source: str | bytes) -> None:
    try:
        safe_yaml.load_all(source)
    except Invalid:
        return


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(json)
def test_what_the_standard_writer_writes_is_read_back(value: Any) -> None:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            del data
            return True

    text = yaml.dump(value, Dumper=Plain, allow_unicode=False)

    assert safe_yaml.load(text) == value
