# SPDX-License-Identifier: Apache-2.0
"""What a verification found out, in words."""

from __future__ import annotations

from services.audit_evidence.verify import VerificationReport


def report_lines(report: VerificationReport) -> list[str]:
    """Return a report in words, a line each."""
    lines = [f"log       {report.origin or 'not known'}", f"entries   {report.size}"]
    if report.size:
        lines.append(f"time      {report.first_time} to {report.last_time}")
    lines += [f"signed    {signer}" for signer in report.signers]
    if report.open_intents:
        some = ", ".join(map(str, report.open_intents[:10]))
        more = ", ..." if len(report.open_intents) > 10 else ""
        lines.append(
            f"note      {len(report.open_intents)} actions were announced and have no outcome: "
            f"entries {some}{more}"
        )
    lines += [f"note      {one}" for one in report.findings if not one.wrong]
    lines += [f"WRONG     {one}" for one in report.findings if one.wrong]
    if report.left_out:
        lines.append(f"WRONG     and {report.left_out} more")
    lines.append("the log is whole" if report.ok else "THE LOG IS NOT WHOLE")
    return lines
