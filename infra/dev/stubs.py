# SPDX-License-Identifier: Apache-2.0
"""Make the Python stubs of all contracts beside their .proto files, or check that they fit."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import grpc_tools
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parents[2] / "protos"
_STUBS = ("*_pb2.py", "*_pb2.pyi", "*_pb2_grpc.py", "*_pb2_grpc.pyi")


def generate(target: Path) -> int:
    """Run protoc over every contract into `target`; the exit status is protoc's."""
    # protoc finds its plugin for typed gRPC stubs beside this interpreter.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    protos = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.proto"))
    services = [name for name in protos if name.endswith("_service.proto")]
    well_known = Path(grpc_tools.__file__).parent / "_proto"
    common = ["protoc", f"-I{ROOT}", f"-I{well_known}"]
    status = protoc.main([*common, f"--python_out={target}", f"--pyi_out={target}", *protos])
    grpc = [f"--grpc_python_out={target}", f"--mypy_grpc_out=quiet:{target}"]
    return int(status or protoc.main([*common, *grpc, *services]))


def drift() -> list[str]:
    """Names of stubs that are missing, foreign, or not what the contracts give."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        if generate(fresh) != 0:
            return ["protoc failed"]
        names = {
            str(path.relative_to(root))
            for root in (fresh, ROOT)
            for pattern in _STUBS
            for path in root.rglob(pattern)
        }
        return sorted(name for name in names if _read(fresh / name) != _read(ROOT / name))


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def main() -> int:
    """With `--check` compare; otherwise write."""
    if sys.argv[1:] != ["--check"]:
        return generate(ROOT)
    stale = drift()
    if stale:
        sys.stderr.write(f"stubs do not fit the contracts; run 'make stubs': {', '.join(stale)}\n")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
