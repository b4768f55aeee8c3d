# SPDX-License-Identifier: Apache-2.0
"""Draw who calls whom, and the steps of a recording, from the access table and the contracts.

The pictures are Mermaid text in `docs/architecture.md`, between marks. A step that no contract
has, or that its caller may not take, is an error.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from pathlib import Path

from services.registry import identities
from services.registry.access import ALLOWED, CARRIED
from services.registry.duties import DUTIES, callers_of

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "architecture.md"

Step = tuple[str, str, str]

_C, _R = identities.CLINICAL, identities.RESEARCH
_T, _D = identities.TRANSCRIPTION, identities.DEIDENTIFICATION
#: Caller, server and RPC of each step that carries a recording on, by stage. Every step that
#: touches identified data also appends to the audit log, before and after.
WALK: dict[str, tuple[Step, ...]] = {
    "ingest": (
        (identities.OPERATOR, _C, "CatalogReaderService.GetStudy"),
        (identities.OPERATOR, _C, "RecordingWriterService.PutRecording"),
    ),
    "find work": (
        (identities.FLOWS, _C, "PendingService.ListPending"),
        (identities.FLOWS, _T, "TranscriptionService.Plan"),
        (identities.FLOWS, _D, "DeidentificationService.Plan"),
    ),
    "transcribe": (
        (identities.FLOWS, _T, "TranscriptionService.Transcribe"),
        (_T, _C, "RecordingReaderService.GetRecording"),
        (_T, _C, "RosterReaderService.GetRoster"),
        (_T, _C, "RunKeyService.MakeRunKey"),
        (_T, _C, "SegmentWriterService.ListWindows"),
        (_T, _C, "SegmentWriterService.PutWindow"),
        (_T, _C, "RecordingRosterWriterService.PutRecordingRoster"),
        (_T, _C, "SegmentWriterService.CommitTranscript"),
    ),
    "de-identify": (
        (identities.FLOWS, _D, "DeidentificationService.Deidentify"),
        (_D, _C, "SegmentReaderService.GetTranscript"),
        (_D, _C, "RosterReaderService.GetRoster"),
        (_D, _C, "RecordingRosterReaderService.GetRecordingRoster"),
        (_D, _C, "RunKeyService.MakeRunKey"),
        (_D, _C, "VaultService.GetVault"),
        (_D, _C, "VaultService.PutVault"),
        (_D, _R, "SegmentWriterService.PutWindow"),
        (_D, _R, "SegmentWriterService.CommitTranscript"),
    ),
    "rule": (
        (identities.FLOWS, identities.RELEASE, "ReviewRuleService.ApplyReviewRule"),
        (identities.RELEASE, _R, "ReviewStoreService.PutReview"),
        (identities.FLOWS, _C, "PendingService.SettleRecording"),
    ),
    "review": (
        (identities.REVIEWER, identities.RELEASE, "ReviewService.ListReviews"),
        (identities.REVIEWER, identities.RELEASE, "ReviewService.GetReview"),
        (identities.REVIEWER, _C, "SegmentReaderService.GetTranscript"),
        (identities.REVIEWER, identities.TRANSCRIPTION, "ClipService.GetClip"),
        (_T, _C, "RecordingReaderService.ReadRecordingParts"),
        (identities.REVIEWER, identities.RELEASE, "ReviewService.AddCorrection"),
        (identities.RELEASE, _D, "CorrectionService.PropagateRedaction"),
        (identities.RELEASE, _R, "ReviewStoreService.PutCorrections"),
        (identities.REVIEWER, identities.RELEASE, "ReviewService.DecideReview"),
        (identities.RELEASE, _R, "ReviewStoreService.PutReview"),
    ),
    "release": (
        (identities.OPERATOR, identities.RELEASE, "ReleaseBuilderService.BuildRelease"),
        (identities.RELEASE, _R, "ReviewStoreService.GetCorrections"),
        (identities.RELEASE, _R, "SegmentReaderService.GetTranscript"),
        (identities.RELEASE, identities.TRANSCRIPTION, "BleepingService.Bleep"),
        (identities.RELEASE, identities.AUDIT, "AuditCheckpointService.GetCheckpoint"),
        (identities.RELEASE, _R, "BundleService.PutBundleFile"),
        (identities.RELEASE, _R, "BundleService.CommitBundle"),
    ),
    "export": (
        (identities.RESEARCHER, identities.RELEASE, "ReleaseReaderService.ExportRelease"),
        (identities.RELEASE, _R, "BundleService.GetBundleFile"),
    ),
}


def rpcs() -> dict[str, list[str]]:
    """Return the RPCs of each gRPC service, by its full name, as the contracts declare them."""
    found = {}
    for path in sorted((ROOT / "protos" / "sotto").rglob("*.proto")):
        text = path.read_text("utf-8")
        package = re.search(r"^package ([\w.]+);", text, re.MULTILINE)
        for name, body in re.findall(r"^service (\w+) \{(.*?)^\}", text, re.DOTALL | re.MULTILINE):
            if package:
                found[f"{package[1]}.{name}"] = re.findall(r"^  rpc (\w+)", body, re.MULTILINE)
    return found


def calls() -> str:
    """Return a flow chart of who may call whom; appends to the audit log are left out."""
    lines = ["```mermaid", "flowchart LR"]
    for title, members in _zones().items():
        lines += [f'  subgraph "{title}"', *(f"    {_node(name)}" for name in members), "  end"]
    edges = defaultdict(list)
    for server, services in ALLOWED.items():
        for service, callers in services.items():
            for caller in callers if "AuditAppend" not in service else ():
                edges[caller, server].append(_short(service))
    for (caller, server), names in sorted(edges.items()):
        lines.append(f'  {_id(caller)} -->|"{"<br>".join(sorted(names))}"| {_id(server)}')
    return "\n".join([*lines, "```"])


def table() -> str:
    """Return a table of every gRPC service: server, RPCs, who may call it."""
    declared = rpcs()
    lines = ["| server | gRPC service | RPCs | callers |", "| --- | --- | --- | --- |"]
    for server, services in ALLOWED.items():
        for service, callers in services.items():
            names = ", ".join(declared[service])
            allowed = ", ".join(sorted(callers))
            lines.append(f"| {server} | {_short(service)} | {names} | {allowed} |")
    return "\n".join(lines)


def roles() -> str:
    """Return a table of the roles that each certificate may speak in."""
    lines = ["| certificate | may speak in | and for nobody |", "| --- | --- | --- |"]
    for name, carried in CARRIED.items():
        own = "yes" if "" in carried else "no"
        lines.append(f"| {name} | {', '.join(sorted(carried - {''}))} | {own} |")
    return "\n".join(lines)


def duties() -> str:
    """Return a table of duties and of the certificates that may see to them."""
    lines = ["| duty | where | certificates |", "| --- | --- | --- |"]
    for duty, places in DUTIES.items():
        servers = ", ".join(dict.fromkeys(server for server, _ in places))
        lines.append(f"| {duty} | {servers} | {', '.join(sorted(callers_of(duty)))} |")
    return "\n".join(lines)


def walk() -> str:
    """Return a sequence chart of the steps; raises `ValueError` for one that is not allowed."""
    lines = ["```mermaid", "sequenceDiagram", "  autonumber"]
    names = dict.fromkeys(name for steps in WALK.values() for step in steps for name in step[:2])
    lines += [f"  participant {_id(name)} as {name}" for name in names]
    for stage, steps in WALK.items():
        lines.append(f"  Note over {_id(steps[0][0])},{_id(steps[0][1])}: {stage}")
        for caller, server, rpc in steps:
            _check(caller, server, rpc)
            lines.append(f"  {_id(caller)}->>{_id(server)}: {rpc.partition('.')[2]}")
    return "\n".join([*lines, "```"])


def drawn(text: str) -> str:
    """Return the page with each picture made anew between its marks."""
    drawings = {"calls": calls(), "table": table(), "roles": roles(), "walk": walk()}
    drawings["duties"] = duties()
    for name, picture in drawings.items():
        pattern = f"(<!-- made by make docs: {name} -->\n).*?(<!-- end of {name} -->)"
        # A function, since a picture is no template.
        text, count = re.subn(
            pattern,
            lambda found, new=picture: f"{found[1]}{new}\n{found[2]}",
            text,
            flags=re.DOTALL,
        )
        if count != 1:
            raise ValueError(f"the page has no marks for {name}, or several")
    return text


def _check(caller: str, server: str, rpc: str) -> None:
    service, _, name = rpc.partition(".")
    for full, methods in rpcs().items():
        if full.endswith(f".{service}") and name in methods and full in ALLOWED[server]:
            if caller in ALLOWED[server][full]:
                return
            raise ValueError(f"{caller} may not call {rpc} of {server}")
    raise ValueError(f"{server} serves no {rpc}")


def _zones() -> dict[str, list[str]]:
    """Sort processes by the zones whose stores they may call; this is what makes a zone.

    A store is of its own zone, though the clinical one asks the other one questions.
    """
    stores = {_C: "clinical zone", _R: "research zone"}
    found: dict[str, list[str]] = {"people": list(identities.PEOPLE), "orchestrator": []}
    found |= {"clinical zone": [], "both zones": [], "research zone": [], "log": []}
    for name in [identities.FLOWS, *ALLOWED]:
        reach = {
            zone
            for store, zone in stores.items()
            if any(name in callers for callers in ALLOWED[store].values())
        }
        if name in stores:
            reach = {stores[name]}
        if name == identities.FLOWS:
            found["orchestrator"].append(name)
        elif not reach:
            found["log"].append(name)
        else:
            found[reach.pop() if len(reach) == 1 else "both zones"].append(name)
    return found


def _node(name: str) -> str:
    return f'{_id(name)}["{name}"]'


def _id(name: str) -> str:
    return name.replace("-", "_")


def _short(service: str) -> str:
    return service.rpartition(".")[2].removesuffix("Service")


def main() -> int:
    """Draw the pictures into the page; with `--check` compare only."""
    text = PAGE.read_text("utf-8")
    fresh = drawn(text)
    if sys.argv[1:] == ["--check"]:
        return int(fresh != text)
    PAGE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
