# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

from services.common.client_session import connected
from services.common.output import print_message as say
from services.common.output import print_record as emit
from services.common.output import print_table as table

__all__ = ["StudyOption", "connected", "emit", "say", "table"]

StudyOption = Annotated[str, typer.Option("--study", help="Study id.", metavar="ID")]
