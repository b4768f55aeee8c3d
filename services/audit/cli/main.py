# SPDX-License-Identifier: Apache-2.0
"""The tree of `sotto audit` commands."""

from __future__ import annotations

import typer

from services.audit.cli import admin, export, list_entries, read, review, verify, who, witness

app = typer.Typer(name="audit", help="Read, verify and export the audit log.", no_args_is_help=True)
app.command("verify")(verify.verify_command)
app.command("show")(read.show)
app.command("trace")(read.trace)
app.command("prove")(read.prove)
app.command("check-proof")(read.check_proof)
app.command("report")(read.report)
app.command("who")(who.who)
app.command("history")(who.history)
app.command("breach")(read.breach)
app.command("rotate-key")(admin.rotate_key)
app.command("fsck")(admin.fsck)
app.command("start-anew")(admin.start_anew)
app.command("list")(list_entries.list_entries)
app.command("export")(export.export)
app.command("review")(review.review)
app.add_typer(witness.app, name="witness")

if __name__ == "__main__":
    app()
