"""Messages about who may do what."""

from inference.messages import define

NOT_SIGNED_IN = define("not-signed-in", "Sign in, or send a token in the Authorization header.")
TOKEN_UNKNOWN = define("token-unknown", "This token is not known, has expired or was revoked.")
LACKS_ROLE = define(
    "lacks-role", "This needs the role {role} in team {team} for {environment}. Ask its admins."
)
LACKS_PLATFORM = define("lacks-platform", "This needs the site role platform.")
LACKS_SCOPE = define("lacks-scope", "This token lacks the scope {scope}.")
NOT_FOUND = define("not-found", "There is no such {what} that you may see.")
ROBOTS_NEVER_DECIDE = define("robots-never-decide", "Decisions are for people, not for robots.")
TOKEN_LIFETIME = define("token-lifetime", "A token lives at most {days} days.")
TOKEN_WIDER = define(
    "token-wider",
    "A token issues tokens of no more scopes and no longer life than its own; sign in to issue"
    " this one.",
)
TOKEN_OF_ANOTHER = define(
    "token-of-another", "A person's tokens are issued by that person, a robot's by platform."
)
LACKS_SUPERUSER = define("lacks-superuser", "This needs a superuser.")
OWN_ACCOUNT = define(
    "own-account", "Nobody changes their own roles or account; ask somebody else to do it."
)
ROBOT_ROLE = define("robot-role", "A robot is a viewer or an editor: it reads and proposes.")
TEAM_NAME_TAKEN = define("team-name-taken", "There is a team named {name} already.")
USERNAME_TAKEN = define("username-taken", "There is a user named {name} already.")
EYES_ONLY_DEV = define(
    "eyes-only-dev", "Only dev may do with one pair of eyes; {environment} needs two."
)
TOO_MANY_FAILURES = define(
    "too-many-failures", "Too many attempts failed; the next one counts in {seconds} seconds."
)
