"""Other services that may vouch for who somebody is, as far as the environment names them."""

from typing import Any

# Where a form that begins there may lead: the policy of content has to allow it.
ORIGINS = {
    "google": "https://accounts.google.com",
    "apple": "https://appleid.apple.com",
    "github": "https://github.com",
}
NEEDED = {
    "google": ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
    "apple": ["APPLE_CLIENT_ID", "APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY"],
    "github": ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET"],
}


class SocialMissing(Exception):
    """A service is named by a part of what it needs."""


def social_providers(environment: dict[str, str]) -> dict[str, dict[str, Any]]:
    """
    The services whose variables are set, as allauth wants them. Raises SocialMissing for a half.

    A private key may be written in one line, with \\n for the ends of its own.
    """
    found = {}
    for name, variables in NEEDED.items():
        given = {each: environment.get(each, "").strip() for each in variables}
        missing = [each for each, value in given.items() if not value]
        if len(missing) == len(variables):
            continue
        if missing:
            raise SocialMissing(f"{missing[0]} is missing: {name} needs {', '.join(variables)}.")
        found[name] = _settings(name, given)
    return found


def _settings(name: str, given: dict[str, str]) -> dict[str, Any]:
    if name == "apple":
        key = given["APPLE_PRIVATE_KEY"].replace("\\n", "\n")
        app = {
            "client_id": given["APPLE_CLIENT_ID"],
            "secret": given["APPLE_KEY_ID"],
            "key": given["APPLE_TEAM_ID"],
            "settings": {"certificate_key": key},
        }
        return {"APPS": [app]}
    client, secret = NEEDED[name]
    app = {"client_id": given[client], "secret": given[secret], "key": ""}
    scope = {"google": ["profile", "email"], "github": ["user:email"]}[name]
    return {"APPS": [app], "SCOPE": scope, "OAUTH_PKCE_ENABLED": True}
