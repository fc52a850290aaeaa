"""What a site may set: one frozen object from `GRAPHAUDIT_*`, an optional TOML file and the command line."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from graphaudit.errors import ConfigurationError

PREFIX = "GRAPHAUDIT_"

#: Read from the environment by something other than the settings class: where the file is, debugging, test servers.
OTHER_VARIABLES = ("GRAPHAUDIT_CONFIG", "GRAPHAUDIT_DEBUG")
OTHER_PREFIXES = ("GRAPHAUDIT_TEST_", "GRAPHAUDIT_REQUIRE_")

_PASSWORD_IN_URL = re.compile(r"(://[^/@:\s]*:)[^@\s]*@")


#: Below this score a lead is not worth the hours of a check: a third of the evidence of an even one.
LEAST_SCORE = 0.25

#: Leads at most of each channel that has places of its own below the tested leads: enough to look beyond what is named,
#: a tenth or so of the hours that the list costs.
QUOTAS: Mapping[str, int] = MappingProxyType({"unforeseen": 5, "exploration": 5})


class Settings(BaseSettings):
    """Settings of one invocation. Relative paths are relative to the working directory.

    `store` and `registry` may be empty: `store_url`, `registry_url` and `builds_folder` then give places below `data`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    data: Path = Field(Path("graphaudit-data"), description="Home of all state.")
    builds: Path | None = Field(None, description="Folder of the builds; default DATA/builds.")
    store: str = Field("", description="Graph store URL; default ladybug:DATA/graph.")
    registry: str = Field("", description="Registry URL; default sqlite:DATA/registry.db.")

    memory_limit: str = Field("3GB", description="Memory that the columnar engine may use before it spills to disk.")
    threads: int = Field(2, ge=1, le=256, description="Threads of the columnar engine.")
    seed: int = Field(0, ge=0, le=2**31 - 1, description="Seed of every randomised step.")
    max_rejected_share: float = Field(
        0.05, ge=0.0, le=1.0, description="Share of rejected rows of one table above which a load stops."
    )
    graph_settlements: Literal["all", "recent", "touched"] = Field(
        "all", description="Which settlements become nodes: all, a recent window, or those a derived edge touches."
    )
    keep_builds: int = Field(
        3, ge=1, le=100, description="Published builds kept for rollback, the active one included."
    )
    detectors: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="Parameters of detectors that differ from their defaults, by detector id."
    )
    least_score: float = Field(
        LEAST_SCORE, ge=0.0, lt=1.0, description="Leads with a lower score are not put into the list."
    )
    unforeseen_leads: int = Field(
        QUOTAS["unforeseen"],
        ge=0,
        le=1000,
        description="Leads at most on groups that depart together without a named pattern, below the tested leads.",
    )
    exploration_leads: int = Field(
        QUOTAS["exploration"],
        ge=0,
        le=1000,
        description="Leads at most that are worth exploring (near confirmed leads, costly communities), last of all.",
    )
    lists: Path | None = Field(
        None, description="Folder of the site's own code tables and lists, which replace those shipped."
    )

    site_key: SecretStr | None = Field(None, description="Pseudonym key; default the file DATA/site-key.")
    site_key_file: Path | None = Field(None, description="File of the pseudonym key; default DATA/site-key.")
    neo4j_password: SecretStr | None = Field(None, description="Password of the Neo4j user.")
    neo4j_password_file: Path | None = Field(None, description="File with that password.")
    neo4j_cache: Path | None = Field(
        None, description="Folder of the jars of a Neo4j server managed here; default ~/.cache/graphaudit/neo4j."
    )
    neo4j_heap_mb: int = Field(1024, ge=256, description="Heap of a Neo4j server managed here, in MiB.")
    neo4j_page_cache_mb: int = Field(1024, ge=8, description="Page cache of a Neo4j server managed here, in MiB.")

    neo4j_browser: str = Field(
        "", description="Address of Neo4j Browser where it does not follow from the store, such as https://HOST:7473."
    )

    host: str = Field("127.0.0.1", description="Address that serve listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that serve listens on.")

    log_format: Literal["text", "json"] = Field("text", description="Form of a log line.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("warning", description="Least level logged.")

    @field_validator("memory_limit")
    @classmethod
    def _memory_limit_is_a_size(cls, value: str) -> str:
        if not re.fullmatch(r"\d+(\.\d+)?\s*(MB|GB|TB|MiB|GiB|TiB)", value):
            raise ValueError("is a size such as 3GB or 1500MB")
        return value

    @property
    def quotas(self) -> dict[str, int]:
        """Leads at most by channel, for the channels that have a quota."""
        return {"unforeseen": self.unforeseen_leads, "exploration": self.exploration_leads}

    @property
    def builds_folder(self) -> Path:
        """Where builds live."""
        return self.builds or self.data / "builds"

    @property
    def store_url(self) -> str:
        """URL of the graph store."""
        return self.store or f"ladybug:{self.data / 'graph'}"

    @property
    def registry_url(self) -> str:
        """URL of the lead registry."""
        return self.registry or f"sqlite:{self.data / 'registry.db'}"

    @property
    def key_file(self) -> Path:
        """Where the pseudonym key is kept when the environment does not give it."""
        return self.site_key_file or self.data / "site-key"

    def neo4j_secret(self) -> str | None:
        """The password of the Neo4j user that was given, None when none was.

        ConfigurationError, which never quotes it, when it is a default or easily guessed one, or its file can be read
        by others.
        """
        from graphaudit.neo4j_local.passwords import password_of

        if self.neo4j_password is not None:
            return password_of(self.data, given=self.neo4j_password.get_secret_value())
        return password_of(self.data, given_file=self.neo4j_password_file) if self.neo4j_password_file else None

    def masked(self) -> dict[str, Any]:
        """Every setting with its effective value, fit to be printed: secrets and passwords in URLs are covered."""
        shown: dict[str, Any] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, SecretStr):
                value = "********"
            elif isinstance(value, Path):
                value = str(value)
            shown[name] = value
        shown["builds"] = str(self.builds_folder)
        shown["store"] = mask_url(self.store_url)
        shown["registry"] = mask_url(self.registry_url)
        shown["site_key_file"] = str(self.key_file)
        return shown


