"""The kinds of value that specs are made of, and the checks that more than one of them needs."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from inference.messages import Message
from inference.messages import definitions as messages

_NAME = re.compile(r"[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
_SCHEMES = ("hf://", "oci://", "s3://", "pvc://")
_ADDRESS = re.compile(r"[a-z0-9]+://[A-Za-z0-9][!-~]*")
"""What follows the scheme may become an engine's first argument: it must not read as a flag."""
TURNING = r"\u202a-\u202e\u2066-\u2069"
"""Characters that turn the text after them round: what is read is not what is there."""
LINE = rf"^[^\x00-\x1f\x7f-\x9f\u2028\u2029{TURNING}]*$"
"""Of text that people read in one line."""
PROSE = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{TURNING}]*$"
"""Of text in several lines."""
_DOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_CLAIM = re.compile(_DOMAIN)
_PRICE = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")
_SECRET_NAME = re.compile(
    r"(?i)(^|[_-])(token|secret|password|passwd|api[_-]?key|private[_-]?key|credentials?)$"
)
_SECRET_VALUE = re.compile(
    r"hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\."
)


class Part(BaseModel):
    """A frozen value that knows every field it has, and takes nothing for something else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def fault(message: Message, **params: Any) -> PydanticCustomError:
    """An error at the field that is being validated, as a code of ours with its parameters."""
    return PydanticCustomError(message.code, message.sentence, params)


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise fault(messages.NAME_FORM)
    return value


def _weights(value: str) -> str:
    claim = claim_of(value)
    if (
        not value.startswith(_SCHEMES)
        or not _ADDRESS.fullmatch(value)
        or (claim is not None and not _CLAIM.fullmatch(claim))
        or ".." in value.split("/")
    ):
        raise fault(messages.WEIGHTS_SCHEME, given=value[:60])
    return value


def claim_of(address: str) -> str | None:
    """The volume claim that weights lie in; None where they lie elsewhere."""
    scheme, _, rest = address.partition("://")
    return rest.partition("/")[0] if scheme == "pvc" else None


def _price(value: str) -> str:
    if not _PRICE.fullmatch(value):
        raise fault(messages.PRICE_FORM)
    return value


def _path(value: str) -> str:
    if {".", ".."} & set(value.split("/")):
        raise fault(messages.FIELD_PATTERN, form="a path without . and .. in it")
    return value


def check_extended(resource: str) -> None:
    """Raises at the field for what is no device: a pod's own memory, or a name without a domain."""
    domain, slash, _ = resource.partition("/")
    if not slash or domain == "kubernetes.io" or domain.endswith(".kubernetes.io"):
        raise fault(messages.RESOURCE_FORM, given=resource)


def check_no_secret(name: str, value: str) -> None:
    """Raises at the field for a value that has the shape of a secret, or a name of one."""
    if value and (_SECRET_NAME.search(name) or _SECRET_VALUE.search(value)):
        raise fault(messages.SECRET_LITERAL, name=name[:80] or "this value")


def check_unique(values: list[str], message: Message, parameter: str) -> None:
    for index, value in enumerate(values):
        if value in values[:index]:
            raise fault(message, **{parameter: value})


Name = Annotated[str, AfterValidator(_name)]
Weights = Annotated[str, StringConstraints(max_length=500), AfterValidator(_weights)]
Text = Annotated[str, StringConstraints(max_length=500, pattern=LINE)]
Label = Annotated[str, StringConstraints(max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")]
Subdomain = Annotated[str, StringConstraints(max_length=253, pattern=rf"^{_DOMAIN}$")]
LabelKey = Annotated[
    str,
    StringConstraints(
        max_length=253,
        pattern=rf"^({_DOMAIN}/)?[A-Za-z0-9]([-A-Za-z0-9_.]{{0,61}}[A-Za-z0-9])?$",
    ),
]
LabelValue = Annotated[
    str, StringConstraints(max_length=63, pattern=r"^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$")
]
Image = Annotated[
    str, StringConstraints(max_length=300, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:@-]*$")
]
ServedName = Annotated[
    str, StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/:-]*$")
]
Tag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}$")]
Path = Annotated[
    str,
    StringConstraints(max_length=200, pattern=r"^(/[A-Za-z0-9._~-]+)*$"),
    AfterValidator(_path),
]
Price = Annotated[
    str,
    AfterValidator(_price),
    WithJsonSchema({"type": "string", "pattern": f"^{_PRICE.pattern}$"}),
]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
