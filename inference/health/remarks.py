"""What a metrics source says beside its answer. With a warning, the answer may not be the whole.

Pure. They are kept with each number that came of the answer: a sum of some of the replicas looks
like the sum of all of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inference.clusters.client.redaction import quotable, without

MOST = 5
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Remarks:
    """`infos` are about the query, `warnings` about what it gave."""

    warnings: tuple[str, ...] = ()
    infos: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Mapping[str, Any], secrets: Iterable[str] = ()) -> "Remarks":
        """From the body of an answer, whatever it holds there."""
        hidden = tuple(secrets)
        return cls(*(_texts(answer.get(part), hidden) for part in ("warnings", "infos")))

    @classmethod
    def kept(cls, params: Mapping[str, Any]) -> "Remarks":
        """As they were kept with a reading."""
        return cls(tuple(params.get("warnings", ())), tuple(params.get("infos", ())))

    def __or__(self, other: "Remarks") -> "Remarks":
        """Both, each once, and no more than are kept."""
        return Remarks(
            tuple(dict.fromkeys((*self.warnings, *other.warnings)))[:MOST],
            tuple(dict.fromkeys((*self.infos, *other.infos)))[:MOST],
        )

    @property
    def params(self) -> dict[str, list[str]]:
        """To be kept with a reading; nothing where nothing was said."""
        parts = {"warnings": list(self.warnings), "infos": list(self.infos)}
        return {name: texts for name, texts in parts.items() if texts}


NONE = Remarks()


def _texts(value: Any, secrets: tuple[str, ...]) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    texts = (quotable(without(one, secrets)) for one in value[:MOST] if isinstance(one, str))
    return tuple(dict.fromkeys(text[:LONGEST] for text in texts if text))
