"""The inbox, and a change with its plan: who reads what, and who is offered what."""

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inference.accounts.models import Membership, Team, User
from inference.changes.models import ChangeRequest
from inference.clusters.models import Cluster
from inference.messages import planning
from inference.planning.values import Check
from tests.api.house import House
from tests.conftest import member
from tests.factories.clusters import ClusterFactory
from tests.web import scenes
from tests.web.changes import Browse, State, address, sent, state_of
from tests.web.markup import words


def test_the_approver_reads_that_it_waits_for_them(
    change: ChangeRequest, approver: User, browse: Browse
) -> None:
    page = words(browse(approver).get(address(change)).content.decode())

    assert "Waits for one approval: you can give it." in page
    assert "Replicas 2 → 3 +1 accelerator" in page
    assert change.reason in page


def test_seven_verdicts_stand_in_order_and_grey_says_why(
    change: ChangeRequest, approver: User, browse: Browse
) -> None:
    shown = browse(approver).get(address(change)).context["verdicts"]

    assert [one.key for one in shown] == [
        "diff", "accepted", "fits", "update-path", "blast-radius", "cost", "freshness",
    ]  # fmt: skip
    assert [one.key for one in shown if one.is_grey] == ["fits", "cost"]
    assert all(one.line for one in shown)


def test_a_plan_that_the_world_has_moved_under_is_not_called_fresh(
    change: ChangeRequest, approver: User, browse: Browse
) -> None:
    ChangeRequest.objects.filter(pk=change.pk).update(stale=True)

    shown = browse(approver).get(address(change)).context["verdicts"]

    assert [one.word for one in shown if one.key == "freshness"] == ["Moved"]
    assert shown[-1].look == "is-warn"
    assert [one.word for one in shown[-1].findings] == ["Moved"]


