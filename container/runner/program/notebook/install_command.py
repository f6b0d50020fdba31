"""The requirements in a shell command that installs packages, for the package policy to decide. Runs nothing. Loaded by
its path into a program's interpreter as well, beside cell.py."""

from __future__ import annotations

import re
import shlex

INSTALLERS = frozenset({"pip", "pip3", "conda", "mamba", "micromamba", "uv"})
IGNORED_OPTIONS = frozenset(
    "-q -qq -qqq --quiet -U --upgrade --user -y --yes --no-cache-dir --no-input --disable-pip-version-check --system"
    " --break-system-packages --no-warn-script-location --prefer-binary --force-reinstall --pre".split()
)
IGNORED_WITH_VALUE = frozenset({"--progress-bar", "--root-user-action", "--upgrade-strategy", "--timeout", "--retries"})
COMPARISON = re.compile(r"(?<=[\w\],])[<>](?==?\d)")
COMPARISONS = {"<": "\ue000", ">": "\ue001"}  # characters of nobody
SHELL_WORDS = frozenset({";", "&&", "||", "|", "&", "<"})


def requirements(command: str) -> list[str] | None:
    """The requirements of a command that installs them and does nothing else; None for any other command."""
    # Without quotes, `pandas>=2` would write a file for a shell. Nobody means that.
    command = COMPARISON.sub(lambda found: COMPARISONS[found[0]], command)
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        lexer.whitespace_split, lexer.commenters = True, "#"
        words = [_plain(word) for word in lexer]
    except ValueError:
        return None  # an open quote
    if words[:1] == ["sudo"]:
        words = words[1:]
    if len(words) > 3 and words[1:3] == ["-m", "pip"]:  # python, or {sys.executable}
        words = words[2:]
    elif words[:2] == ["uv", "pip"]:
        words = words[1:]
    tool = words[0].rpartition("/")[2] if words else ""
    is_install = words[1:2] == ["install"] or (tool, words[1:2]) == ("uv", ["add"])
    if not is_install or tool not in INSTALLERS:
        return None
    return _specs(words[2:], is_conda=tool not in ("pip", "pip3", "uv"))


def _plain(word: str) -> str:
    return word.replace("\ue000", "<").replace("\ue001", ">")


def _specs(words: list[str], is_conda: bool) -> list[str] | None:
    specs: list[str] = []
    left = iter(words)
    for word in left:
        if word in (">", ">>", ">&", "&>") or (word.isdigit() and specs and word in "12"):
            if not word.isdigit():
                next(left, None)  # file for its output
        elif word == "|":
            break  # filter of its output
        elif word in SHELL_WORDS or word.startswith(("{", "$", ".", "/", "git+", "http")) or "@" in word:
            return None
        elif (is_conda and word in ("-c", "--channel", "-n", "--name")) or word in IGNORED_WITH_VALUE:
            next(left, None)
        elif word.startswith("-"):
            option = word.partition("=")[0]
            if option not in IGNORED_OPTIONS and option not in IGNORED_WITH_VALUE:
                return None
        else:
            specs.append(_conda_spec(word) if is_conda else word)
    return specs or None


def _conda_spec(word: str) -> str:
    """A requirement of conda, such as `numpy=1.26`, as one of pip."""
    name, equals, version = word.rpartition("::")[2].partition("=")
    return f"{name}=={version}.*" if equals and version[:1].isdigit() else word.rpartition("::")[2]
