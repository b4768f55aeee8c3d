# SPDX-License-Identifier: Apache-2.0
"""Which parts the audit service is made of."""

from __future__ import annotations

from collections.abc import Sequence

from services.audit.adapters.cosigning import read_statuses
from services.audit.handlers.append import AuditAppendHandlers, own_appender
from services.audit.handlers.query import AuditCheckpointHandlers, AuditQueryHandlers
from services.audit.handlers.review import AuditReviewHandlers
from services.audit.handlers.schedule import AuditScheduleHandlers
from services.audit.handlers.upkeep import AuditUpkeepHandlers
from services.audit.log_opening import open_log
from services.audit.settings import AuditSettings
from services.common.audit import AuditTrail
from services.common.server import Handler, Process
from sotto.audit.v1 import audit_service_pb2_grpc as stubs


def build(settings: AuditSettings, process: Process) -> Sequence[Handler]:
    """Open the log and return the handlers over it; it is closed when the process exits.

    Raises LogDamaged when the log contradicts itself or a published checkpoint, LogUnavailable when
    it is in use or unreachable.
    """
    opened = open_log(settings)
    process.on_exit(opened.close)
    process.trail = AuditTrail(own_appender(opened.writer, settings.service))
    opened.start_witnessing(process.trail)
    query = AuditQueryHandlers(
        opened.log,
        process.trail,
        opened.refresh,
        opened.witnessed,
        lambda: read_statuses(opened.folder).values(),
    )
    upkeep = AuditUpkeepHandlers(
        opened.log,
        process.trail,
        opened.refresh,
        lambda: read_statuses(opened.folder).values(),
    )
    return [
        (
            stubs.add_AuditAppendServiceServicer_to_server,
            AuditAppendHandlers(opened.writer, process.trail),
        ),
        (stubs.add_AuditQueryServiceServicer_to_server, query),
        (stubs.add_AuditUpkeepServiceServicer_to_server, upkeep),
        (
            stubs.add_AuditCheckpointServiceServicer_to_server,
            AuditCheckpointHandlers(
                opened.log, opened.refresh, opened.witnessed, settings.hospital
            ),
        ),
        (
            stubs.add_AuditReviewServiceServicer_to_server,
            AuditReviewHandlers(opened.log, process.trail),
        ),
        (
            stubs.add_AuditScheduleServiceServicer_to_server,
            AuditScheduleHandlers(
                opened.log, process.trail, opened.open_copy, opened.folder, settings.hospital
            ),
        ),
    ]
