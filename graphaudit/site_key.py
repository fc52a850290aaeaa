"""The site's pseudonym key: from the environment or a file that only its owner can read."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from graphaudit.errors import ConfigurationError

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
        _create(path)
    problem = key_file_problem(path)
    if problem:
        raise ConfigurationError(f"the site key {path} {problem}", f"chmod 600 {path}")
    try:
        text = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"the site key {path} cannot be read", "restore it from the backup") from None
    return _checked(text, str(path))


def key_file_problem(path: Path) -> str:
    """What is wrong with the permissions of the key file; empty when nothing is."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        return "is not a regular file"
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        return f"can be read by others (mode {stat.S_IMODE(mode):04o})"
    return ""


def key_fingerprint(key: bytes) -> str:
    """Eight hexadecimal digits by which two builds tell whether they share a key; says nothing else about it."""
    return hashlib.blake2b(key, digest_size=4, person=b"graphaudit-key").hexdigest()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(secrets.token_hex(GENERATED_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # unlike rename, never replaces a key that another process has just made
    except FileExistsError:
        return
    finally:
        temporary.unlink()
    logger.warning("a new site key was written to %s: keep a copy in a safe place, pseudonyms depend on it", path)


def _checked(text: str, where: str) -> bytes:
    if len(text) < SHORTEST:
        raise ConfigurationError(
            f"the site key in {where} is too short: {len(text)} characters, at least {SHORTEST} are needed",
            'make one with: python -c "import secrets; print(secrets.token_hex(32))"',
        )
    if len(set(text)) < 8:
        raise ConfigurationError(f"the site key in {where} repeats few characters", "use a random key")
    return text.encode("utf-8")
