"""Four eyes in the database: nobody who contributed to a change decides on it.

A CHECK compares the author; contributors are in another table, so a trigger looks there.
"""

from inference.audit.immutability import Execute

HISTORY = (
    "inference_revision",
    "inference_edit",
    "inference_plan",
    "inference_planstep",
    "inference_plancheck",
    "inference_plantouch",
    "inference_decision",
    "inference_auditevent",
)
"""What a decision rests on is never altered."""

_HAS_A_HAND = """
SELECT 1 FROM inference_contributor c JOIN inference_plan p ON p.change_id = c.change_id
WHERE p.id = NEW.plan_id AND c.user_id = NEW.actor_id
"""
_SQLITE = f"""
CREATE TRIGGER decision_is_of_somebody_else BEFORE INSERT ON inference_decision
WHEN NOT NEW.one_pair_of_eyes
BEGIN
  SELECT RAISE(ABORT, 'Nobody decides on a change that they had a hand in.')
  WHERE EXISTS ({_HAS_A_HAND});
END
"""
_POSTGRES = (
    f"""
CREATE OR REPLACE FUNCTION waybill_four_eyes() RETURNS trigger LANGUAGE plpgsql AS
$$BEGIN
  IF NOT NEW.one_pair_of_eyes AND EXISTS ({_HAS_A_HAND}) THEN
    RAISE EXCEPTION 'Nobody decides on a change that they had a hand in.'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END$$
""",
    """
CREATE TRIGGER decision_is_of_somebody_else BEFORE INSERT ON inference_decision
FOR EACH ROW EXECUTE FUNCTION waybill_four_eyes()
""",
)


def install(vendor: str, execute: Execute) -> None:
    if vendor == "postgresql":
        for statement in _POSTGRES:
            execute(statement)
    else:
        execute(_SQLITE)


def remove(vendor: str, execute: Execute) -> None:
    on = " ON inference_decision" if vendor == "postgresql" else ""
    execute(f"DROP TRIGGER IF EXISTS decision_is_of_somebody_else{on}")
