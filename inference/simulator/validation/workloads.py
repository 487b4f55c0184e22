"""The rules of Deployments, ReplicaSets and the budgets of their disruption."""

from collections.abc import Iterator
from typing import Any

from inference.simulator.errors import Cause, Object
from inference.simulator.selectors import Selector, selects_labels
from inference.simulator.validation import words
from inference.simulator.validation.forms import PERCENT
from inference.simulator.validation.metadata import SELECTOR
from inference.simulator.validation.pods import TEMPLATE
from inference.simulator.validation.rules import (
    Needed,
    fields,
    not_negative,
    one_of,
    text,
    together,
)
from inference.simulator.validation.words import Structure


def share(value: Any, at: str) -> Iterator[Cause]:
    """A number, or a part in percent."""
    if isinstance(value, int):
        yield from not_negative(value, at)
    else:
        yield from text(PERCENT)(value, at)


_ALL = 100


def at_most_all(value: Any, at: str) -> Iterator[Cause]:
    if isinstance(value, str) and _amount(value) > _ALL:
        yield words.invalid(at, value, "must not be greater than 100%")


def _amount(value: Any) -> int:
    if isinstance(value, int):
        return value
    number = str(value).removesuffix("%")
    return int(number) if number.isdecimal() and number != value else 0


def spelled(value: Object, *names: str) -> Structure:
    """A part as the server's own structures hold it: every field, each name with a capital."""
    return Structure({name[0].upper() + name[1:]: value.get(name) for name in names})


def selector_told(value: Object) -> Structure:
    known = ("matchLabels", "matchExpressions")
    return Structure({name: value[name] for name in known if name in value})


def _selector_says_something(value: Any, at: str) -> Iterator[Cause]:
    if not value.get("matchLabels") and not value.get("matchExpressions"):
        why = "empty selector is invalid for deployment"
        yield words.invalid(at, selector_told(value), why)


def _selector_selects_the_template(value: Any, at: str) -> Iterator[Cause]:
    selector = value.get("selector")
    if selector and any(SELECTOR(selector, at)):
        yield words.invalid(f"{at}.selector", selector_told(selector), "invalid label selector")
        return
    labels = (value["template"].get("metadata") or {}).get("labels")
    # No selector selects nothing; an empty one is not asked.
    if selector is None or not selects_labels(Selector.of_spec(selector), labels or {}):
        why = "`selector` does not match template `labels`"
        yield words.invalid(f"{at}.template.metadata.labels", labels, why)


def _strategy(value: Any, at: str) -> Iterator[Cause]:
    kind, rolling = value.get("type"), value.get("rollingUpdate")
    if kind == "Recreate" and rolling is not None:
        why = "may not be specified when strategy `type` is 'Recreate'"
        yield words.forbidden(f"{at}.rollingUpdate", why)
    elif kind == "RollingUpdate":
        yield from _ROLLING(rolling or {}, f"{at}.rollingUpdate")
    elif kind != "Recreate":
        told = spelled(value, "type", "rollingUpdate")
        yield words.unsupported(at, told, ("Recreate", "RollingUpdate"))


def _rolling_moves(value: Any, at: str) -> Iterator[Cause]:
    unavailable = value.get("maxUnavailable")
    if _amount(unavailable) == 0 and _amount(value.get("maxSurge")) == 0:
        why = "may not be 0 when `maxSurge` is 0"
        yield words.invalid(f"{at}.maxUnavailable", unavailable, why)


def _deadline_is_after_the_wait(value: Any, at: str) -> Iterator[Cause]:
    deadline = value.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= value.get("minReadySeconds", 0):
        where = f"{at}.progressDeadlineSeconds"
        yield words.invalid(where, deadline, "must be greater than minReadySeconds")


def _one_kind_of_budget(value: Any, at: str) -> Iterator[Cause]:
    if value.get("minAvailable") is not None and value.get("maxUnavailable") is not None:
        known = ("minAvailable", "selector", "maxUnavailable", "unhealthyPodEvictionPolicy")
        why = "minAvailable and maxUnavailable cannot be both set"
        yield words.invalid(at, spelled(value, *known), why)


_ROLLING = together(
    fields(maxUnavailable=share, maxSurge=share),
    _rolling_moves,
    fields(maxUnavailable=at_most_all),
)
_SELECTOR = Needed(together(SELECTOR, _selector_says_something), may_be_empty=True)
DEPLOYMENT = fields(
    spec=together(
        fields(replicas=not_negative, selector=_SELECTOR),
        _selector_selects_the_template,
        fields(
            template=TEMPLATE,
            strategy=_strategy,
            minReadySeconds=not_negative,
            revisionHistoryLimit=not_negative,
            progressDeadlineSeconds=not_negative,
        ),
        _deadline_is_after_the_wait,
    )
)
REPLICA_SET = fields(
    spec=together(
        fields(replicas=not_negative, minReadySeconds=not_negative, selector=_SELECTOR),
        _selector_selects_the_template,
        fields(template=TEMPLATE),
    )
)
_SHARE = together(share, at_most_all)
BUDGET = fields(
    spec=together(
        _one_kind_of_budget,
        fields(
            minAvailable=_SHARE,
            maxUnavailable=_SHARE,
            selector=SELECTOR,
            unhealthyPodEvictionPolicy=one_of("AlwaysAllow", "IfHealthyBudget"),
        ),
    )
)
