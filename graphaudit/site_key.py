"""The site's pseudonym key: from the environment or a file that only its owner can read."""

from __future__ import annotations

import hashlib
import logging
import secrets
from typing import TYPE_CHECKING

from graphaudit.errors import ConfigurationError
from graphaudit.secret_files import create_secret, secret_file_problem

if TYPE_CHECKING:
    from graphaudit.settings import Settings

logger = logging.getLogger(__name__)

#: 256 bits written as 64 hexadecimal digits; a key typed by hand must not be shorter than half of that.
GENERATED_BYTES = 32
SHORTEST = 32


def site_key(settings: Settings, *, create: bool = False) -> bytes:
    """The key under which personal identifiers become pseudonyms.

    GRAPHAUDIT_SITE_KEY wins over the file. With `create`, an absent file is made (mode 0600) and a warning logged:
    whoever loses it can no longer match new builds to old pseudonyms. ConfigurationError when the key is absent,
    short, or readable by anybody but its owner.
    """
    if settings.site_key is not None:
        return _checked(settings.site_key.get_secret_value().strip(), "GRAPHAUDIT_SITE_KEY")
    path = settings.key_file
    if not path.exists():
        if not create:
            raise ConfigurationError(
                f"there is no site key at {path}", "run a build, which creates one, or set GRAPHAUDIT_SITE_KEY"
            )
        path.parent.mkdir(parents=True, exist_ok=True)
        if create_secret(path, secrets.token_hex(GENERATED_BYTES)):
            logger.warning(
                "a new site key was written to %s: keep a copy in a safe place, pseudonyms depend on it", path
            )
    problem = secret_file_problem(path)
    if problem:
        raise ConfigurationError(f"the site key {path} {problem}", f"chmod 600 {path}")
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"the site key {path} cannot be read", "restore it from the backup") from None
    return _checked(text, str(path))


def key_fingerprint(key: bytes) -> str:
    """Eight hexadecimal digits by which two builds tell whether they share a key; says nothing else about it."""
    return hashlib.blake2b(key, digest_size=4, person=b"graphaudit-key").hexdigest()


def _checked(text: str, where: str) -> bytes:
    if len(text) < SHORTEST:
        raise ConfigurationError(
            f"the site key in {where} is too short: {len(text)} characters, at least {SHORTEST} are needed",
            'make one with: python -c "import secrets; print(secrets.token_hex(32))"',
        )
    if len(set(text)) < 8:
        raise ConfigurationError(f"the site key in {where} repeats few characters", "use a random key")
    return text.encode("utf-8")
