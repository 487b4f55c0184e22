"""The one change that is made to approved bytes."""

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from inference.clusters.client.errors import ManifestRejected, Rejected
from inference.clusters.client.stored_bytes import with_uid, without_uid
from inference.manifests import canonical

UID = "81040ca9-6f99-4521-a9f9-0abefb871013"

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9) | st.just("metadata"), inner, max_size=3)
    ),
    max_leaves=12,
)
objects = st.dictionaries(st.text(max_size=9), values, max_size=4)


@given(objects, objects, st.sampled_from([UID, "a", "A-1"]))
def test_taking_the_uid_out_gives_the_stored_bytes(
    rest: dict[str, Any], metadata: dict[str, Any], uid: str
) -> None:
    assume("uid" not in metadata)
    stored = canonical({**rest, "metadata": metadata}).encode()

    sent = with_uid(stored, uid)

    assert without_uid(sent) == stored
    assert json.loads(sent) == {**rest, "metadata": {**metadata, "uid": uid}}
    assert without_uid(stored) == stored


def test_only_the_objects_own_metadata_gets_it() -> None:
    stored = (
        b'{"data":{"metadata":"{\\"metadata\\":{}}","note":"a \\" { metadata"},'
        b'"metadata":{"name":"a"},"spec":{"template":{"metadata":{"labels":{}}}}}'
    )

    sent = json.loads(with_uid(stored, UID))

    assert sent == {**json.loads(stored), "metadata": {"name": "a", "uid": UID}}


@pytest.mark.parametrize(
    "stored",
    [b"", b"{}", b"[]", b'{"metadata":5}', b'{"metadata":"x","a":{}}', b'{"a":{"metadata":{}}}'],
)
def test_bytes_without_metadata_are_not_sent(stored: bytes) -> None:
    with pytest.raises(ManifestRejected) as refused:
        with_uid(stored, UID)

    assert refused.value.reason is Rejected.MALFORMED


@pytest.mark.parametrize("uid", ["", '","evil":"', "a b", "x" * 65, "a\n"])
def test_a_uid_is_never_more_than_one(uid: str) -> None:
    with pytest.raises(ManifestRejected):
        with_uid(b'{"metadata":{}}', uid)
