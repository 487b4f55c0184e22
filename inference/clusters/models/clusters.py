"""Where: clusters, their sealed credentials, who may use which namespace, and their gateways."""

import uuid

from django.db import models
from django.db.models import Q

from inference.accounts.models import NAME, Environment


class ClusterQuerySet(models.QuerySet["Cluster"]):
    def present(self) -> "ClusterQuerySet":
        """Not removed: held ones are here too."""
        return self.exclude(state=Cluster.State.REMOVED)

    def active(self) -> "ClusterQuerySet":
        return self.filter(state=Cluster.State.ACTIVE)


class Cluster(models.Model):
    """One Kubernetes API server, shared between teams."""

    class State(models.TextChoices):
        ACTIVE = "active"
        HELD = "held"  # observed, but nothing is pushed
        REMOVED = "removed"  # its objects are orphans

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40, validators=[NAME])
    title = models.CharField(max_length=200, blank=True)
    environment = models.CharField(max_length=5, choices=Environment)
    state = models.CharField(max_length=7, choices=State, default=State.ACTIVE)
    server = models.CharField(max_length=300)
    tls_server_name = models.CharField(max_length=253, blank=True)
    ca_pem = models.TextField()
    # UID of the namespace kube-system when it was connected; another one is another cluster.
    identity = models.CharField(max_length=64, blank=True)
    # What it serves: see `inference.clusters.capabilities`.
    capabilities = models.JSONField(default=dict, blank=True)
    capabilities_at = models.DateTimeField(null=True, blank=True)
    # The last word of the cluster to us; empty while it answers.
    problem_code = models.CharField(max_length=60, blank=True)
    problem_params = models.JSONField(default=dict, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ClusterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="cluster_name_is_unique_among_the_present",
                fields=["name"],
                condition=~Q(state="removed"),
                violation_error_message="A cluster of this name is connected already.",
            ),
            models.UniqueConstraint(
                name="cluster_is_present_under_one_name",
                fields=["identity"],
                condition=~Q(state="removed") & ~Q(identity=""),
                violation_error_message="This cluster is connected under another name.",
            ),
            models.CheckConstraint(
                name="cluster_is_removed_when_it_has_a_time_of_removal",
                condition=Q(state="removed", removed_at__isnull=False)
                | (Q(state__in=["active", "held"]) & Q(removed_at__isnull=True)),
                violation_error_message="A removed cluster has a time of removal; no other has.",
            ),
            models.CheckConstraint(
                name="cluster_server_is_https",
                condition=Q(server__startswith="https://"),
                violation_error_message="The address of a cluster begins with https://.",
            ),
            models.CheckConstraint(
                name="cluster_environment_is_known",
                condition=Q(environment__in=["prod", "stage", "dev"]),
                violation_error_message="An environment is prod, stage or dev.",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.name


class ClusterCredential(models.Model):
    """Sealed, in a table of its own: written by the door, opened by workers, shown to nobody.

    The AES-256-GCM data key is wrapped by the key-encryption key `key_id`; the associated data
    binds the ciphertext to this cluster and version.
    """

    class Kind(models.TextChoices):
        TOKEN = "token"  # noqa: S105  (the name of a kind, not a secret)
        CLIENT_CERTIFICATE = "client-certificate"

    cluster = models.OneToOneField(
        Cluster, models.CASCADE, primary_key=True, related_name="credential"
    )
    kind = models.CharField(max_length=18, choices=Kind)
    version = models.PositiveIntegerField(default=1)
    key_id = models.CharField(max_length=16)
    wrapped_key = models.BinaryField()
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"credential of {self.cluster_id}"


class Grant(models.Model):
    """Where a team's objects may live. Waybill makes and deletes no namespace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="grants")
    team = models.ForeignKey("inference.Team", models.PROTECT, related_name="grants")
    namespace = models.CharField(max_length=63)
    pull_secret = models.CharField(max_length=253, blank=True)
    token_secret = models.CharField(max_length=253, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="namespace_is_granted_to_one_team",
                fields=["cluster", "namespace"],
                violation_error_message="This namespace is granted already.",
            ),
            models.CheckConstraint(
                name="namespace_of_a_grant_is_a_dns_label",
                condition=Q(namespace__regex=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\Z"),
                violation_error_message="A namespace has small letters, digits and dashes.",
            ),
            models.CheckConstraint(
                name="namespace_of_the_system_is_not_granted",
                condition=~Q(namespace__startswith="kube-"),
                violation_error_message="Namespaces that begin with kube- belong to Kubernetes.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace} in {self.cluster_id}"


class Gateway(models.Model):
    """A Gateway of the Gateway API that routes may attach to. Platform owns it; we only read it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="gateways")
    namespace = models.CharField(max_length=63)
    name = models.CharField(max_length=253)
    # The listener that routes attach to; empty for all of them.
    listener = models.CharField(max_length=253, blank=True)
    # Whom Waybill trusts where a listener speaks https; empty: the machine's own authorities.
    ca_pem = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="gateway_is_registered_once",
                fields=["cluster", "namespace", "name"],
                condition=Q(removed_at__isnull=True),
                violation_error_message="This gateway is registered already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


class EgressRange(models.Model):
    """A range of addresses that Waybill may dial although it is private, loopback or link-local."""

    cidr = models.CharField(max_length=43, unique=True)
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="egress_range_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="Say why this range may be dialled.",
            ),
        ]

    def __str__(self) -> str:
        return self.cidr
