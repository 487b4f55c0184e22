"""Answers as bytes: JSON by orjson, YAML for documents that people keep in files."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import orjson
import yaml
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer

OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def to_json(data: Any) -> bytes:
    """Times in UTC with a Z; what JSON does not know becomes text."""
    return orjson.dumps(data, default=str, option=OPTIONS)


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        del accepted_media_type, renderer_context
        return b"" if data is None else to_json(data)


class YAMLRenderer(BaseRenderer):
    """Keys in the order in which the document has them."""

    media_type = "application/yaml"
    format = "yaml"
    charset = "utf-8"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> str:
        del accepted_media_type, renderer_context
        if isinstance(data, str):
            return data
        return to_yaml(orjson.loads(to_json(data)))


def to_yaml(value: Any) -> str:
    """YAML that our own reader takes back: no aliases, no tags."""
    return yaml.dump(value, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=100)


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True


class Negotiation(DefaultContentNegotiation):
    """By the Accept header alone: `format` is no word of the query string."""

    settings: Any = SimpleNamespace(URL_FORMAT_OVERRIDE=None)
