"""`package_hosts.py REQUIREMENTS`: prints the hosts that packages come from, one a line. They are written down
nowhere: pip is asked, which knows how the machine is configured. The variable PACKAGE_HOSTS (names, parted by
spaces or commas) has the last word."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

# How a talkative pip names an index page that it is about to read.
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
