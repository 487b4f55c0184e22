"""The forms of names, hosts and times that the schemas of custom kinds ask for."""

from inference.simulator.schemas.shapes import number, one_of, text, usually

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_DOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_PATH = r"\/[A-Za-z0-9\/\-._~%!$&'()*+,;=:]+"

GROUP = text(rf"^$|^{_DOMAIN}$", longest=253)
KIND = text(r"^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$", shortest=1, longest=63)
NAME = text(shortest=1, longest=253)
NAMESPACE = text(rf"^{_LABEL}$", shortest=1, longest=63)
SECTION = text(rf"^{_DOMAIN}$", shortest=1, longest=253)
HOST = SECTION
HOST_OR_WILDCARD = text(rf"^(\*\.)?{_DOMAIN}$", shortest=1, longest=253)
PORT = number(1, 65535)
LABEL_VALUE = text(r"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$", shortest=0, longest=63)
CONTROLLER = text(rf"^{_DOMAIN}{_PATH}$", shortest=1, longest=253)
ADDRESS_TYPE = text(rf"^Hostname|IPAddress|NamedAddress|{_DOMAIN}{_PATH}$", shortest=1, longest=253)
PROTOCOL = text(
    rf"^[a-zA-Z0-9]([-a-zA-Z0-9]*[a-zA-Z0-9])?$|{_DOMAIN}\/[A-Za-z0-9]+$", shortest=1, longest=255
)
HEADER = text(r"^[A-Za-z0-9!#$%&'*+\-.^_\x60|~]+$", shortest=1, longest=256)
DURATION = text(r"^([0-9]{1,5}(h|m|s|ms)){1,4}$")
PROMETHEUS_DURATION = text(
    r"^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$"
)
MATCH = usually(one_of("Exact", "RegularExpression"), "Exact")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
