"""pip's configuration in uv's words: so packages come from where this machine's pip gets them, whichever installs
them."""

from __future__ import annotations

import configparser
import functools
import os
import ssl
import sys
from dataclasses import dataclass, field
from pathlib import Path

MAC = sys.platform == "darwin"
# Settings with the same meaning to uv, in an environment variable of its own.
VARIABLES = {
    "index-url": "UV_INDEX_URL",
    "client-cert": "SSL_CLIENT_CERT",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
    "trusted-host": "UV_INSECURE_HOST",
    "constraint": "UV_CONSTRAINT",
}
# Settings about pip's output, storage and questions, or done by the installation in its own way.
WITHOUT_EFFECT = frozenset(
    "break-system-packages cache-dir compile debug disable-pip-version-check exists-action log no-color no-compile"
    " no-input no-python-version-warning no-warn-conflicts no-warn-script-location progress-bar quiet"
    " require-virtualenv root-user-action verbose".split()
)


@dataclass
class UvSettings:
    environment: dict[str, str] = field(default_factory=dict[str, str])
    options: list[str] = field(default_factory=list[str])


class NotForUv(Exception):
    """A setting of pip for which uv has no word; the message is its name."""


def for_uv(environment: dict[str, str]) -> UvSettings | None:
    """uv's settings. `environment`: an installer's, in which uv's own words count before pip's. None: pip has to
    install, as it has a setting for which uv has no word."""
    try:
        settings, told = _settings(environment), UvSettings()
        for name, value in settings.items():
            _translate(name, value, told)
    except NotForUv as reason:
        _say(f"{reason}")
        return None
    cert = settings.get("cert") or environment.get("REQUESTS_CA_BUNDLE") or environment.get("CURL_CA_BUNDLE")
    if cert:
        told.environment["SSL_CERT_DIR" if os.path.isdir(cert) else "SSL_CERT_FILE"] = cert
    elif MAC or ssl.get_default_verify_paths().cafile:
        told.environment["UV_SYSTEM_CERTS"] = "1"  # as in newer pips, and this Python
    given = {name for name in environment if name.startswith("UV_")}
    if "UV_DEFAULT_INDEX" in given:
        given.add("UV_INDEX_URL")  # its former name
    for name in given & told.environment.keys():
        del told.environment[name]
    return told


@functools.cache
def _say(setting: str) -> None:
    """Reports a setting, once."""
    words = f"runner: packages are installed with pip, as uv cannot be told of {setting} in pip's configuration"
    print(words, file=sys.stderr)


def _translate(name: str, value: str, told: UvSettings) -> None:
    variables, words = told.environment, value.split()
    if variable := VARIABLES.get(name):
        variables[variable] = " ".join(words) if variable != "UV_HTTP_TIMEOUT" else value.partition(".")[0]
    elif name == "extra-index-url":
        variables["UV_EXTRA_INDEX_URL"] = " ".join(words)
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"  # pip's only one
    elif name == "find-links":
        # pip reports one that is not there, and goes on.
        links = [each for each in words if "://" in each or os.path.exists(os.path.expanduser(each))]
        if links:
            variables["UV_FIND_LINKS"] = ",".join(os.path.expanduser(each) for each in links)
    elif name == "proxy":
        variables.update(dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), value))
    elif name in ("no-binary", "only-binary"):
        told.options += [part for each in value.replace(",", " ").split() for part in (f"--{name}", each)]
    elif name in ("no-index", "pre", "no-cache-dir"):
        if not _is_true(value):
            return
        if name == "no-index":
            told.options.append("--no-index")
        else:
            variables.update({"UV_PRERELEASE": "allow"} if name == "pre" else {"UV_NO_CACHE": "1"})
    elif name == "keyring-provider" and value in ("auto", "disabled", "subprocess"):
        if value == "subprocess":
            variables["UV_KEYRING_PROVIDER"] = value
    elif name != "cert" and name not in WITHOUT_EFFECT:
        raise NotForUv(name)


def _is_true(value: str) -> bool:
    return value.lower() in ("y", "yes", "t", "true", "on", "1")


def _settings(environment: dict[str, str]) -> dict[str, str]:
    """Settings that `pip install` would take from its files and the environment: the last one counts, as for pip."""
    everywhere: dict[str, str] = {}
    installing: dict[str, str] = {}
    for file in _files(environment):
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, "utf-8")
        except (OSError, ValueError, configparser.Error) as error:
            raise NotForUv(f"{file}") from error  # pip has words for its fault
        for section, settings in (("global", everywhere), ("install", installing)):
            if parser.has_section(section):
                settings.update((_name(name), value) for name, value in parser.items(section))
    variables = {_name(name[4:]): value for name, value in environment.items() if name.startswith("PIP_")}
    variables.pop("config-file", None)
    return {name: value for name, value in {**everywhere, **installing, **variables}.items() if value}


def _name(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _files(environment: dict[str, str]) -> list[Path]:
    """pip's configuration files. The last one counts most."""
    chosen = environment.get("PIP_CONFIG_FILE")
    if chosen == os.devnull:
        return []
    home = Path(environment["HOME"])
    own = home / "Library" / "Application Support" / "pip"
    if not (MAC and own.is_dir()):
        own = Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "pip"
    machine = [Path("/Library/Application Support/pip")] if MAC else [Path("/etc/xdg/pip"), Path("/etc")]
    users = [] if chosen and os.path.exists(chosen) else [home / ".pip", own]
    files = [folder / "pip.conf" for folder in (*machine, *users, Path(sys.prefix))]
    return [*files, *([Path(chosen)] if chosen else [])]
