"""What is said when a definition cannot be compiled for a cluster."""

from inference.messages import define

PLUGIN_UNKNOWN = define(
    "picker-plugin-unknown",
    "The endpoint picker {generation} has no plugin {plugin}; it knows {known}.",
)
PLUGIN_PARAMETER_UNKNOWN = define(
    "picker-parameter-unknown",
    "The plugin {plugin} of the endpoint picker {generation} takes no parameter {parameter};"
    " it takes {known}.",
)
PLUGIN_WEIGHT = define(
    "picker-weight-misplaced", "The plugin {plugin} does not score, so it has no weight."
)
PLUGIN_TWICE = define(
    "picker-plugin-twice", "Two plugins are called {plugin}; give one of them another name."
)
IMAGE_UNKNOWN = define(
    "engine-image-unknown",
    "Waybill knows no {engine} image for {vendor}; name one in pool {pool}, under images.{engine}.",
)
DEVICES_PER_NODE = define(
    "devices-beyond-a-node",
    "One replica needs {devices} devices and a node of pool {pool} has {per_node}; spread over"
    " nodes comes with the backend lws.",
)
