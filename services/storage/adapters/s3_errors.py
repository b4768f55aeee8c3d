# SPDX-License-Identifier: Apache-2.0
"""What an S3 server or the way to it answers, as errors of ours: codes only, no texts."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import urllib3
from minio.error import MinioException, S3Error, ServerError

from services.storage.errors import ObjectExists, ObjectMissing, StoreOutOfSpace, StoreUnavailable

_FULL = {
    "XMinioStorageFull",
    "QuotaExceeded",
    "XMinioAdminBucketQuotaExceeded",
    "InsufficientStorage",
    "InsufficientCapacity",
    "EntityTooLarge",
}
_CREDENTIALS = {
    "AccessDenied",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "InvalidToken",
    "AllAccessDisabled",
}
_EXISTS = {"PreconditionFailed", "ConditionalRequestConflict", "OperationAborted"}
_INSUFFICIENT_STORAGE = 507


@contextlib.contextmanager
def translated(name: str = "") -> Iterator[None]:
    """Raise ours for what the SDK raises; `name` is the object that is spoken of."""
    try:
        yield
    except S3Error as error:
        raise _of_code(error.code or "", name) from None
    except ServerError as error:
        if error.status_code == _INSUFFICIENT_STORAGE:
            raise _full() from None
        raise StoreUnavailable(
            f"the S3 server failed with status {error.status_code}: look at the server, try again"
        ) from None
    except (urllib3.exceptions.MaxRetryError, urllib3.exceptions.TimeoutError, ConnectionError):
        raise StoreUnavailable(
            "the S3 server cannot be reached: see that it runs, and the endpoint in the settings"
        ) from None
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise StoreUnavailable(
            f"the S3 server does not answer as it should ({type(error).__name__}): look at the "
            "server and at the endpoint in the settings"
        ) from None


def _of_code(code: str, name: str) -> Exception:
    if code in {"NoSuchKey", "NoSuchVersion", "NoSuchObject"}:
        return ObjectMissing(f"there is no object {name}")
    if code in _EXISTS:
        return ObjectExists(f"object {name} was written before")
    if code in _FULL:
        return _full()
    if code in _CREDENTIALS:
        return StoreUnavailable(
            f"the S3 server refuses the credentials ({code}): look at the credential file and the "
            "policy of the zone's account",
            reason="store_credentials",
        )
    if code == "NoSuchBucket":
        return StoreUnavailable(
            "the S3 bucket is missing: create it, or name another one in the settings",
            reason="store_bucket",
        )
    if code == "RequestTimeTooSkewed":
        return StoreUnavailable(
            "the clocks of this machine and the S3 server differ too much: set both by NTP",
            reason="store_clock",
        )
    if code == "InvalidRange":
        return StoreUnavailable("the S3 server has nothing in this range", reason="store_range")
    return StoreUnavailable(f"the S3 server answered {code[:40]}: look at the server, try again")


def _full() -> StoreOutOfSpace:
    return StoreOutOfSpace("the S3 server has no space left: free space or add disks")
