"""What a container is given: the files of its volumes and its environment, or what is missing."""

import base64
import binascii
import re
from collections.abc import Iterator

from inference.simulator.errors import Object
from inference.simulator.world.view import View

_SOURCES = {"configMap": ("ConfigMap", "configmap"), "secret": ("Secret", "secret")}


class NotYet(Exception):
    """Something that the pod refers to is missing; `volume` names where it was to be mounted."""

    def __init__(self, message: str, volume: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.volume = volume


class Contents:
    """Reads the objects of one pod's namespace, anew at each start of a container."""

    def __init__(self, view: View, pod: Object, address: str) -> None:
        self._view = view
        self._pod = pod
        self._namespace = pod["metadata"]["namespace"]
        self._address = address

    def check_volumes(self) -> None:
        """Raises NotYet for the first volume that cannot be mounted."""
        for volume in self._pod["spec"].get("volumes") or ():
            list(self._of_volume(volume, volume["name"]))

    def files(self, container: Object) -> dict[str, str]:
        """The text of each mounted file by its path in the container."""
        volumes = {one["name"]: one for one in self._pod["spec"].get("volumes") or ()}
        found: dict[str, str] = {}
        for mount in container.get("volumeMounts") or ():
            base = mount["mountPath"].rstrip("/")
            volume = volumes.get(mount["name"], {"name": mount["name"]})
            for path, text in self._of_volume(volume, mount["name"]):
                if mount.get("subPath"):
                    if path == mount["subPath"]:
                        found[base] = text
                else:
                    found[f"{base}/{path}"] = text
        return found

    def environment(self, container: Object) -> dict[str, str]:
        """Raises NotYet in the words of a kubelet."""
        found: dict[str, str] = {}
        for source in container.get("envFrom") or ():
            for field in _SOURCES:
                if reference := source.get(f"{field}Ref"):
                    data = self._read(field, reference["name"], reference.get("optional", False))
                    prefix = source.get("prefix", "")
                    found |= {prefix + key: text for key, text in data.items()}
        for variable in container.get("env") or ():
            value = self._value(variable)
            if value is not None:
                found[variable["name"]] = expanded(value, found)
        return found

    def _value(self, variable: Object) -> str | None:
        origin = variable.get("valueFrom")
        if not origin:
            return str(variable.get("value", ""))
        if reference := origin.get("fieldRef"):
            return self._field(reference["fieldPath"])
        for field, (kind, _) in _SOURCES.items():
            if reference := origin.get(f"{field}KeyRef"):
                optional = reference.get("optional", False)
                data = self._read(field, reference["name"], optional)
                if reference["key"] in data:
                    return data[reference["key"]]
                if optional:
                    return None
                where = f"{kind} {self._namespace}/{reference['name']}"
                raise NotYet(f"couldn't find key {reference['key']} in {where}")
        return ""

    def _of_volume(self, volume: Object, name: str) -> Iterator[tuple[str, str]]:
        for source in (volume.get("projected") or {}).get("sources") or ():
            yield from self._of_volume(source, name)
        for field in _SOURCES:
            if field in volume:
                yield from self._of_source(field, volume[field], name)
        for item in (volume.get("downwardAPI") or {}).get("items") or ():
            yield item["path"], self._field((item.get("fieldRef") or {}).get("fieldPath", ""))

    def _of_source(self, field: str, source: Object, volume: str) -> Iterator[tuple[str, str]]:
        name = source.get("name") or source.get("secretName", "")
        optional = source.get("optional", False)
        data = self._read(field, name, optional, volume)
        items = source.get("items")
        wanted = {item["key"]: item["path"] for item in items} if items else {k: k for k in data}
        for key, path in wanted.items():
            if key in data:
                yield path, data[key]
            elif not optional:
                raise NotYet(f"references non-existent {_SOURCES[field][1]} key: {key}", volume)

    def _read(self, field: str, name: str, optional: bool, volume: str = "") -> dict[str, str]:
        kind, word = _SOURCES[field]
        found = self._view.one(kind, self._namespace, name)
        if found is None:
            if optional:
                return {}
            raise NotYet(f'{word} "{name}" not found', volume)
        data: dict[str, str] = found.get("data") or {}
        if kind == "Secret":
            return {key: _decoded(text) for key, text in data.items()} | (
                found.get("stringData") or {}
            )
        return dict(data)

    def _field(self, path: str) -> str:
        if path in {"status.podIP", "status.podIPs"}:
            return self._address
        keyed = re.fullmatch(r"metadata\.(labels|annotations)\['(.+)'\]", path)
        if keyed:
            return str((self._pod["metadata"].get(keyed[1]) or {}).get(keyed[2], ""))
        value: object = self._pod
        for name in path.split("."):
            value = value.get(name, "") if isinstance(value, dict) else ""
        return str(value)


def expanded(text: str, variables: dict[str, str]) -> str:
    """Kubernetes' own $(NAME); `$$` is a dollar, and an unknown name stays as it is."""

    def put(found: "re.Match[str]") -> str:
        if found[0] == "$$":
            return "$"
        return variables.get(found[1], found[0])

    return re.sub(r"\$\$|\$\(([A-Za-z_][\w.-]*)\)", put, text)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode(errors="replace")
    except binascii.Error:
        return ""
