# SPDX-License-Identifier: Apache-2.0
"""Objects in a bucket of any S3 server that knows conditional writes.

The S3 API is the contract, not one server: `self_test` tries what is relied on, and the service
does not start on a server that ignores it.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
import urllib3
from minio.commonconfig import GOVERNANCE
from minio.error import S3Error

from services.common.errors import WrongUse
from services.common.s3_client import S3Connection, connect, is_exposed
from services.storage.adapters.s3_errors import translated
from services.storage.adapters.s3_options import S3Options
from services.storage.adapters.s3_sdk import Body, Client, Headers
from services.storage.adapters.s3_transfer import Download, Upload
from services.storage.domain.ports import SELF_TEST, Capabilities, ObjectInfo, ObjectLock, Page
from services.storage.errors import (
    ContractViolation,
    ObjectExists,
    ObjectMissing,
    Retained,
    StoreUnavailable,
)

_log = structlog.get_logger(__name__)

_STALE = timedelta(hours=24)
_MOST_PROBES = 4
# What servers answer that do not know a question, or whose bucket has no lock.
_UNKNOWN = {"NotImplemented", "MethodNotAllowed", "XNotImplemented", "UnsupportedOperation"}
_NO_LOCK = {
    "ObjectLockConfigurationNotFoundError",
    "ObjectLockConfigurationNotFound",
    "NoSuchObjectLockConfiguration",
    "InvalidRequest",
    "InvalidBucketState",
}


class S3Backend:
    """An `ObjectBackend` on an S3 bucket."""

    def __init__(self, options: S3Options) -> None:
        self._options = options
        self._bucket = options.bucket
        self._client = _client(options)
        self._versions = True  # until the bucket says otherwise
        self._lock = False

    def stage(self, name: str) -> Upload:
        """Begin an object."""
        headers: Headers = {}
        if self._lock and self._options.lock_days:
            until = datetime.now(UTC) + timedelta(days=self._options.lock_days)
            headers["x-amz-object-lock-mode"] = GOVERNANCE
            headers["x-amz-object-lock-retain-until-date"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        return Upload(self._client, self._bucket, self._key(name), headers)

    def open(self, name: str, offset: int = 0) -> Download:
        """Open an object."""
        return Download(self._client, self._bucket, self._key(name), offset)

    def stat(self, name: str) -> ObjectInfo | None:
        """Request an object's head."""
        with contextlib.suppress(ObjectMissing), translated(name):
            found = self._client.stat_object(self._bucket, self._key(name))
            return ObjectInfo(name, int(found.size or 0))
        return None

    def list(self, prefix: str, after: str = "", limit: int = 1000) -> Page:
        """List in the server's order, which is that of bytes."""
        behind = self._key(after) if after else ""
        with translated():
            objects = tuple(
                ObjectInfo(key.removeprefix(self._options.prefix), size)
                for key, size in self._client.page(self._bucket, self._key(prefix), behind, limit)
            )
        return Page(objects, objects[-1].name if len(objects) == limit else "")

    def delete(self, name: str, *, shred: bool = False) -> bool:
        """Delete an object with all its versions and markers.

        Where the bucket had no versions at the start, `shred` looks for them all the same: somebody
        may have switched them on since.
        """
        key = self._key(name)
        with translated(name):
            if not self._versions and not shred:
                found = self.stat(name) is not None
                self._client.remove_object(self._bucket, key)
                return found
            found = False
            for version, marker in self._all_versions(key):
                found = found or not marker
                # Another process may be deleting it, too.
                with contextlib.suppress(ObjectMissing), translated(name):
                    self._delete_version(key, version)
            return found

    def lock_of(self, name: str) -> ObjectLock | None:
        """Return the lock that keeps a version longest."""
        if not self._lock:
            return None
        key = self._key(name)
        ends: list[datetime] = []
        with translated(name):
            versions = [version for version, marker in self._all_versions(key) if not marker]
        for version in versions:
            try:
                self._refuse_locked(key, version)
            except Retained as error:
                if error.until is None:
                    return ObjectLock()
                ends.append(error.until)
        return ObjectLock(max(ends)) if ends else None

    def sweep(self) -> int:
        """Abort uploads that began more than a day ago; younger ones may have a living writer."""
        count = 0
        border = datetime.now(UTC) - _STALE
        with translated():
            for name, upload_id, begun in self._client.uploads(self._bucket):
                if begun < border and name.startswith(self._options.prefix):
                    count += self._abort(name, upload_id)
        if count:
            _log.info("uploads_swept", count=count)
        return count

    def _abort(self, key: str, upload_id: str) -> bool:
        """Abort an upload; return False where another process aborted it meanwhile."""
        try:
            self._client.abort_upload(self._bucket, key, upload_id)
        except S3Error as error:
            if error.code != "NoSuchUpload":
                raise
            return False
        return True

    def self_test(self) -> Capabilities:
        """Try what is relied on: conditional writes, whole and multipart, listing, deletion."""
        try:
            self._look_at_bucket()
        except StoreUnavailable as error:
            if error.reason != "store_bucket":
                raise
            raise StoreUnavailable(
                f"S3 bucket {self._bucket} is missing: create it, or name another one in the "
                "settings",
                reason=error.reason,
            ) from None
        self._choose_checksum()
        self._patiently(lambda: self._try_once_only(multipart=False))
        if not self._options.shreds:  # records of keys are far smaller than a part
            self._patiently(lambda: self._try_once_only(multipart=True))
        if self._options.shreds:
            self._try_shredding()
        return Capabilities("S3 bucket", versioning=self._versions, object_lock=self._lock)

    def _look_at_bucket(self) -> None:
        with translated():
            try:
                # A bucket that was never versioned has no status; a suspended one may hold some.
                status = self._client.get_bucket_versioning(self._bucket).status
            except S3Error as error:
                if error.code not in _UNKNOWN:
                    raise
                status = None
            self._versions = status in {"Enabled", "Suspended"}
            try:
                self._client.get_object_lock_config(self._bucket)
            except S3Error as error:
                if error.code not in _UNKNOWN | _NO_LOCK:
                    raise
            except ValueError:
                self._lock = True  # the SDK fails to read a lock without default retention
            else:
                self._lock = True
        if self._options.lock_days and not self._lock and not self._options.lock_optional:
            raise ContractViolation(
                f"bucket {self._bucket} has no object lock, which s3_lock_days asks for: create it "
                "with object lock, or allow to go without by s3_lock_optional"
            )

        if self._options.shreds and self._lock:
            raise ContractViolation(
                f"bucket {self._bucket} has object lock, so that it may keep keys that were "
                "destroyed: create one without object lock for the keys"
            )

    def _choose_checksum(self) -> None:
        """Choose the cheap one where the server checks it and no other write can intervene."""
        if is_exposed(self._options.endpoint):
            return  # the signature must cover the bytes
        name = _probe_name()
        with translated(name):
            self._client.crc = self._client.refuses_wrong_crc(self._bucket, self._key(name))
        if not self._client.crc:
            with contextlib.suppress(StoreUnavailable, Retained):
                self.delete(name)

    def _patiently(self, attempt: Callable[[], None]) -> None:
        """Try again where the server fails: another process may be testing it at the same moment.

        VersityGW fails when one empties the folder in which another one begins an upload.
        """
        for number in range(1, _MOST_PROBES):
            try:
                attempt()
            except StoreUnavailable:
                time.sleep(0.1 * number)
            else:
                return
        attempt()

    def _try_once_only(self, *, multipart: bool) -> None:
        name = _probe_name()
        try:
            self._probe(name, multipart=multipart)
            if [info.name for info in self.list(name).objects] != [name]:
                raise ContractViolation(f"bucket {self._bucket} does not list what was written")
            try:
                self._probe(name, multipart=multipart)
            except ObjectExists:
                return
            raise ContractViolation(
                f"bucket {self._bucket} allows an object to be written twice: its server ignores "
                f"If-None-Match{' on multipart uploads' if multipart else ''}; use one that knows "
                "conditional writes"
            )
        finally:
            with contextlib.suppress(StoreUnavailable, Retained):
                self.delete(name)

    def _try_shredding(self) -> None:
        """Refuse a bucket in which anything stays of what was deleted."""
        name = _probe_name()
        self._probe(name, multipart=False)
        kept: object = "it is still there"
        try:
            self.delete(name, shred=True)
            with translated(name):
                left = self._all_versions(self._key(name))
            if not left and self.stat(name) is None:
                return
        except (Retained, StoreUnavailable) as error:
            kept = error
        raise ContractViolation(
            f"bucket {self._bucket} keeps what was deleted ({kept}), so that no key could be "
            "destroyed: let the zone's account delete all versions, or name another bucket"
        )

    def _key(self, name: str) -> str:
        return self._options.prefix + name

    def _probe(self, name: str, *, multipart: bool) -> None:
        upload = Upload(self._client, self._bucket, self._key(name), {})
        try:
            if multipart:
                upload.send(Body([b"probe"]))
            else:
                upload.write(b"probe")
            upload.commit()
        finally:
            upload.abort()

    def _all_versions(self, key: str) -> Sequence[tuple[str, bool]]:
        """Return the ids of all versions, and whether each is a delete marker."""
        try:
            return self._client.versions(self._bucket, key)
        except S3Error as error:
            if self._versions or error.code not in _UNKNOWN:
                raise
            # A server without versions: there is the object, or nothing.
            with contextlib.suppress(ObjectMissing), translated(key):
                self._client.stat_object(self._bucket, key)
                return [("null", False)]
            return []

    def _delete_version(self, key: str, version: str) -> None:
        # Asked before, since servers differ in what they answer to a deletion that a lock forbids,
        # and some allow it to administrators.
        if self._lock:
            self._refuse_locked(key, version)
        self._client.remove_object(self._bucket, key, version_id=version)

    def _refuse_locked(self, key: str, version: str) -> None:
        until = None
        held = False
        with contextlib.suppress(S3Error):
            held = self._client.is_object_legal_hold_enabled(self._bucket, key, version)
        with contextlib.suppress(S3Error):
            retention = self._client.get_object_retention(self._bucket, key, version)
            until = retention.retain_until_date if retention is not None else None
        if held:
            raise Retained(f"object {key} is under legal hold")
        if until is not None and until > datetime.now(UTC):
            raise Retained(f"object {key} is retained until {until:%Y-%m-%d}", until=until)


def _probe_name() -> str:
    return f"{SELF_TEST}{secrets.token_hex(8)}/probe"


def _client(options: S3Options) -> Client:
    connection = S3Connection(
        options.endpoint, options.credentials, options.region, options.ca, options.plain_http
    )
    retry = urllib3.Retry(
        total=3, backoff_factor=0.3, status_forcelist=[500, 502, 503, 504], raise_on_status=False
    )
    try:
        return connect(Client, connection, read_seconds=options.timeout_s, retry=retry)
    except WrongUse as error:
        raise ContractViolation(error.message) from None