def test_a_red_verdict_stands_at_the_review(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    red = Check("accepted", "red", planning.CLUSTER_HELD, {"cluster": "east-0"}, cluster="east-0")
    change = scenes.in_review(house, author, checks=[red])

    page = words(browse(approver).get(address(change)).content.decode())

    assert "Review blocked by verdict 2" in page


def test_a_plan_of_one_that_has_ended_says_nothing_of_the_world_now(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    change = scenes.started(scenes.in_review(house, author), approver, state=State.SUCCEEDED)

    page = words(browse(approver).get(address(change)).content.decode())

    assert "Live state" not in page
    assert "Who decided" in page


def test_one_that_has_expired_waits_for_nothing_and_says_what_to_do(
    change: ChangeRequest, approver: User, browse: Browse
) -> None:
    changed = ChangeRequest.objects.filter(pk=change.pk)
    changed.update(state=State.EXPIRED, finished_at=timezone.now())

    page = words(browse(approver).get(address(change)).content.decode())

    assert "the definitions are as they were. Draft it again, if it is still wanted." in page
    assert "Review no approval Push" in page
    assert "Who decided 1 approval" in page
    assert "never started" in page
    assert "not pushed yet" not in page


def test_the_author_reads_why_not_and_whom_to_ask(
    change: ChangeRequest, author: User, approver: User, browse: Browse
) -> None:
    response = browse(author).get(address(change))
    page = words(response.content.decode())

    assert "You had a hand in this change, so somebody else decides. Ask approver." in page
    assert f'action="{address(change, "approve")}"' not in response.content.decode()


def test_a_viewer_reads_which_role_it_needs(
    change: ChangeRequest, viewer: User, approver: User, browse: Browse
) -> None:
    page = words(browse(viewer).get(address(change)).content.decode())

    assert "Deciding needs the role approver in chat for prod. Ask approver." in page


def test_what_another_team_may_not_see_is_not_there(
    change: ChangeRequest, outsider: User, browse: Browse
) -> None:
    browser = browse(outsider)

    assert browser.get(address(change)).status_code == 404
    assert browser.post(address(change, "approve"), sent(change)).status_code == 404
    assert browser.get(address(change, "steps/0")).status_code == 404
    assert change.title not in browser.get("/change-requests/?view=all").content.decode()


def test_nobody_is_led_to_the_door_and_back(change: ChangeRequest, browse: Browse) -> None:
    response = browse(None).get(address(change))

    assert response.status_code == 302
    assert response["Location"] == f"/sign-in/?next={address(change)}"


def test_what_can_be_tried_later_is_counted_in_the_strip_and_named_in_the_evidence(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    later = [
        Check(
            "accepted",
            "grey",
            planning.TRIED_LATER,
            {"object": f"RoleBinding {name}", "cluster": "east-0", "first": f"Role {name}"},
        )
        for name in ("one", "two")
    ]
    change = scenes.in_review(house, author, checks=later)

    response = browse(approver).get(address(change))

    accepted = response.context["verdicts"][1]
    assert accepted.line == "2 objects can be tried only when this plan has made others"
    assert "RoleBinding two" in words(response.content.decode())


def test_a_draft_is_submitted_and_cancelled_by_its_people(
    house: House, author: User, viewer: User, browse: Browse
) -> None:
    change = scenes.drafted(house, author)
    browser, version = browse(author), {"version": str(change.version)}

    refused = browse(viewer).post(address(change, "submit"), version)
    old = browser.post(address(change, "submit"), {"version": "77"})
    browser.post(address(change, "submit"), version)

    assert (refused.status_code, old.status_code) == (403, 409)
    assert state_of(change) == State.PLANNING
    change.refresh_from_db()
    browser.post(address(change, "cancel"), {"version": str(change.version)})
    assert state_of(change) == State.CANCELLED


def test_what_planning_met_is_read_on_the_draft(house: House, author: User, browse: Browse) -> None:
    change = scenes.drafted(house, author)
    ChangeRequest.objects.filter(pk=change.pk).update(
        problem_code="definition-gone", problem_params={"name": "h100"}
    )

    page = words(browse(author).get(address(change)).content.decode())

    assert "h100 does not exist any more" in page
    assert "Mend that, then submit it again." in page


def _stopped(
    house: House, author: User, approver: User, outcome: str, code: str, params: dict[str, str]
) -> ChangeRequest:
    change = scenes.in_review(house, author)
    return scenes.started(
        change, approver, state=State.FAILED, outcome=outcome, code=code, params=params
    )


def test_a_viewer_is_not_offered_a_retry(
    house: House, author: User, approver: User, viewer: User, browse: Browse
) -> None:
    params = {"namespace": "llm-chat"}
    change = _stopped(house, author, approver, "rejected", "manifest-namespace-missing", params)

    page = browse(viewer).get(address(change)).content.decode()

    assert "Try again" not in page
    assert browse(viewer).post(address(change, "retry")).status_code == 403


def test_one_object_is_shown_with_its_bytes(
    change: ChangeRequest, viewer: User, browse: Browse
) -> None:
    page = words(browse(viewer).get(address(change, "steps/0")).content.decode())

    assert "spec.replicas 2 → 3" in page
    assert "kind: Deployment" in page


def _count(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(path).status_code == 200
    return len(queries)


def test_a_change_costs_as_many_queries_with_one_object_as_with_fifty(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    one = scenes.in_review(house, author)
    others: list[Cluster] = ClusterFactory.create_batch(4)
    many = scenes.in_review(house, author, objects=10, clusters=others)
    browser = browse(approver)
    browser.get(address(one))

    counts = [_count(browser, address(change)) for change in (one, many)]

    assert counts[0] == counts[1]


def test_the_inbox_costs_as_many_queries_with_one_row_as_with_fifty(
    house: House, author: User, approver: User, chat: Team, browse: Browse
) -> None:
    ChangeRequest.objects.exclude(pk=house.change.pk).update(
        state=State.CANCELLED, finished_at=timezone.now()
    )
    browser = browse(approver)
    browser.get("/change-requests/")
    few = _count(browser, "/change-requests/?view=open")
    for _ in range(49):
        scenes.drafted(house, author)

    many = _count(browser, "/change-requests/?view=open")

    assert few == many


def test_views_filters_and_order_stand_in_the_address(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    change = scenes.in_review(house, author, title="Needle")
    browser = browse(approver)

    def titles(query: str) -> list[str]:
        response = browser.get(f"/change-requests/?{query}")
        return [row["change"].title for row in response.context["rows"]]

    assert titles("view=needs-me&q=Needle") == ["Needle"]
    assert titles(f"view=all&q=%23{change.pk}") == ["Needle"]
    assert titles("view=mine") == []
    assert titles("view=open&team=other") == []
    assert "Needle" in titles("view=open&cluster=east-0&environment=prod&team=chat")
    assert titles("view=all&order=oldest")[-1] == "Needle"
    assert titles("view=all&page=999999999999") == titles("view=all")
    assert titles("view=all&page=7") == []


def test_deciders_name_those_who_can_and_those_who_cannot(
    change: ChangeRequest, approver: User, chat: Team, browse: Browse
) -> None:
    member(chat, "second", Membership.Role.APPROVER)

    shown = browse(approver).get(address(change)).context["deciders"]

    assert [(one.name, one.why) for one in shown.people] == [("approver", "you"), ("second", "can")]
    assert shown.never == "author, author"


def test_a_path_is_not_spelt_as_a_sentence_begins(
    house: House, author: User, approver: User, browse: Browse
) -> None:
    params = {"field": "spec.replicas", "object": "Deployment llm-chat/llama", "cluster": "east-0"}
    params |= {"manager": "kubectl", "live": "3", "ours": "2"}
    taken = Check("blast-radius", "amber", planning.TAKES_BACK, params, cluster="east-0")
    grey = Check("cost", "grey", planning.COST_NOT_CHECKED, {})
    change = scenes.in_review(house, author, checks=[taken, grey])

    shown = browse(approver).get(address(change)).context["verdicts"]

    said = [finding.sentence for one in shown for finding in one.findings]
    assert any(one.startswith("spec.replicas of Deployment") for one in said)
    assert any(one.startswith("Costs are not computed yet") for one in said)
