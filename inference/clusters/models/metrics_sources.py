"""Where the numbers of a cluster's engines, pickers and gateways are asked for."""

from django.db import models
from django.db.models import F, Q

from inference.clusters.models.clusters import Cluster


class MetricsSource(models.Model):
    """A Prometheus-compatible API, and how it last answered.

    A bearer token is sealed as a cluster's credential is: written by the doors, opened by workers,
    shown to nobody.
    """

    cluster = models.OneToOneField(
        Cluster, models.CASCADE, primary_key=True, related_name="metrics_source"
    )
    # Up to the path before `/api/v1/query`.
    url = models.CharField(max_length=300)
    # The same for people's browsers, which may not reach what workers do; empty: the same address.
    browser_url = models.CharField(max_length=300, blank=True)
    # Whom to trust at an https address; empty: the machine's own authorities.
    ca_pem = models.TextField(blank=True)
    # The token; an empty `key_id` is none. Its version binds the ciphertext.
    token_version = models.PositiveIntegerField(default=0)
    key_id = models.CharField(max_length=16, blank=True)
    wrapped_key = models.BinaryField(default=b"", blank=True)
    sealed = models.BinaryField(default=b"", blank=True)
    entered_at = models.DateTimeField()
    # The last asking; its problem is empty while all went well.
    asked_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=60, blank=True)
    problem_params = models.JSONField(default=dict, blank=True)
    # The evaluation time of the newest readings from here, and of how many series they are.
    read_at = models.DateTimeField(null=True, blank=True)
    series = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="metrics_source_is_http_or_https",
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"),
                violation_error_message="The address of a metrics source begins with https:// or"
                " http://.",
            ),
            models.CheckConstraint(
                name="metrics_page_is_http_or_https",
                condition=Q(browser_url="")
                | Q(browser_url__startswith="https://")
                | Q(browser_url__startswith="http://"),
                violation_error_message="The address for browsers begins with https:// or http://.",
            ),
            models.CheckConstraint(
                name="metrics_token_is_sent_over_https_only",
                condition=Q(key_id="") | Q(url__startswith="https://"),
                violation_error_message="A token is sent over https only.",
            ),
            models.CheckConstraint(
                name="metrics_source_was_asked_when_it_was_read",
                condition=Q(read_at__isnull=True)
                | Q(asked_at__isnull=False, asked_at__gte=F("read_at")),
                violation_error_message="Readings come from an asking.",
            ),
        ]

    def __str__(self) -> str:
        return f"metrics of {self.cluster_id}"

    @property
    def page(self) -> str:
        """Where a person looks at it."""
        return self.browser_url or self.url

    @property
    def has_token(self) -> bool:
        return bool(self.key_id)
