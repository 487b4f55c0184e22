"""Who comes in: by a certificate, by a token, and where tokens come from."""

import pytest

from tests.contract import rights
from tests.contract.actors import Actor, Answer, Credentials
from tests.contract.conftest import Server, until
from tests.contract.kinds import path_of
from tests.contract.rights import ME
from tests.contract.samples import named


def with_token(server: Server, token: str) -> Actor:
    return Actor("stranger", server.url, server.ca, Credentials(token=token))


def token_request(
    actor: Actor,
    namespace: str = rights.ACCOUNT_NAMESPACE,
    name: str = rights.ACCOUNT,
    **spec: object,
) -> Answer:
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
    return actor.request("POST", path_of("ServiceAccount", namespace, name, "token"), body)


@pytest.mark.parametrize("token", ["nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."])
def test_a_bad_token_is_nobody(server: Server, token: str) -> None:
    answer = with_token(server, token).list("ConfigMap", "default")

    assert answer.status == 401
    assert answer.body == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": "Unauthorized",
        "reason": "Unauthorized",
        "code": 401,
    }


def test_no_credentials_are_the_anonymous_user(server: Server, administrator: Actor) -> None:
    answer = with_token(server, "").list("ConfigMap", "default")

    assert answer.status == 403
    assert answer.message == (
        'configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" '
        'in API group "" in the namespace "default"'
    )


def test_a_certificate_of_another_authority_is_nobody(server: Server) -> None:
    stranger = Actor("stranger", server.url, server.ca, server.foreign_certificate("administrator"))

    answer = stranger.list("ConfigMap", "default")

    assert answer.status == 401


def test_a_certificate_whose_time_is_over_is_nobody(server: Server) -> None:
    late = Actor("late", server.url, server.ca, server.expired_certificate("administrator"))

    answer = late.list("ConfigMap", "default")

    assert answer.status == 401


def test_a_token_is_requested_for_an_account(administrator: Actor, server: Server) -> None:
    answer = token_request(administrator, expirationSeconds=600)

    assert answer.status == 201
    assert answer.body["kind"] == "TokenRequest"
    assert answer.body["spec"]["expirationSeconds"] == 600
    assert answer.body["status"]["expirationTimestamp"]
    holder = with_token(server, answer.body["status"]["token"])
    assert holder.list("Node").status == 200


def test_the_product_may_not_request_tokens(product: Actor) -> None:
    answer = token_request(product, expirationSeconds=600)

    assert answer.status == 403
    assert 'cannot create resource "serviceaccounts/token"' in answer.message


def test_a_token_that_lives_too_short_is_refused(administrator: Actor) -> None:
    answer = token_request(administrator, expirationSeconds=10)

    assert answer.status == 422
    assert answer.causes == [("spec.expirationSeconds", "FieldValueInvalid")]


def test_a_token_of_an_account_that_is_missing_is_not_found(administrator: Actor) -> None:
    answer = token_request(administrator, name="absent", expirationSeconds=600)

    assert answer.status == 404
    assert answer.message == 'serviceaccounts "absent" not found'


def test_a_token_ends_with_its_account(administrator: Actor, server: Server, place: str) -> None:
    account = named("v1", "ServiceAccount", place, "short")
    administrator.create(account)
    token = token_request(administrator, place, "short", expirationSeconds=600)
    holder = with_token(server, token.body["status"]["token"])
    until(lambda: holder.list("ConfigMap", place).status == 403)

    administrator.delete(account)

    until(lambda: holder.list("ConfigMap", place).status == 401)


def test_everybody_asks_who_they_are(product: Actor) -> None:
    group = "authentication.k8s.io/v1"
    body = {"apiVersion": group, "kind": "SelfSubjectReview"}

    answer = product.request("POST", f"/apis/{group}/selfsubjectreviews", body)

    assert answer.status == 201
    user = answer.body["status"]["userInfo"]
    assert user["username"] == ME
    assert user["groups"] == [
        "system:serviceaccounts",
        "system:serviceaccounts:waybill-system",
        "system:authenticated",
    ]
