"""The part of PromQL that is understood: selectors, rates, quantiles, aggregations. Pure.

expression  = product { "or" product }
product     = factor { ("/" | "*") factor }
factor      = number | "(" expression ")" | aggregation | call | selector
aggregation = ("sum" | "max" | "min" | "count") [ "by" labels ] "(" expression ")"
call        = "rate" "(" range ")" | "timestamp" "(" selector ")"
            | "histogram_quantile" "(" number "," expression ")"
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from inference.simulator.world.prometheus.samples import Matcher

T = TypeVar("T")
AGGREGATIONS = frozenset({"sum", "max", "min", "count"})
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?![\w.]))"
    r"|(?P<duration>\d+[smh])"
    r"|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r'|(?P<text>"(?:[^"\\\n]|\\.)*")'
    r"|(?P<sign>=~|!~|!=|[=(){}\[\],/*]))"
)
_ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n", "\\t": "\t"}
_DEEPEST = 20


class NotUnderstood(Exception):
    """It is no PromQL, or more of it than is known here."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Selector:
    matchers: tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Rate:
    selector: Selector
    seconds: float


@dataclass(frozen=True, slots=True)
class Timestamp:
    selector: Selector


@dataclass(frozen=True, slots=True)
class Quantile:
    share: float
    of: "Expression"


@dataclass(frozen=True, slots=True)
class Aggregation:
    deed: str
    by: tuple[str, ...]
    of: "Expression"


@dataclass(frozen=True, slots=True)
class Binary:
    sign: str
    left: "Expression"
    right: "Expression"


Expression = Number | Selector | Rate | Timestamp | Quantile | Aggregation | Binary


def parse(text: str) -> Expression:
    """Raises NotUnderstood."""
    parser = _Parser(_tokens(text))
    found = parser.expression()
    parser.end()
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotUnderstood(
                f"unexpected character at {place + 1}: {text[place : place + 20]!r}"
            )
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        place = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens, self._place, self._depth = tokens, 0, 0

    def end(self) -> None:
        if self._place < len(self._tokens):
            self._fail()

    def expression(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise NotUnderstood("the expression is too deep")
        found = self._product()
        while self._take("or"):
            found = Binary("or", found, self._product())
        self._depth -= 1
        return found

    def _product(self) -> Expression:
        found = self._factor()
        while sign := self._take("/", "*"):
            found = Binary(sign, found, self._factor())
        return found

    def _factor(self) -> Expression:
        kind, text = self._next()
        if kind == "number":
            return Number(float(text))
        if text == "(":
            found = self.expression()
            self._need(")")
            return found
        if kind == "name" and text in AGGREGATIONS:
            return self._aggregation(text)
        if kind == "name" and self._take("("):
            return self._call(text)
        self._place -= 1
        return self._selector()

    def _aggregation(self, deed: str) -> Aggregation:
        by: tuple[str, ...] = ()
        if self._take("by"):
            self._need("(")
            by = tuple(self._listed(self._name))
        self._need("(")
        of = self.expression()
        self._need(")")
        return Aggregation(deed, by, of)

    def _call(self, name: str) -> Expression:
        found: Expression
        if name == "rate":
            found = Rate(self._selector(), self._range())
        elif name == "timestamp":
            found = Timestamp(self._selector())
        elif name == "histogram_quantile":
            kind, text = self._next()
            if kind != "number":
                self._fail()
            self._need(",")
            found = Quantile(float(text), self.expression())
        else:
            raise NotUnderstood(f"the function {name} is not known here")
        self._need(")")
        return found

    def _selector(self) -> Selector:
        matchers: list[Matcher] = []
        if self._tokens[self._place : self._place + 1] != [("sign", "{")]:
            matchers.append(Matcher("__name__", self._name()))
        if self._take("{") and not self._take("}"):
            matchers += self._listed(self._matcher, "}")
        if not matchers:
            self._fail()
        return Selector(tuple(matchers))

    def _range(self) -> float:
        self._need("[")
        kind, text = self._next()
        if kind != "duration":
            self._fail()
        self._need("]")
        return float(text[:-1]) * _SECONDS[text[-1]]

    def _matcher(self) -> Matcher:
        label = self._name()
        sign = self._take("=~", "!~", "!=", "=")
        kind, text = self._next()
        if not sign or kind != "text":
            self._fail()
        value = re.sub(r"\\.", lambda one: _ESCAPES.get(one[0], one[0]), text[1:-1])
        made = Matcher(label, value, sign.endswith("~"), sign.startswith("!"))
        try:
            made.test()
        except re.error as error:
            raise NotUnderstood(f"a pattern that cannot be read: {error}") from None
        return made

    def _listed(self, one: Callable[[], T], closing: str = ")") -> list[T]:
        found = [one()]
        while self._take(","):
            if self._take(closing):
                return found
            found.append(one())
        self._need(closing)
        return found

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            self._fail()
        return text

    def _take(self, *texts: str) -> str:
        kind, text = self._tokens[self._place] if self._place < len(self._tokens) else ("", "")
        if kind in {"sign", "name"} and text in texts:
            self._place += 1
            return text
        return ""

    def _need(self, text: str) -> None:
        if not self._take(text):
            self._next()
            self._fail()

    def _next(self) -> tuple[str, str]:
        self._place += 1
        if self._place > len(self._tokens):
            raise NotUnderstood("unexpected end of input")
        return self._tokens[self._place - 1]

    def _fail(self) -> NoReturn:
        place = min(self._place, len(self._tokens)) - 1
        raise NotUnderstood(f"unexpected {self._tokens[place][1]!r}")
