"""Sentences that are built from counts, for none, one, some and all. Pure.

Each is written here once: "0 of 1 routes answer" is what a template makes of two numbers.
"""

from collections.abc import Sequence

from inference.health.assessment import Serving

ANSWERS = {Serving.SERVING, Serving.DEGRADED}
ONE_ROUTE = {
    Serving.SERVING: "answers",
    Serving.DEGRADED: "answers, but not as it should",
    Serving.NOT_SERVING: "does not answer",
    Serving.STARTING: "is starting",
    Serving.ASLEEP: "is asleep",
    Serving.UNKNOWN: "cannot be seen",
}
ALIKE = {
    Serving.STARTING: "All {of} routes are starting",
    Serving.ASLEEP: "All {of} routes are asleep",
    Serving.UNKNOWN: "None of the {of} routes can be seen",
}
PAIR = 2


def plural(count: int, word: str) -> str:
    """`1 object`, `3 objects`, `5,001 objects`."""
    return f"1 {word}" if count == 1 else f"{count:,} {many(word)}"


def many(word: str) -> str:
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}{'es' if word.endswith(('sh', 'ch', 's', 'x')) else 's'}"


def reached(count: int, total: int, word: str) -> str:
    """For a caption: `no approval yet`, `1 of 2 replicas`, `all 3 clusters`, `1 cluster`."""
    if total == 1 or not total:
        return f"1 {word}" if count else f"no {word} yet"
    return f"all {plural(total, word)}" if count == total else f"{count} of {plural(total, word)}"


def have(count: int, total: int, word: str, one: str, more: str) -> str:
    """Of what has come to be so: `The one object is there`, `None of 3 objects is there`."""
    if not total:
        return f"No {word} {one}"
    if total == 1:
        return f"The one {word} {one}" if count else f"The one {word} {_not(one)}"
    if count == total:
        return f"All {plural(total, word)} {more}"
    if not count:
        return f"None of {plural(total, word)} {one}"
    return f"{count} of {plural(total, word)} {one if count == 1 else more}"


def _not(verb: str) -> str:
    """`is there` and `was pushed` as they are said of what has not come about."""
    first, _, rest = verb.partition(" ")
    return f"{first} not {rest}"


def affected(count: int, total: int, word: str, one: str, more: str) -> str:
    """Of things that something is wrong with, of which there is one at least."""
    if total == 1:
        return f"its one {word} {one}"
    if count == total:
        return f"all {plural(total, word)} {more}"
    return f"{count} of {plural(total, word)} {one if count == 1 else more}"


def news(added: int, deleted: int, word: str) -> str:
    """What a list that is open does not show; empty where that is nothing."""
    was = {True: "was", False: "were"}
    told = []
    if added:
        told.append(f"{plural(added, word)} {was[added == 1]} added")
    if deleted:
        what = f"{deleted:,}" if added else plural(deleted, word)
        told.append(f"{what} {was[deleted == 1]} deleted")
    return f"{' and '.join(told)} since" if told else ""


def moved(came: int, left: int, word: str) -> str:
    """What a view that is open does not show any more as it is; empty where that is nothing."""
    told = [f"{plural(came, word)} {'was' if came == 1 else 'were'} added"] if came else []
    if left:
        told.append(f"{f'{left:,}' if came else plural(left, word)} left")
    return f"{' and '.join(told)} since" if told else ""


def answering(found: Sequence[Serving], *, is_all: bool = True, failing: int = 0) -> str:
    """The answer of the overview: which routes answer, and what there is besides to look at."""
    fact, told = _fact(found, is_all=is_all)
    if failing:
        told = [*told, f"{plural(failing, 'placement')} {_needs(failing)} you"]
    return "; ".join([fact, ", ".join(told)]) if told else fact


def _fact(found: Sequence[Serving], *, is_all: bool) -> tuple[str, list[str]]:
    total, answer = len(found), sum(one in ANSWERS for one in found)
    if not total:
        return "No route is defined yet", []
    if total == 1:
        return f"The one route {ONE_ROUTE[found[0]]}", []
    of = f"{total:,}" if is_all else f"first {total:,}"
    alike = found[0] if len(set(found)) == 1 else None
    if alike in ALIKE:
        text = ALIKE[alike].format(of=of)
        return (text if is_all else text.replace("All first", "All of the first")), []
    told = _told(found, with_bad=answer > 0)
    if answer == total:
        whole = f"All {of}" if is_all else f"All of the {of}"
        return (
            "Both routes answer" if is_all and total == PAIR else f"{whole} routes answer"
        ), told
    if not answer:
        return f"None of the {of} routes answers", told
    return f"{answer:,} of {of if is_all else f'the {of}'} routes {_answer(answer)}", told


def _told(found: Sequence[Serving], *, with_bad: bool) -> list[str]:
    """Of those that do not answer, or not as they should: how many there are of each kind."""
    bad = sum(one in {Serving.NOT_SERVING, Serving.DEGRADED} for one in found)
    starting, unknown = found.count(Serving.STARTING), found.count(Serving.UNKNOWN)
    asleep = found.count(Serving.ASLEEP)
    told = [f"{bad} {_needs(bad)} you"] if bad and (with_bad or bad < len(found)) else []
    for count, words in ((starting, "starting"), (asleep, "asleep")):
        if count:
            told.append(f"{count} {'is' if count == 1 else 'are'} {words}")
    return [*told, f"{unknown} cannot be seen"] if unknown else told


def _needs(count: int) -> str:
    return "needs" if count == 1 else "need"


def _answer(count: int) -> str:
    return "answers" if count == 1 else "answer"
