"""Names in clusters: DNS labels with room to spare, and one for each placement."""

import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from inference.names import LONGEST, picker_config_name, picker_name, placement_name, route_name

LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
POD_SUFFIX = len("-0123456789-01234")
names = st.from_regex(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?", fullmatch=True)


@given(names, st.uuids())
def test_a_name_is_a_label_with_room_for_what_controllers_add(name: str, identity: UUID) -> None:
    made = placement_name(name, identity)

    assert LABEL.fullmatch(made)
    assert len(made) <= LONGEST
    assert len(picker_name(made)) + POD_SUFFIX <= 63
    assert len(picker_config_name(made, "0" * 64)) <= 63


@given(names, names, st.uuids(), st.uuids())
def test_two_placements_never_share_a_name(one: str, two: str, a: UUID, b: UUID) -> None:
    if a != b:
        assert placement_name(one, a) != placement_name(two, b)


@given(names, st.uuids())
def test_a_name_follows_from_the_definition_alone(name: str, identity: UUID) -> None:
    assert route_name(name, identity) == route_name(name, UUID(str(identity)))
    assert picker_config_name(name, "a" * 64) != picker_config_name(name, "b" * 64)
