# SPDX-License-Identifier: Apache-2.0
"""Make the Python stubs of all contracts, beside their .proto files."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[2] / "protos"


def main() -> int:
    """Run protoc over every contract; the exit status is protoc's."""
    # protoc finds its plugin for typed gRPC stubs beside this interpreter.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    protos = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.proto"))
    services = [name for name in protos if name.endswith("_service.proto")]
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    common = ["protoc", f"-I{ROOT}", f"-I{well_known}"]
    status = protoc.main([*common, f"--python_out={ROOT}", f"--pyi_out={ROOT}", *protos])
    return int(
        status
        or protoc.main([*common, f"--grpc_python_out={ROOT}", f"--mypy_grpc_out={ROOT}", *services])
    )


if __name__ == "__main__":
    sys.exit(main())
