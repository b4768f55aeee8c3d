# SPDX-License-Identifier: Apache-2.0
"""Reading lists that a service gives page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar


class Page(Protocol):
    """An answer with the token of the next one."""

    @property
    def next_page_token(self) -> str:
        """Token to ask on with; empty on the last page."""
        ...


_P = TypeVar("_P", bound=Page)


def pages(fetch: Callable[[str], _P]) -> Iterator[_P]:
    """Yield all pages of a list; `fetch` takes the token of a page, empty for the first."""
    token = ""
    while True:
        page = fetch(token)
        yield page
        token = page.next_page_token
        if not token:
            return
