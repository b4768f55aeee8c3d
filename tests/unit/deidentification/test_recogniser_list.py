# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib
import inspect
import pkgutil

from services.deidentification import recognisers
from services.deidentification.adapters.presidio import RECOGNISERS
from services.deidentification.recognisers.base import SottoRecognizer


class TestRecogniserList:
    def test_names_every_recogniser_of_the_package(self) -> None:
        """A recogniser that is not listed finds nothing, and nobody would notice."""
        modules = [
            importlib.import_module(f"{recognisers.__name__}.{one.name}")
            for one in pkgutil.iter_modules(recognisers.__path__)
        ]
        written = {
            kind
            for module in modules
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if issubclass(kind, SottoRecognizer)
        }
        bases = {base for kind in written for base in kind.__mro__[1:]}

        assert written - bases == set(RECOGNISERS)
