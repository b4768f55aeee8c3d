# SPDX-License-Identifier: Apache-2.0
"""Published test vectors of other projects; `tests/data/vectors/LICENCES.md` names the sources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parents[1] / "data" / "vectors"


def read_vectors(name: str) -> Any:
    """Read a JSON file of vectors."""
    return json.loads((VECTORS / name).read_text("utf-8"))
