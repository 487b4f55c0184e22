"""Quantities as Kubernetes reads and writes them. Pure."""

import re
from fractions import Fraction
from functools import lru_cache

_SHAPE = re.compile(
    r"^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i|)$"
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = ("Ki", "Mi", "Gi", "Ti", "Pi", "Ei")
_KIBI = 1024
_SUFFIXES = {suffix: Fraction(10) ** power for suffix, power in _DECIMAL.items()} | {
    suffix: Fraction(_KIBI) ** power for power, suffix in enumerate(_BINARY, start=1)
}


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[Fraction, str]:
    found = _SHAPE.match(text)
    if found is None:
        raise ValueError(f"not a quantity: {text}")
    number, suffix = Fraction(found[1]), found[2]
    if suffix in _SUFFIXES:
        return number * _SUFFIXES[suffix], suffix
    return number * Fraction(10) ** int(suffix[1:]), suffix


def value_of(quantity: str | float) -> Fraction:
    """Raises ValueError."""
    return _read(str(quantity))[0]


@lru_cache(maxsize=4096)
def milli(quantity: str | float) -> int:
    """Whole thousandths, rounded up as the API rounds what is finer. Raises ValueError."""
    return -int(-value_of(quantity) * 1000 // 1)


@lru_cache(maxsize=4096)
def canonical(quantity: str) -> str:
    """The one spelling in which a server gives an amount back. Raises ValueError."""
    exact, suffix = _read(quantity)
    # Nothing is finer than a nano; what is, is rounded up before it is spelled.
    value = Fraction(-int(-exact * 10**9 // 1), 10**9)
    if suffix in _BINARY and abs(value) >= _KIBI and value.denominator == 1:
        return _binary(int(value))
    if suffix[:1] in {"e", "E"} and suffix != "E":
        return _exponent(value)
    for letter, power in reversed(_DECIMAL.items()):
        amount = value / Fraction(10) ** power
        if amount.denominator == 1 and (amount or not power):
            return f"{amount}{letter}"
    raise AssertionError(f"{quantity} is a whole number of nanos.")


def _binary(value: int) -> str:
    power = 0
    while value % _KIBI == 0 and power < len(_BINARY):
        value //= _KIBI
        power += 1
    return f"{value}{_BINARY[power - 1] if power else ''}"


def _exponent(value: Fraction) -> str:
    power = 0
    while value and value.denominator == 1 and value % 1000 == 0:
        value /= 1000
        power += 3
    while value.denominator != 1:
        value *= 1000
        power -= 3
    return f"{value}e{power}" if power else f"{value}"
