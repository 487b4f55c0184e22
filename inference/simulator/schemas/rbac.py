"""The schemas of roles and of their bindings."""

from inference.simulator.schemas.meta import METADATA, SELECTOR
from inference.simulator.schemas.shapes import each, fields, kind, listed

_RULES = listed(
    fields(each("apiGroups nonResourceURLs resourceNames resources verbs", listed()), needs="verbs")
)
_ROLE_REFERENCE = fields(each("apiGroup kind name"), needs="kind name", atomic=True)
_SUBJECTS = listed(fields(each("apiGroup kind name namespace"), needs="kind name", atomic=True))
ROLE = kind(METADATA, rules=_RULES)
CLUSTER_ROLE = kind(
    METADATA, rules=_RULES, aggregationRule=fields(clusterRoleSelectors=listed(SELECTOR))
)
BINDING = kind(METADATA, needs="roleRef", roleRef=_ROLE_REFERENCE, subjects=_SUBJECTS)
