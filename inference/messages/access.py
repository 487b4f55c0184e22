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
