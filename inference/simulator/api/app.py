"""The API of one simulated cluster: each request on its way from credentials to the journal."""

import logging

from starlette.datastructures import Headers, QueryParams
from starlette.types import Receive, Scope, Send

from inference.simulator import authorization
from inference.simulator.api import answers, bodies, paths
from inference.simulator.api.authentication import Authentication
from inference.simulator.api.calls import Call, Reply
from inference.simulator.api.routing import Routing
from inference.simulator.api.transport import PEER, TRANSPORT
from inference.simulator.authorization import UserInfo
from inference.simulator.errors import ApiError
from inference.simulator.faults import Faults, Outcome
from inference.simulator.journal import Journal, entry
from inference.simulator.store import Store

_log = logging.getLogger(__name__)
_UNKNOWN = UserInfo("")


class Api:
    """An ASGI application."""

    def __init__(
        self,
        store: Store,
        authentication: Authentication,
        routing: Routing,
        journal: Journal,
        faults: Faults,
    ) -> None:
        self._store = store
        self._authentication = authentication
        self._routing = routing
        self._journal = journal
        self._faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        call, reply = self._received(scope, body)
        transport = scope["state"][TRANSPORT]
        before = self._store.revision
        fault = self._faults.met_by(call)
        if fault is not None and reply is None:
            outcome, reply = await fault.before()
            if outcome is Outcome.CUT:
                self._journal.add(entry(call, Reply(status=0), before, before))
                transport.abort()
                return
        before = self._store.revision
        if reply is None:
            reply = self._answered(call)
        self._journal.add(entry(call, reply, before, self._store.revision))
        if fault is not None and await fault.after(reply) is Outcome.CUT:
            transport.abort()
            return
        await answers.write(reply, call.warnings, receive, send)
        if reply.breaks_after is not None:
            transport.abort()

    def _received(self, scope: Scope, body: bytes) -> tuple[Call, Reply | None]:
        """The call, and what answers it where nobody is to be asked any more."""
        headers = Headers(scope=scope)
        query = QueryParams(scope["query_string"])
        path, method = scope["path"], scope["method"]
        target = paths.read(path)
        verb = paths.verb(method, target, watches=query.get("watch") in {"true", "1"})
        user, reply = _UNKNOWN, None
        try:
            user = self._authentication.user(headers, scope["state"][PEER])
        except ApiError as refusal:
            reply = refused(refusal)
        return Call(method, path, query, headers, body, target, verb, user), reply

    def _answered(self, call: Call) -> Reply:
        try:
            authorization.check(self._store, call.user, call.attributes)
            bodies.check_size(call)
            return self._routing.answer(call)
        except ApiError as refusal:
            return refused(refusal)
        except Exception:  # noqa: BLE001  (an answer all the same; the log has the traceback)
            _log.exception("simulator.request_failed", extra={"path": call.path})
            return refused(ApiError(500, "InternalError", "an error of the simulator itself"))


def refused(refusal: ApiError) -> Reply:
    return Reply(refusal.status(), refusal.code, dict(refusal.headers))


async def _body(receive: Receive) -> bytes:
    """All of it, so that the connection can go on; beyond the limit it is not kept."""
    body = bytearray()
    while True:
        message = await receive()
        if len(body) <= bodies.LARGEST:
            body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)
