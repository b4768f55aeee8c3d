# SPDX-License-Identifier: Apache-2.0
"""Options that several commands share, beside those of `services.common.options`."""

from __future__ import annotations

from typing import Annotated

import typer

StudyFilter = Annotated[str, typer.Option("--study", metavar="ID", help="Only this study.")]
StudyOption = Annotated[str, typer.Option("--study", help="Study id.", metavar="ID")]
