"""Each fault that a change can meet: a sentence where the person is, and what to do next.

Codes and parameters are those that `tests/delivery` gets from a real server and writes down.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from inference.accounts.models import User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.delivery.models import Push, PushOutcome
from inference.live.registry import feed_of
from inference.messages import planning
from inference.messages.clusters import CREDENTIAL_EXPIRED, UNREACHABLE
from inference.planning.values import Check
from inference.web import remedies
from tests.api.house import House
from tests.web import scenes
from tests.web.markup import words

Browse = Callable[[User | None], Client]
State = ChangeRequest.State
Outcome = PushOutcome.Outcome
RETRY = "try again: no new decision is needed."
ANEW = "/served-models/chat/llama-0/edit/"
CLUSTER = "/clusters/east-0/"


@dataclass(frozen=True)
class Met:
    """What a push met at an object, or as a whole; what the page says of it, and where it leads."""

    code: str
    said: str
    advice: str
    address: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    outcome: str = Outcome.REJECTED


DENIED = {"detail": 'configmaps "second" is forbidden: no answer but 42'}
CONFLICT = {"managers": "kubectl-scale", "fields": ".spec.replicas"}
OF_OBJECTS = [
    Met(
        "manifest-denied-by-admission",
        "A rule of the cluster refuses the object: configmaps",
        "or draft a change that it lets through.",
        ANEW,
        DENIED,
    ),
    Met(
        "manifest-uid-mismatch",
        "created anew since the plan was made",
        "draft the change anew.",
        ANEW,
    ),
    Met(
        "manifest-field-conflict",
        "kubectl-scale set fields that this change sets too (.spec.replicas)",
        "When they have let go, try again",
        ANEW,
        CONFLICT,
        Outcome.CONTENDED,
    ),
    Met(
        "manifest-namespace-missing",
        "kubectl create namespace llm-chat",
        RETRY,
        params={"namespace": "llm-chat"},
    ),
    Met(
        "manifest-forbidden",
        "may not patch deployments there",
        RETRY,
        CLUSTER,
        {"verb": "patch", "resource": "deployments"},
    ),
    Met(
        "object-existed",
        "belongs to kubectl; it is not ours.",
        "under another name.",
        ANEW,
        {"object": "ConfigMap second", "managers": "kubectl"},
        Outcome.EXISTED,
    ),
    Met(
        "cluster-unreachable",
        "The cluster does not answer at its address",
        RETRY,
        CLUSTER,
        outcome=Outcome.UNAVAILABLE,
    ),
]
"""The push has ended, and a person goes on."""
OF_CLUSTERS = [
    Met("cluster-unreachable", "does not answer at its address", remedies.BY_ITSELF, CLUSTER),
    Met("cluster-tls-untrusted", "not signed by the CA on record", remedies.BY_PLATFORM, CLUSTER),
    Met("cluster-identity-changed", "Another cluster answers", remedies.BY_PLATFORM, CLUSTER),
    Met(
        "cluster-credential-expired",
        "does not accept the credential any more",
        remedies.REPLACED,
        f"{CLUSTER}#credential",
    ),
    Met("cluster-held", "is held", remedies.RESUMED, CLUSTER, {"cluster": "east-0"}),
]
"""The push waits, and goes on by itself."""
OF_PLANS = [
    Met(
        "plan-namespace-missing",
        "kubectl create namespace llm-chat",
        "have it planned anew.",
        params={"namespace": "llm-chat", "cluster": "east-0"},
    ),
    Met(
        "plan-not-asked",
        "Cluster east-0 could not be asked: it does not answer",
        "When the cluster answers, have it planned anew.",
        CLUSTER,
        {"cluster": "east-0", "reason": "it does not answer"},
    ),
    Met(
        "plan-rejected",
        "Cluster east-0 refuses Deployment llama: no answer but 42",
        "Revise the change so that it is taken",
        params={"cluster": "east-0", "object": "Deployment llama", "reason": "no answer but 42"},
    ),
    Met(
        "plan-field-contested",
        "kubectl holds .spec.replicas of Deployment llama",
        "submit it: it is planned anew.",
        params={
            "manager": "kubectl",
            "field": ".spec.replicas",
            "object": "Deployment llama",
            "cluster": "east-0",
        },
    ),
]


def code_of(met: Met) -> str:
    return met.code


def read(change: ChangeRequest, met: Met, reader: User, browse: Browse) -> str:
    """The page, once the fault stands in it with its advice and its link."""
    page = browse(reader).get(f"/change-requests/{change.pk}/").content.decode()
    start = page.index('id="faults"')
    faults = page[start : page.index("</ul>", start)]
    assert met.said in words(f"<p {faults}")
    assert met.advice in words(f"<p {faults}")
    assert not met.address or f'href="{met.address}"' in faults
    return words(page)


@pytest.mark.parametrize("met", OF_OBJECTS, ids=code_of)
def test_what_an_object_met_says_how_to_go_on(
    met: Met, house: House, author: User, approver: User, browse: Browse
) -> None:
    change = scenes.started(
        scenes.in_review(house, author),
        approver,
        state=State.FAILED,
        outcome=met.outcome,
        code=met.code,
        params=met.params,
    )

    page = read(change, met, author, browse)

    assert "Failed: the one object is not there." in page
    assert ("Try again" in page) is ("No retry helps" not in page)


@pytest.mark.parametrize("met", OF_CLUSTERS, ids=code_of)
def test_what_a_push_waits_for_says_who_ends_it_and_comes_to_open_pages(
    met: Met, house: House, author: User, approver: User, browse: Browse
) -> None:
    change = scenes.started(
        scenes.in_review(house, author), approver, state=State.APPLYING, outcome=Outcome.PENDING
    )
    Push.objects.filter(change=change).update(problem_code=met.code, problem_params=met.params)

    page = read(change, met, author, browse)
    feed = feed_of(author, f"delivery:{change.pk}")

    assert "Being pushed. The one object is not there." in page
    assert feed is not None
    assert met.advice in words(feed.show()["faults"])


@pytest.mark.parametrize("met", OF_PLANS, ids=code_of)
def test_what_a_plan_met_says_how_to_plan_anew(
    met: Met, house: House, author: User, approver: User, browse: Browse
) -> None:
    message = next(one for one in vars(planning).values() if getattr(one, "code", "") == met.code)
    check = Check("accepted", "red", message, met.params, cluster=house.cluster.name)
    change = scenes.in_review(house, author, checks=[check])
    browser = browse(author)

    page = read(change, met, author, browse)
    theirs = read(change, met, approver, browse)
    browser.post(f"/change-requests/{change.pk}/submit/", {"version": str(change.version)})

    assert "Plan anew" in page
    assert "Plan anew" not in theirs
    change.refresh_from_db()
    assert change.state == State.PLANNING


def test_a_plan_that_moved_on_says_so_at_the_decision(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    change = scenes.in_review(house, author)

    response = browse(approver).post(
        f"/change-requests/{change.pk}/approve/", {"plan": "0" * 64, "comment": ""}
    )

    page = words(response.content.decode())
    assert "The plan has moved on" in page
    assert "Look at the new plan, then decide." in page
    assert "Look again" in page


@pytest.mark.parametrize("who", ["platform", "author"])
@pytest.mark.parametrize(
    ("code", "said", "next_step"),
    [
        (UNREACHABLE.code, "does not answer at its address", "Look now"),
        (CREDENTIAL_EXPIRED.code, "does not accept the credential", "Replace the credential"),
    ],
)
def test_the_page_of_a_cluster_says_what_to_do(
    who: str,
    code: str,
    said: str,
    next_step: str,
    house: House,
    browse: Browse,
    request: pytest.FixtureRequest,
) -> None:
    Cluster.objects.filter(pk=house.cluster.pk).update(
        problem_code=code, contacted_at=timezone.now()
    )

    page = words(browse(request.getfixturevalue(who)).get(CLUSTER).content.decode())

    assert said in page
    assert "What runs there goes on serving; pushes wait." in page
    assert (next_step if who == "platform" else "Ask somebody of platform") in page
