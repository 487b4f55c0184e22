"""Amounts are read exactly and written in the one spelling that a real server gives back."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from inference.simulator.quantities import canonical, milli, value_of

SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
amounts = some.builds(
    "{}{}{}".format,
    some.integers(-(10**9), 10**9),
    some.sampled_from(["", ".5", ".25", ".125"]),
    some.sampled_from(SUFFIXES),
)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("16000m", "16"),
        ("0.5", "500m"),
        ("128.5Gi", "131584Mi"),
        ("1.5Gi", "1536Mi"),
        ("1024Mi", "1Gi"),
        ("1000M", "1G"),
        ("1e3", "1e3"),
        ("100", "100"),
        ("512Ki", "512Ki"),
        ("0", "0"),
        ("-1Gi", "-1Gi"),
        ("15624999.5n", "15625u"),
    ],
)
def test_an_amount_has_one_spelling(written: str, told: str) -> None:
    assert canonical(written) == told


@pytest.mark.parametrize("text", ["", "a lot", "1 Gi", "1.2.3", "Gi", "--1"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a quantity"):
        canonical(text)


@given(amounts)
def test_the_one_spelling_is_kept(written: str) -> None:
    once = canonical(written)

    assert canonical(once) == once


@given(amounts)
def test_no_spelling_changes_an_amount_above_a_billionth(written: str) -> None:
    value = value_of(written)

    assert 0 <= value_of(canonical(written)) - value < 1e-9


@given(amounts)
def test_thousandths_are_rounded_up(written: str) -> None:
    assert 0 <= milli(written) - value_of(written) * 1000 < 1
