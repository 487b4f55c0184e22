"""The OpenAPI document, made from what the handlers declare: bodies, answers, refusals, headers."""

from collections.abc import Mapping
from typing import Any

from django.utils.choices import normalize_choices
from django_filters import rest_framework as filters
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from inference.api.errors import PROBLEM, title_of
from inference.api.pagination import MOST, USUAL

Json = dict[str, Any]

_REFS = "#/components/schemas/{model}"
_REFUSALS = {
    400: "The request is malformed.",
    401: "Nobody is signed in.",
    403: "Not for this person or token.",
    404: "There is none that you may see.",
    406: "No media type that is offered was asked for.",
    409: "The world has moved on, or another does it just now.",
    412: "If-Match names another version than the present one.",
    413: "The body is too large.",
    415: "The body has a media type that is not taken.",
    422: "The body is well formed and cannot be taken.",
    428: "If-Match is missing.",
    429: "Too many attempts failed.",
}
_OPEN = {400, 404, 406}
_READ = {400, 401, 403, 404, 406, 429}
_WRITE = {*_READ, 409, 413, 415, 422}
_VERSIONED = {412, 428}

PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "Why a request was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail", "code", "params", "request_id"],
    "properties": {
        "type": {"type": "string", "description": "A stable address: /problems/<code>."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "params": {"type": "object", "additionalProperties": True},
        "request_id": {"type": "string"},
        "fields": {
            "type": "object",
            "description": "What is wrong, by the path of the field in the body.",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "detail", "params"],
                    "properties": {
                        "code": {"type": "string"},
                        "detail": {"type": "string"},
                        "params": {"type": "object", "additionalProperties": True},
                    },
                },
            },
        },
    },
}
_PROBLEM = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_NAME = {"type": "string", "pattern": "^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$"}
IN_PATH: Mapping[str, Json] = {
    "name": _NAME,
    "team": _NAME,
    "username": {"type": "string", "pattern": r"^[\w.@+-]{1,150}$"},
    "environment": {"type": "string", "enum": ["prod", "stage", "dev"]},
    "id": {"type": "string", "format": "uuid"},
    "number": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
    "ordinal": {"type": "integer", "minimum": 0, "maximum": 10**9 - 1},
}
_SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "A token: wbl_…"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
}