def mask_url(url: str) -> str:
    """`url` with a password in it covered."""
    return _PASSWORD_IN_URL.sub(r"\1********@", url)


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Settings with the precedence command line (`overrides`, None = not given), environment, TOML file, defaults.

    The file is GRAPHAUDIT_CONFIG, else DATA/graphaudit.toml when it exists. An unknown key, in either place, is refused
    with the nearest name; so is a value of the wrong kind. ConfigurationError names where the value came from.
    """
    given = {name: value for name, value in (overrides or {}).items() if value is not None}
    fields = list(Settings.model_fields)
    _refuse_unknown_variables(fields)
    path = _config_file(given)
    from_file = _read_toml(path, fields) if path else {}
    from_environment = {name for name in fields if os.environ.get(f"{PREFIX}{name.upper()}")}
    merged = {name: value for name, value in from_file.items() if name not in from_environment} | given
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise _explained(error, given, from_environment, path) from None


def _config_file(given: Mapping[str, Any]) -> Path | None:
    named = os.environ.get("GRAPHAUDIT_CONFIG")
    if named:
        path = Path(named)
        if not path.is_file():
            raise ConfigurationError(f"GRAPHAUDIT_CONFIG names {path}, which is not a file", "correct or unset it")
        return path
    data = Path(given.get("data") or os.environ.get("GRAPHAUDIT_DATA") or Settings.model_fields["data"].default)
    path = data / "graphaudit.toml"
    return path if path.is_file() else None


def _read_toml(path: Path, fields: list[str]) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not a TOML file: {error}", "correct the line it names") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}", "correct its permissions") from None
    for key in values:
        if key not in fields:
            raise ConfigurationError(f"{path}: unknown setting {key!r}", _nearest(key, fields))
    return values


def _refuse_unknown_variables(fields: list[str]) -> None:
    known = [f"{PREFIX}{name.upper()}" for name in fields] + list(OTHER_VARIABLES)
    for variable in sorted(os.environ):
        if variable.startswith(PREFIX) and variable not in known and not variable.startswith(OTHER_PREFIXES):
            raise ConfigurationError(f"unknown setting {variable} in the environment", _nearest(variable, known))


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(known))}"


def _explained(
    error: ValidationError, given: Mapping[str, Any], from_environment: set[str], path: Path | None
) -> ConfigurationError:
    first = error.errors(include_input=False, include_url=False)[0]
    name = str(first["loc"][0])
    if name in given:
        where = f"--{name.replace('_', '-')} on the command line"
    elif name in from_environment:
        where = f"{PREFIX}{name.upper()} in the environment"
    else:
        where = f"{name} in {path}"
    inside = "".join(f".{part}" for part in first["loc"][1:])
    about = Settings.model_fields[name].description if name in Settings.model_fields else ""
    return ConfigurationError(f"{where}{inside}: {first['msg'].removeprefix('Value error, ')}", f"{name}: {about}")
