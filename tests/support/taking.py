# SPDX-License-Identifier: Apache-2.0
"""What a researcher says who takes a release of a study on the terms that ship."""

from __future__ import annotations

from services.release.domain.copies.terms import of_study
from services.release.domain.ports import Study
from services.release.domain.reviews import ReviewMode
from sotto.release.v1 import copy_pb2

#: Version of the terms that ship.
VERSION = of_study(Study("any", "research-default", ReviewMode.REQUIRED)).sha256
#: Words of the command line.
TAKEN = ("--purpose", "checking", "--accept-terms", VERSION[:8])
#: Fields of a form of the console.
FORM = {"purpose": "checking", "terms": VERSION, "accepted": "yes"}
PURPOSE = copy_pb2.PURPOSE_CHECKING