class Schema(AutoSchema):
    """Reads `Operation` from the handler, and filters and lookups from the view."""

    view: Any

    def get_operation(
        self,
        path: str,
        path_regex: str,  # noqa: ARG002  (of the generator)
        path_prefix: str,  # noqa: ARG002  (of the generator)
        method: str,
        registry: ComponentRegistry,
    ) -> Json | None:
        self.registry, self.path, self.method = registry, path, method.upper()
        operation = getattr(getattr(self.view, self.view.action), "operation", None)
        if operation is None:
            return None
        made: Json = {
            "operationId": self._identity(),
            "summary": operation.summary,
            "tags": [self.view.tag],
        }
        parameters = [*self._in_path(), *self._in_query(operation), *self._in_headers(operation)]
        if parameters:
            made["parameters"] = parameters
        if operation.body is not None:
            made["requestBody"] = self._request(operation.body)
        made["security"] = [] if operation.public else self._security()
        made["responses"] = self._responses(operation)
        if operation.scope != "read":
            made["x-scope"] = operation.scope
        return made

    def _identity(self) -> str:
        name = self.view.__class__.__name__
        return f"{name[0].lower()}{name[1:]}_{self.view.action}"

    def _security(self) -> list[Json]:
        for name, schema in _SECURITY.items():
            self._register(ResolvedComponent.SECURITY_SCHEMA, name, schema)
        return [{"token": []}, {"session": []}]

    def _in_path(self) -> list[Json]:
        names = [part[1:-1] for part in self.path.split("/") if part.startswith("{")]
        return [
            {
                "name": name,
                "in": "path",
                "required": True,
                "schema": IN_PATH[name],
            }
            for name in names
        ]

    def _in_query(self, operation: Any) -> list[Json]:
        if not operation.many:
            return []
        filterset = getattr(self.view, "filters", None)
        declared = filterset.base_filters if filterset else {}
        limit = {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL}
        return [
            *(
                {"name": name, "in": "query", "schema": _of_filter(declared[name])}
                for name in sorted(declared)
            ),
            {"name": "cursor", "in": "query", "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "schema": limit},
        ]

    def _in_headers(self, operation: Any) -> list[Json]:
        made: list[Json] = []
        if operation.versioned:
            made.append(_header("If-Match", 'The ETag that you looked at, such as "3".', True))
        if self.method == "POST":
            made.append(_header("Idempotency-Key", "Sent again, it is not done again.", False))
        return made

    def _request(self, body: type[BaseModel]) -> Json:
        schema = self._component(body, "validation")
        taken = [parser.media_type for parser in self.view.get_parsers()]
        request: Json = {"content": {media: {"schema": schema} for media in taken}}
        if any(field.is_required() for field in body.model_fields.values()):
            request["required"] = True
        return request

    def _responses(self, operation: Any) -> Json:
        made = {str(operation.status): self._success(operation)}
        refusals = _OPEN if operation.public else _READ
        if operation.body is not None:
            refusals = _WRITE
        if operation.versioned:
            refusals = refusals | _VERSIONED
        self._register(ResolvedComponent.SCHEMA, "Problem", PROBLEM_SCHEMA)
        for status in sorted(refusals):
            self._register(
                ResolvedComponent.RESPONSE,
                f"Problem{status}",
                {"description": _REFUSALS[status], "content": _PROBLEM},
            )
            made[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
        return made

    def _success(self, operation: Any) -> Json:
        shape = operation.answer or self._usual_shape(operation)
        if operation.status == 204:  # noqa: PLR2004  (No Content)
            return {"description": "Done; nothing to show."}
        made: Json = {"description": title_of(operation.summary)}
        if operation.media != "application/json" and operation.answer is None:
            return {**made, "content": {operation.media: {}}}  # several documents in one stream
        schema = self._component(shape, "serialization")
        if operation.many:
            schema = _page_of(schema)
        elif "version" in shape.model_fields:
            made["headers"] = {"ETag": {"schema": {"type": "string"}}}
        made["content"] = {operation.media: {"schema": schema}}
        return made

    def _usual_shape(self, operation: Any) -> Any:
        detail = None if operation.many else getattr(self.view, "detail_shape", None)
        return detail or getattr(self.view, "shape", None)

    def _component(self, model: type[BaseModel], mode: Any) -> Json:
        _, together = models_json_schema([(model, mode)], ref_template=_REFS)
        for name, schema in together.get("$defs", {}).items():
            self._register(ResolvedComponent.SCHEMA, name, schema)
        return {"$ref": _REFS.format(model=model.__name__)}

    def _register(self, kind: Any, name: str, schema: Json) -> None:
        self.registry.register_on_missing(
            ResolvedComponent(name=name, type=kind, object=name, schema=schema)  # type: ignore[no-untyped-call]  # of the generator
        )


def _page_of(schema: Json) -> Json:
    following = {"type": ["string", "null"], "description": "The address of the next page."}
    return {
        "type": "object",
        "required": ["items", "next"],
        "properties": {"items": {"type": "array", "items": schema}, "next": following},
    }


def _header(name: str, description: str, required: bool) -> Json:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }


def _of_filter(one: filters.Filter) -> Json:
    match one:
        case filters.ChoiceFilter():
            choices = normalize_choices(one.extra["choices"])
            return {"type": "string", "enum": [str(value) for value, _ in choices]}
        case filters.BooleanFilter():
            return {"type": "boolean"}
        case filters.UUIDFilter():
            return {"type": "string", "format": "uuid"}
        case filters.NumberFilter():
            return {"type": "integer", "minimum": 0, "maximum": one.extra["max_value"]}
        case filters.IsoDateTimeFilter():
            return {"type": "string", "format": "date-time"}
        case _:
            return {"type": "string", "maxLength": one.extra["max_length"]}
