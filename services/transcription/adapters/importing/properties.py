# SPDX-License-Identifier: Apache-2.0
"""Names that stand in the properties of a source, such as the one of its recording."""

from __future__ import annotations

import re

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


def file_stem(path: str) -> str:
    """Return the name of a file without its folders and suffix, with spaces between its words."""
    name = re.split(r"[/\\]", path.strip()[-1000:])[-1].replace("%20", " ")
    return _SUFFIX.sub("", name).replace("_", " ")
