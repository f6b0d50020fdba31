"""`package_hosts.py REQUIREMENTS`: prints the hosts of the package index, one a line. They are written down
nowhere: only pip knows the machine's configuration, and is asked. The variable PACKAGE_HOSTS (names, separated by
spaces or commas) overrides it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

# Line of a talkative pip that names an index page before it reads it.
INDEX_PAGE = re.compile(r"^ *\* (https?://\S+)", re.MULTILINE)


def hosts_of(requirements: str) -> set[str]:
    """The hosts of the index and of its files, as pip finds them; CalledProcessError when it cannot."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        options = "--dry-run --ignore-installed --no-deps --no-cache-dir --disable-pip-version-check -vv".split()
        command = [sys.executable, "-m", "pip", "install", *options, "--report", str(report)]
        command += ["--requirement", requirements]
        said = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        files: list[str] = [entry["download_info"]["url"] for entry in json.loads(report.read_text())["install"]]
    pages: list[str] = INDEX_PAGE.findall(said)
    if not pages:
        sys.exit("package_hosts: pip did not name its index. Next: set PACKAGE_HOSTS.")
    return {host for url in [*pages, *files] if (host := urlsplit(url).hostname)}


def main() -> None:
    given = re.split(r"[\s,]+", os.environ.get("PACKAGE_HOSTS", "").strip())
    hosts = set(given) - {""} or hosts_of(sys.argv[1])
    print("\n".join(sorted(hosts)))


if __name__ == "__main__":
    main()
