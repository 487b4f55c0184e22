"""Why a change or a push does not go on: whom it merely reaches reads that there is a reason."""

from collections.abc import Sequence

from inference.accounts.models import User
from inference.accounts.policies import teams_of
from inference.api.shapes import Row, reason
from inference.changes.visibility import NAMING, told


def fill_in_problems(rows: Sequence[Row], reader: User, team: str) -> None:
    """`team`: the column with the team of the change. A query only where a reason names things."""
    is_named = any(NAMING & row["problem_params"].keys() for row in rows)
    mine = frozenset(teams_of(reader).values_list("pk", flat=True)) if is_named else frozenset()
    for row in rows:
        whose = None if row[team] in mine else mine
        row["problem"] = reason(*told(row["problem_code"], row["problem_params"], whose))
