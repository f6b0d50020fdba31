"""The environments of programs, installers and fork servers: built from allow-lists, never copied."""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path

from runner.workspace.folders import Workspace

# Variables that a program needs to reach the network as this machine wants it, to tell the time, and to find the
# image's browser.
PASSED = (
    "TZ http_proxy https_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY"
    " SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS GIT_SSL_CAINFO PIP_CERT"
    " AWS_CA_BUNDLE UV_SYSTEM_CERTS PLAYWRIGHT_BROWSERS_PATH"
).split()
# Trusted certificates, in the variables of tools that bring a list of their own. They get the list of Python's ssl,
# where there is one: the network may lead through a proxy with an authority that nobody else knows.
CERTIFICATES = ("PIP_CERT", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE")
# Variables of installers about the source of packages.
INSTALLER_PREFIXES = ("PIP_", "UV_")
INSTALLER_PASSED = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "NETRC")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# Folder in which installers start: they read their configuration from it and those above it, and no program can write
# it.
START = "/"
# A pip of ours, which knows the folder for a program's own packages.
FOR_PROGRAMS = Path(__file__).parents[1] / "program" / "for_programs"

ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
REFUSED_NAMES = ("PATH", "HOME", "TMPDIR")
REFUSED_PREFIXES = ("PYTHON", "LD_", "RUN_PACKAGE")


def for_program(
    workspace: Workspace,
    packages: Path | None,
    tmp: str,
    extra: dict[str, str],
    own_packages: Path | None = None,
    lists: dict[str, list[str]] | None = None,
) -> dict[str, str]:
    """Environment of a program of this workspace. `packages` is the generation of installed packages that it keeps;
    `own_packages` the folder for those that it installs itself, if the user's `lists` let it; `tmp` the path of its
    folder for temporary files."""
    path = [str(Path(sys.executable).parent), os.environ.get("PATH", DEFAULT_PATH)]
    environment = {
        **_passed_to_programs(),
        "LANG": "C.UTF-8",
        "HOME": str(workspace.home),
        "TMPDIR": tmp,
        "MPLBACKEND": "Agg",
        # The interpreters that a program starts have it, too: their output must not die with them in a buffer.
        "PYTHONUNBUFFERED": "1",
        "PYTHONNOUSERSITE": "1",
        # A module rewritten with the same length within a second would be taken from its old bytecode.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    folders = [packages] if packages else []
    if own_packages:
        folders.insert(0, own_packages)
        environment["RUN_PACKAGES"] = f"{sys.prefix}{os.pathsep}{own_packages}"
        if lists:
            environment["RUN_PACKAGE_LISTS"] = json.dumps(lists)
    path[:0] = [str(folder / "bin") for folder in folders]
    if own_packages:
        folders.insert(0, FOR_PROGRAMS)
        path.insert(0, str(FOR_PROGRAMS / "bin"))
    if folders:
        environment["PYTHONPATH"] = os.pathsep.join(map(str, folders))
    if sys.prefix != sys.base_prefix:
        environment["VIRTUAL_ENV"] = sys.prefix
    return {**environment, "PATH": ":".join(path), **extra}


def for_installer(workspace: Workspace, home: Path, tmp: Path, cache: Path) -> dict[str, str]:
    """Environment of pip or uv: the runner's own configuration of package indexes, without its secret, and nothing
    that programs could have left. `home`, `tmp` and `cache` are new and go with the installation; where programs
    are the runner's own user, its home and its cache are used instead, since the configuration of indexes is there."""
    wanted = [name for name in os.environ if name.startswith(INSTALLER_PREFIXES)]
    return {
        **_passed([*PASSED, *INSTALLER_PASSED, *wanted]),
        "LANG": "C.UTF-8",
        "PATH": os.environ.get("PATH", DEFAULT_PATH),
        # Another user cannot read the runner's own home. That of the programs is never used: they can write it.
        "HOME": str(home) if workspace.owner else os.environ.get("HOME", str(home)),
        "TMPDIR": str(tmp),
        # The interpreters that build a package have it, too.
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        **({"PIP_CACHE_DIR": str(cache), "UV_CACHE_DIR": str(cache)} if workspace.owner else {}),
    }


def for_fork_server(home: Path | None) -> dict[str, str]:
    """Environment of an interpreter from which programs are forked. One thread each: a fork would lose the others."""
    libraries = "OPENBLAS_NUM OMP_NUM MKL_NUM NUMEXPR_NUM VECLIB_MAXIMUM POLARS_MAX".split()
    threads = dict.fromkeys((f"{library}_THREADS" for library in libraries), "1")
    environment = {**_passed(PASSED), "LANG": "C.UTF-8", "MPLBACKEND": "Agg", "PYTHONNOUSERSITE": "1"}
    environment["PATH"] = os.environ.get("PATH", DEFAULT_PATH)
    if home:
        environment["HOME"] = str(home)
    # pyarrow, which pandas loads when it is there, would start a thread that tidies up memory.
    return {**environment, **threads, "JE_ARROW_MALLOC_CONF": "background_thread:false"}


def refused_name(name: str) -> str | None:
    """The reason why a request must not set this variable, or None."""
    if not ENV_NAME.fullmatch(name):
        return "is not a variable's name ([A-Za-z_][A-Za-z0-9_]*)"
    if name in REFUSED_NAMES or name.startswith(REFUSED_PREFIXES):
        return "is set by the runner and cannot be changed"
    return None


@functools.cache
def _passed_to_programs() -> dict[str, str]:
    """The same for all: the runner does not change its own environment."""
    return _passed(PASSED)


def _passed(names: Iterable[str]) -> dict[str, str]:
    given = {name: os.environ[name] for name in names if name in os.environ}
    trusted = given.get("SSL_CERT_FILE")
    return {**(dict.fromkeys(CERTIFICATES, trusted) if trusted else {}), **given}
