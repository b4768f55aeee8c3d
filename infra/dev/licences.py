# SPDX-License-Identifier: Apache-2.0
"""List in NOTICE the licence of each package that is installed to run Sotto."""

from __future__ import annotations

import sys
from importlib import metadata

from infra.dev import pins

NOTICE = pins.ROOT / "NOTICE"
MARK = "Packages installed beside Sotto"
# What these packages' licence files say, since their metadata says nothing or something else.
_FROM_THEIR_FILES = {
    "cel-python": "Apache-2.0",
    "cloudpathlib": "MIT",
    "hyperframe": "MIT",
    "jinja2-humanize-extension": "BSD-3-Clause",
    "locate": "MIT",
    "python-dateutil": "Apache-2.0 AND BSD-3-Clause",
    "readchar": "MIT",
    "requests-oauthlib": "ISC",
    "rfc8785": "Apache-2.0",
    "text-unidecode": "Artistic-1.0-Perl OR GPL-2.0-or-later",
}


def licences() -> dict[str, str]:
    """Return the licence of each installed run-time package, by name."""
    names = pins.pinned((pins.ROOT / pins.RUN).read_text("utf-8"))
    return {name: licence(name) for name in sorted(names) if _installed(name)}


def licence(name: str) -> str:
    """Return the licence that a package states: as expression, in short, or by classifiers."""
    if name in _FROM_THEIR_FILES:
        return _FROM_THEIR_FILES[name]
    stated = metadata.metadata(name)
    short = (stated.get("License") or "").strip()
    classified = [
        value.rpartition(" :: ")[2]
        for value in stated.get_all("Classifier") or []
        if value.startswith("License :: ")
    ]
    return stated.get("License-Expression") or short or "; ".join(classified) or "not stated"


def table() -> str:
    """Return the table of packages and licences, a line each."""
    found = licences()
    width = max(map(len, found))
    return "".join(f"  {name:<{width}}  {text}\n" for name, text in found.items())


def kept(text: str) -> str:
    """Return the part of NOTICE that is written by hand: all before the table."""
    head, mark, rest = text.partition(f"\n{MARK}")
    paragraph = rest.split("\n\n", 1)[0]
    return f"{head}{mark}{paragraph}\n\n"


def _installed(name: str) -> bool:
    """Return whether a package is on this machine; some are for other systems."""
    try:
        metadata.version(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def main() -> int:
    """Write the table anew; with `--check` compare only."""
    text = NOTICE.read_text("utf-8")
    fresh = kept(text) + table()
    if sys.argv[1:] == ["--check"]:
        return int(fresh != text)
    NOTICE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
