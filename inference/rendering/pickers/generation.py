"""One generation of endpoint picker: what its configuration looks like and what it knows. Pure.

Generations differ in API group, plugins and flags. Each is one value; which of them a cluster
runs is chosen in one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from inference.definitions.specs import Picker, Plugin
from inference.errors import Invalid, Refusal
from inference.manifests import Manifest
from inference.messages import rendering as messages


@dataclass(frozen=True)
class Generation:
    """`plugins` maps each plugin to its parameters; `scorers` are those that take a weight."""

    name: str
    image: str
    api_version: str
    plugins: Mapping[str, frozenset[str]]
    scorers: frozenset[str]
    objective_groups: tuple[str, ...]

    def configuration(self, picker: Picker) -> Manifest:
        """The EndpointPickerConfig. Raises Invalid with each plugin that this picker cannot run."""
        self.check(picker)
        plugins = [_declared(one) for one in picker.plugins]
        profile = [
            {"pluginRef": one.name or one.type}
            | ({"weight": one.weight} if one.weight is not None else {})
            for one in picker.plugins
        ]
        return {
            "apiVersion": self.api_version,
            "kind": "EndpointPickerConfig",
            "plugins": plugins,
            "schedulingProfiles": [{"name": "default", "plugins": profile}],
        }

    def check(self, picker: Picker) -> None:
        """Raises Invalid, each fault at its path below `picker`."""
        fields: dict[str, list[Refusal]] = {}
        names: set[str] = set()
        for index, plugin in enumerate(picker.plugins):
            found = list(self._faults(plugin))
            name = plugin.name or plugin.type
            if name in names:
                found.append(Refusal(messages.PLUGIN_TWICE, plugin=name))
            names.add(name)
            if found:
                fields[f"picker.plugins.{index}"] = found
        if fields:
            first = next(iter(fields.values()))[0]
            raise Invalid(first.message, fields=fields, **first.params)

    def _faults(self, plugin: Plugin) -> list[Refusal]:
        known = self.plugins.get(plugin.type)
        if known is None:
            return [
                Refusal(
                    messages.PLUGIN_UNKNOWN,
                    generation=self.name,
                    plugin=plugin.type,
                    known=", ".join(sorted(self.plugins)),
                )
            ]
        faults = [
            Refusal(
                messages.PLUGIN_PARAMETER_UNKNOWN,
                generation=self.name,
                plugin=plugin.type,
                parameter=parameter,
                known=", ".join(sorted(known)) or "none",
            )
            for parameter in plugin.parameters
            if parameter not in known
        ]
        if plugin.weight is not None and plugin.type not in self.scorers:
            faults.append(Refusal(messages.PLUGIN_WEIGHT, plugin=plugin.type))
        return faults


def _declared(plugin: Plugin) -> Manifest:
    declared: Manifest = {"type": plugin.type}
    if plugin.name:
        declared["name"] = plugin.name
    if plugin.parameters:
        declared["parameters"] = dict(plugin.parameters)
    return declared
