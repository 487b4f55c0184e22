"""Statements that are compiled once say what the query says, whatever stands in their slots."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, DurationField, Exists, F, OuterRef, UUIDField
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.clusters.models import Cluster, Grant
from inference.compiled import Beside, Delete, Insert, Select, Slot, Update, add
from inference.delivery.models import Convergence
from inference.outbox.models import OutboxEntry
from tests.factories.accounts import TeamFactory
from tests.factories.clusters import ClusterFactory, GrantFactory

pytestmark = pytest.mark.django_db

NAME = Slot("name", CharField())


@pytest.fixture
def clusters() -> list[Cluster]:
    return [ClusterFactory.create(name=name) for name in ("east", "west")]


def test_rows_are_those_of_the_query_for_each_value(clusters: list[Cluster]) -> None:
    named = Select(lambda: Cluster.objects.filter(name=NAME))

    assert [named.rows(name=one.name) for one in clusters] == [[one] for one in clusters]
    assert named.first(name="north") is None
    [found] = named.rows(name="east")
    assert vars(found).keys() == vars(Cluster.objects.get(name="east")).keys()
    assert found.created_at == clusters[0].created_at


def test_related_rows_annotations_and_tuples_come_as_the_query_gives_them(
    clusters: list[Cluster], django_assert_num_queries: Any
) -> None:
    GrantFactory.create(cluster=clusters[0], namespace="llm")
    grants = Grant.objects.filter(cluster=OuterRef("pk"), namespace=Slot("namespace", CharField()))
    granted = Select(lambda: Cluster.objects.filter(name=NAME).annotate(has=Exists(grants)))
    of = Select(
        lambda: Grant.objects.select_related("cluster").filter(cluster=Slot("cluster", UUIDField()))
    )
    tuples = Select(lambda: Cluster.objects.order_by("name").values_list("pk", "name"))
    flat = Select(lambda: Cluster.objects.order_by("name").values_list("name", flat=True))

    for namespace, has in (("llm", True), ("other", False)):
        [found] = granted.rows(name="east", namespace=namespace)
        assert found.has is has  # type: ignore[attr-defined]  # annotated
    with django_assert_num_queries(1):
        assert [one.cluster.name for one in of.rows(cluster=clusters[0].pk)] == ["east"]
    assert tuples.rows() == [(one.pk, one.name) for one in clusters]
    assert flat.rows() == ["east", "west"]


def test_rows_beside_one_are_those_that_are_beside_it_among_many() -> None:
    now = timezone.now()
    entries = [
        OutboxEntry.objects.create(topic="a.deed", key=str(key), posted=key, due_at=now)
        for key in range(3)
    ]
    beside = Beside("pk", lambda: OutboxEntry.objects.order_by("key").values_list("key"))
    keys = [one.pk for one in entries]

    assert [beside.rows({key}) for key in keys] == [[("0",)], [("1",)], [("2",)]]
    assert beside.rows(set(keys[1:])) == [("1",), ("2",)]
    assert beside.rows(set()) == beside.rows({None}) == []


def test_the_sql_is_made_once(clusters: list[Cluster]) -> None:
    made = []

    def build() -> Any:
        made.append(1)
        return Cluster.objects.filter(name=NAME)

    named = Select(build)
    with CaptureQueriesContext(connection) as asked:
        for name in ("east", "west", "east"):
            named.rows(name=name)

    assert (len(made), len(asked)) == (1, 3)


def test_an_update_changes_what_its_condition_names_and_counts_it(clusters: list[Cluster]) -> None:
    for one in clusters:
        Convergence.objects.create(cluster=one)
    take = Update(
        lambda: Convergence.objects.filter(cluster=Slot("cluster", UUIDField()), holder=""),
        holder=Slot("who", CharField()),
        epoch=F("epoch") + 1,
        expires_at=Now() + Slot("lease", DurationField()),
    )
    values = {"cluster": clusters[0].pk, "who": "a", "lease": timedelta(minutes=1)}

    assert [take.update(**values), take.update(**values)] == [1, 0]

    rows = Convergence.objects.order_by("-epoch")
    assert [(row.holder, row.epoch) for row in rows] == [("a", 1), ("", 0)]
    left = rows[0].expires_at - timezone.now()  # type: ignore[operator]  # just set
    assert timedelta(seconds=30) < left <= timedelta(seconds=90)


def test_an_update_that_breaks_a_rule_leaves_the_transaction_to_be_rolled_back(
    clusters: list[Cluster],
) -> None:
    rename = Update(lambda: Cluster.objects.filter(name=NAME), name=Slot("to", CharField()))

    with transaction.atomic():
        with pytest.raises(IntegrityError):
            rename.update(name="east", to="west")
        assert transaction.get_connection().needs_rollback


def test_an_upsert_makes_one_row_and_changes_what_it_names() -> None:
    post = Insert(
        OutboxEntry,
        unique=["topic", "key"],
        update=["posted"],
        topic="tests",
        key=Slot("key", CharField()),
        posted=Slot("mark", OutboxEntry._meta.get_field("posted")),
        last_error=Slot("error", CharField()),
        due_at=Now(),
        created_at=Now(),
    )

    for mark, error in ((5, "first"), (6, "second")):
        post.create(key="7", mark=mark, error=error)

    [entry] = OutboxEntry.objects.all()
    assert (entry.posted, entry.last_error, entry.attempts) == (6, "first", 0)
    assert entry.due_at <= timezone.now()


def test_an_update_tells_what_its_rows_say_then(clusters: list[Cluster]) -> None:
    for one in clusters:
        Convergence.objects.create(cluster=one)
    take = Update(
        lambda: Convergence.objects.filter(cluster=Slot("cluster", UUIDField()), holder=""),
        returning=("cluster", "epoch", "expires_at"),
        holder="somebody",
        epoch=F("epoch") + 1,
        expires_at=Now(),
    )
    key = clusters[0].pk

    [(cluster, epoch, expires_at)] = take.changed(cluster=key)
    assert take.changed(cluster=key) == []

    row = Convergence.objects.get(cluster=key)
    assert (cluster, epoch, expires_at) == (key, row.epoch, row.expires_at) == (key, 1, expires_at)


def test_a_row_that_is_added_is_the_one_that_save_would_have_made(clusters: list[Cluster]) -> None:
    fields = {"key": "7", "due_at": timezone.now()}
    saved = OutboxEntry.objects.create(topic="saved", **fields)

    entry = add(OutboxEntry(topic="added", **fields))
    grant = add(GrantFactory.build(cluster=clusters[0], team=TeamFactory.create()))

    entry.last_error = "changed"
    entry.save()
    assert entry.pk == saved.pk + 1
    assert OutboxEntry.objects.get(topic="added").last_error == "changed"
    assert Grant.objects.get() == grant
    assert Grant.objects.get().cluster == clusters[0]


def test_adding_what_breaks_a_rule_leaves_the_transaction_to_be_rolled_back() -> None:
    add(OutboxEntry(topic="tests", key="7", due_at=timezone.now()))

    with transaction.atomic():
        with pytest.raises(IntegrityError):
            add(OutboxEntry(topic="tests", key="7", due_at=timezone.now()))
        assert transaction.get_connection().needs_rollback


def test_a_delete_takes_what_its_condition_names_and_counts_it() -> None:
    for key in ("7", "8"):
        OutboxEntry.objects.create(topic="tests", key=key, due_at=timezone.now())
    done = Delete(lambda: OutboxEntry.objects.filter(topic="tests", key=Slot("key", CharField())))

    assert [done.delete(key="7"), done.delete(key="7")] == [1, 0]

    assert OutboxEntry.objects.get().key == "8"
