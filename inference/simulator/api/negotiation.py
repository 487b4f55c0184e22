"""In which form an answer is wanted, and in which form a body comes."""

from dataclasses import dataclass

from inference.simulator.api.calls import JSON
from inference.simulator.errors import ApiError

_ANY = {JSON, "*/*", "application/*", ""}
_FORMS = {"", "Table", "PartialObjectMetadata", "PartialObjectMetadataList"}
AGGREGATED = f"{JSON};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
_GIVEN = "application/json, application/yaml"


@dataclass(frozen=True, slots=True)
class Form:
    """How an object is told: itself, as rows of a table, or as its metadata alone."""

    word: str = ""

    @property
    def is_table(self) -> bool:
        return self.word == "Table"

    @property
    def is_partial(self) -> bool:
        return self.word.startswith("PartialObjectMetadata")


def form(accept: str) -> Form:
    """The first form in `accept` that can be given. Raises ApiError, 406."""
    for clause in accept.split(","):
        media, parameters = _clause(clause)
        word = parameters.get("as", "")
        if media in _ANY and word in _FORMS and (not word or parameters.get("v") == "v1"):
            return Form(word)
    message = f"only the following media types are accepted: {_GIVEN}"
    raise ApiError(406, "NotAcceptable", message)


def wants_aggregated(accept: str) -> bool:
    for clause in accept.split(","):
        media, parameters = _clause(clause)
        if media not in _ANY:
            continue
        word, version = parameters.get("as"), parameters.get("v")
        if word == "APIGroupDiscoveryList" and version == "v2":
            return True
        if word is None:
            return False
    return False


def _clause(clause: str) -> tuple[str, dict[str, str]]:
    media, *rest = (part.strip() for part in clause.split(";"))
    parameters = dict(part.split("=", 1) for part in rest if "=" in part)
    return media.lower(), parameters


def unknown_format(accepted: str = _GIVEN) -> ApiError:
    message = (
        "the body of the request was in an unknown format - "
        f"accepted media types include: {accepted}"
    )
    return ApiError(415, "UnsupportedMediaType", message)
