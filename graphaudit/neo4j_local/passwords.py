"""The password of a local server: a random one made at the first start, or a given one that is not easily guessed."""

from __future__ import annotations

import secrets
from pathlib import Path

from graphaudit.builds.durable import flush
from graphaudit.errors import ConfigurationError
from graphaudit.neo4j_local.configuration import SHORTEST_PASSWORD
from graphaudit.secret_files import create_secret, secret_file_problem

FILE_NAME = "password"

#: Bytes of randomness in a password that is made here: 192 bits.
GENERATED_BYTES = 24

LEAST_DIFFERENT = 6
#: Passwords of manuals and examples begin with these, whatever is put behind them.
WELL_KNOWN = ("neo4j", "password", "passw0rd", "changeme", "change-me", "graphaudit", "administrator", "1234567890")

_MAKE_ONE = 'make one with: python -c "import secrets; print(secrets.token_urlsafe(24))"'


def password_of(folder: Path, given: str | None = None, given_file: Path | None = None, *, create: bool = False) -> str:
    """The password of the homes below `folder`: `given`, else what `given_file` holds, else `folder`/password.

    With `create`, an absent `folder`/password is made with a random one (mode 0600); a given password is kept nowhere.
    ConfigurationError, which never quotes it, when it is absent, weak, or in a file that others can read.
    """
    if given is not None:
        return checked_password(given, "GRAPHAUDIT_NEO4J_PASSWORD")
    if given_file is not None:
        return _read(given_file)
    path = folder / FILE_NAME
    if not path.exists():
        if not create:
            raise ConfigurationError(
                f"there is no Neo4j password at {path}",
                "graphaudit neo4j start makes one; or set GRAPHAUDIT_NEO4J_PASSWORD",
            )
        _create(path)
    return _read(path)


def checked_password(text: str, where: str) -> str:
    """`text` when it will do; else ConfigurationError naming `where` it came from and what is wrong with it."""
    if not text or text.strip() != text or not text.isprintable():
        raise ConfigurationError(f"the Neo4j password in {where} is empty or has blanks around it", _MAKE_ONE)
    if len(text) < SHORTEST_PASSWORD:
        raise ConfigurationError(
            f"the Neo4j password in {where} has {len(text)} characters, at least {SHORTEST_PASSWORD} are needed",
            _MAKE_ONE,
        )
    if len(set(text)) < LEAST_DIFFERENT or text.lower().startswith(WELL_KNOWN):
        raise ConfigurationError(f"the Neo4j password in {where} is one that anybody would try", _MAKE_ONE)
    return text


def planned_password(folder: Path) -> str:
    """A new random password for the homes below `folder`, kept in `folder`/password.next before any of them takes it.

    A change that was cut short is continued with the same one: whatever a home takes by now, it is written down.
    """
    path = folder / f"{FILE_NAME}.next"
    if not path.exists():
        _create(path)
    return _read(path)


def replace_password(folder: Path) -> None:
    """Let the planned password be the password from now on."""
    (folder / f"{FILE_NAME}.next").replace(folder / FILE_NAME)
    flush(folder)


def _read(path: Path) -> str:
    try:
        problem = secret_file_problem(path)
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"the Neo4j password in {path} cannot be read", "correct the path or its permissions"
        ) from None
    if problem:
        raise ConfigurationError(f"the Neo4j password in {path} {problem}", f"chmod 600 {path}")
    return checked_password(text, str(path))


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_secret(path, secrets.token_urlsafe(GENERATED_BYTES))
