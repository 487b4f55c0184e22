"""What is said about definitions: at the field where it is so, and about what they refer to."""

from inference.messages import define

DOCUMENT_INVALID = define(
    "document-invalid", "Fields of this {kind} that cannot be taken: {count}. Each says why."
)
KIND_UNKNOWN = define("kind-unknown", "{kind} is no definition; send one of: {kinds}.")

FIELD_MISSING = define("field-missing", "This is needed.")
FIELD_UNKNOWN = define("field-unknown", "There is no such field; check its spelling.")
FIELD_TYPE = define("field-type", "This has to be {expected}.")
FIELD_RANGE = define("field-range", "This has to be {relation} {limit}.")
FIELD_LENGTH = define("field-length", "This has to have {relation} {limit} {unit}.")
FIELD_CHOICE = define("field-choice", "Choose one of {expected}.")
FIELD_PATTERN = define("field-pattern", "This has another form than {form}.")
FIELD_OTHER = define("field-other", "This cannot be taken: {reason}.")

NAME_FORM = define(
    "name-form",
    "A name begins with a letter and has at most 40 small letters, digits and inner dashes.",
)
WEIGHTS_SCHEME = define(
    "weights-scheme",
    "Weights are hf://…, oci://…, s3://… or pvc://claim/path; {given} is none of them.",
)
SECRET_LITERAL = define(
    "secret-literal",
    "{name} looks like a secret. Manifests carry no secrets: put it into a Secret and name that"
    " in the grant.",
)
ARGUMENT_IS_OURS = define(
    "argument-is-ours", "Waybill sets {argument} itself, from the field {field}."
)
VARIABLE_IS_OURS = define("variable-is-ours", "Waybill sets {name} itself; leave it out.")
ADAPTER_NOT_MOUNTED = define(
    "adapter-not-mounted",
    "The engine cannot reach adapter {name}: no volume is mounted but that of the weights. Give it"
    " as hf://… or s3://…, or put it into the claim of the weights.",
)
RESOURCE_FORM = define(
    "resource-form",
    "A device is named with its vendor's domain, such as nvidia.com/gpu; {given} is none.",
)
TOLERATION_VALUE = define(
    "toleration-value",
    "A toleration with the operator Exists takes no value: leave it out, or choose Equal.",
)
TOLERATION_KEY = define(
    "toleration-key", "A toleration with the operator Equal names the key that it compares."
)
ARGUMENT_FORM = define("argument-form", "An engine's argument begins with --; {given} does not.")
NAME_TWICE = define("name-twice", "{name} stands here twice.")
POOL_TWICE = define("pool-twice", "A model has one placement on pool {pool}.")
PLACEMENT_ID_TWICE = define("placement-id-twice", "Two placements have the id {id}.")
PLACEMENT_ID_TAKEN = define(
    "placement-id-taken",
    "The id {id} is that of another model's placement on {pool}: leave it out of a copy, or give"
    " the placement an id of its own.",
)
DEFINITION_ID_TAKEN = define(
    "definition-id-taken",
    "The id {id} is that of another definition: a new one gets its own when none is given.",
)
RANGE_ORDER = define("range-order", "The least number of replicas is above the greatest.")
REPLICAS_OR_RANGE = define("replicas-or-range", "Give replicas or a range, not both.")
WEIGHTS_ALL_ZERO = define("weights-all-zero", "One member at least needs a weight above 0.")
PRICE_FORM = define("price-form", "A price is a decimal number in quotes, such as '2.40'.")
TOPOLOGY_NOT_YET = define(
    "topology-not-compiled", "Waybill compiles the aggregated topology; {topology} comes later."
)
BACKEND_NOT_YET = define(
    "backend-not-compiled", "Waybill compiles the backend llm-d; {backend} comes later."
)
ENGINE_NOT_YET = define("engine-not-compiled", "Waybill compiles for vllm; {engine} comes later.")
ALLOCATION_NOT_YET = define(
    "allocation-not-compiled", "Waybill compiles device plugins and MIG; {allocation} comes later."
)

POOL_UNKNOWN = define("pool-unknown", "There is no pool {pool} that team {team} may use.")
CLUSTER_UNKNOWN = define("cluster-unknown", "There is no cluster {cluster}.")
GATEWAY_UNKNOWN = define(
    "gateway-unknown", "No gateway {gateway} is registered in cluster {cluster}."
)
TEAM_UNKNOWN = define("team-unknown", "There is no team {team}.")
MODEL_UNKNOWN = define("model-unknown", "Team {team} has no model {model}.")
NO_PLACEMENT = define(
    "no-placement",
    "Model {model} has no placement on pool {pool} in the gateway's cluster {cluster}.",
)
SERVED_NAMES_DIFFER = define(
    "served-names-differ",
    "Members of one route answer to one name; {model} is served as {name}, the first as {first}.",
)
NO_GRANT = define(
    "no-grant",
    "Team {team} has no namespace in cluster {cluster}; ask a platform engineer for a grant.",
)
NAME_TAKEN = define("name-taken", "Team {team} has a {kind} named {name} already.")
PUBLIC_NAME_TAKEN = define(
    "public-name-taken", "The name {name} is served at gateway {gateway} by another route."
)
HOSTNAME_TAKEN = define(
    "hostname-taken", "{hostname}{path} at gateway {gateway} belongs to another route."
)
STILL_USED = define("still-used", "{name} is still used by {users}; change those first.")
GENERATION_MOVED_ON = define(
    "generation-moved-on",
    "{name} has changed since this edit was begun: it is at generation {now}, not {was}.",
)
DEFINITION_GONE = define("definition-gone", "{name} does not exist any more.")
