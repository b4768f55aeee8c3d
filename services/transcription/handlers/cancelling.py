# SPDX-License-Identifier: Apache-2.0
"""Ends work whose caller has left."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from services.common.errors import Cancelled


def check_of(context: grpc.ServicerContext) -> Callable[[], None]:
    """Return what raises `Cancelled` once the caller of a call has left."""

    def check_cancelled() -> None:
        if not context.is_active():
            raise Cancelled(
                "The call was cancelled or its deadline passed; "
                "what was stored is kept for the next try."
            )

    return check_cancelled
