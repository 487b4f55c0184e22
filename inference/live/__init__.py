"""Live pages: one stream per page, many topics on it, every fragment rendered once.

How a page becomes live, in the module of the noun that it shows (`web` knows `live`, not the other
way round):

    @topic("change-request")
    def change_request(user: User, key: str) -> Feed | None:
        change = visibility.changes(user).filter(pk=key).first()
        if change is None:
            return None  # unknown or not theirs: the stream answers 404
        return Feed(
            follows={f"change-request:{key}", f"delivery:{key}"},
            show=partial(_parts, change.pk),
            audience="",  # whoever has the same word here gets the same bytes
            tells=True,
        )

`show` runs in a thread of the hub, and returns the parts of the page by the `id` that each bears.
What depends on the person is no part: where `tells` is set, the page hears an event on `#live` and
asks for its own part: `hx-trigger="changed-change-request-7 from:#live"`. `follows` are notices of
`inference.events`; one reaches whoever follows it, what is above it (`observed:<cluster>`), or what
is below it (`observed:<cluster>/<namespace>/<name>`).
Whoever follows `observed:<cluster>/<namespace>` is shown again when that view turns stale or fresh.
`also` follows rows that come and go, `every` keeps a busy topic from being rendered all the time,
and `Parts` say when time alone may change them.
"""

from inference.live.app import LiveApp
from inference.live.registry import Feed, Parts, topic

__all__ = ["Feed", "LiveApp", "Parts", "topic"]
