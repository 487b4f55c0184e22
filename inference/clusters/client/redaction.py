"""Makes what a cluster said fit to be stored and shown: one short line without secrets."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 1000
_READ = 8 * LONGEST
"""Nothing behind this is looked at, so that a hostile megabyte costs nothing."""

_SECRETS = re.compile(
    r"""
    -----BEGIN[ ][A-Z ]{1,40}PRIVATE[ ]KEY.{0,8000}
    | \beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,2}
    | \bhf_[A-Za-z0-9]{8,}
    | (?i:\bbearer[ ]{1,4}\S{1,4000})
    | (?i:(?<=token)|(?<=password)|(?<=passwd)|(?<=secret)|(?<=api[_-]key))
      ["']?[ ]?[:=][ ]?["']?[^\s"',;]{4,4000}
    """,
    re.VERBOSE,
)


def quotable(text: str) -> str:
    """`text` in one line of at most a kilobyte, without what looks like a secret."""
    text = _SECRETS.sub("[redacted]", "".join(map(_plain, text[:_READ])))
    return " ".join(text.split()).encode()[:LONGEST].decode(errors="ignore")


def without(text: str, secrets: Iterable[str]) -> str:
    """`text` without the asker's own credentials, which a hostile server could send back."""
    for secret in secrets:
        text = text.replace(secret, "[redacted]")
    return text


def _plain(character: str) -> str:
    """Control, formatting and lone surrogate characters can rewrite a line; they become spaces."""
    return " " if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else character
