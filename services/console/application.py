# SPDX-License-Identifier: Apache-2.0
"""The application: the guard, the pages, and what is answered to errors."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI

from services.console.adapters.readings import Readings
from services.console.domain.handles import Handles
from services.console.pages import (
    copies,
    csp_report,
    custody,
    evidence,
    home,
    log,
    participants,
    policies,
    provider,
    quality,
    recipients,
    recordings,
    releases,
    retention,
    reveals,
    review,
    review_keys,
    review_steps,
    session,
    set_up,
    sign_in,
    static,
    step_up,
    studies,
    study_names,
    study_voices,
    system,
    upload,
    verification,
    watermark,
)
from services.console.web import error_pages
from services.console.web.console import Console
from services.console.web.guard import Guard

#: The pages. Each family has its row.
ROUTERS: tuple[APIRouter, ...] = (
    static.router,
    csp_report.router,
    sign_in.router,
    provider.router,
    set_up.router,
    step_up.router,
    session.router,
    home.router,
    watermark.router,
    log.router,
    participants.router,
    recipients.router,
    custody.router,
    verification.router,
    retention.router,
    evidence.router,
    policies.router,
    quality.router,
    reveals.router,
    recordings.router,
    upload.router,
    studies.router,
    study_names.router,
    study_voices.router,
    system.router,
    releases.router,
    copies.router,
    review_keys.router,
    review.router,
    review_steps.router,
)


def build(console: Console) -> FastAPI:
    """Make the application of these parts."""
    app = FastAPI(title="Sotto", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.console = console
    app.state.readings = Readings()
    app.state.handles = Handles(console.store)
    app.add_middleware(Guard, is_host=console.is_host)
    for router in ROUTERS:
        app.include_router(router)
    error_pages.install(app)
    return app
