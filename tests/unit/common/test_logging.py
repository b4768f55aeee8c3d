# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import io
import logging
import string
import subprocess
import sys
import textwrap
import warnings

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.common import context
from services.common import logging as ours
from services.common.errors import Corrupted
from tests.support.captured_log import CapturedLog

SECRET = "Puan Halimah binti Osman"

# Marked, so that it cannot be found by chance in a record's own words.
secrets = st.text(min_size=1, max_size=60).map(lambda text: f"\u2603{text}\u2603")
names = st.text(string.ascii_lowercase + "_", min_size=1, max_size=20)
with_log = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def _shows(log: CapturedLog, secret: str) -> bool:
    # The snowman is written as an escape by JSON and as itself by anything else.
    return "\u2603" in log.text or "\\u2603" in log.text or secret in log.text


class TestOurRecords:
    def test_record_is_one_line_of_json(self, log: CapturedLog) -> None:
        """A record is one line of JSON with event, level, time, service and its own keys."""
        structlog.get_logger().info("service_started", port=4711, zone="clin\nical")

        assert len(log.lines) == 1
        assert log.last["event"] == "service_started"
        assert log.last["level"] == "info"
        assert log.last["service"] == "test"
        assert log.last["port"] == 4711
        assert log.last["timestamp"].endswith("Z")

    def test_call_context_ties_records_together(self, log: CapturedLog) -> None:
        """Records made during a call carry its request id, and others do not make one up."""
        structlog.get_logger().info("outside")
        with context.acting(request_id="r-7"):
            structlog.get_logger().info("inside")

        assert "request_id" not in log.records[0]
        assert log.records[1]["request_id"] == "r-7"

    def test_keys_beyond_the_list_are_dropped_and_counted(self, log: CapturedLog) -> None:
        """A key that is not on the list is left out, and the record says how many were."""
        structlog.get_logger().info("heard", text=SECRET, words=3, transcript=SECRET)

        assert SECRET not in log.text
        assert log.last["dropped"] == 2
        assert log.last["words"] == 3

    @given(key=names.filter(lambda key: key not in ours.ALLOWED_KEYS), secret=secrets)
    @with_log
    def test_no_other_key_reaches_the_stream(self, log: CapturedLog, key: str, secret: str) -> None:
        """Whatever is put under a key that is not on the list, it is not written."""
        log.clear()
        structlog.get_logger().warning("heard", **{key: secret})

        assert len(log.records) == 1
        assert not _shows(log, secret)

    @pytest.mark.parametrize(
        "event", [SECRET, f"heard {SECRET}", "Heard", "library: " + SECRET, "heard: x", ""]
    )
    def test_event_that_is_no_name_is_withheld(self, log: CapturedLog, event: str) -> None:
        """An event is a name in snake_case; a sentence in its place is withheld."""
        structlog.get_logger().info(event)

        assert log.last["event"] == "event_name_withheld"
        assert SECRET not in log.text

    def test_positional_arguments_are_dropped(self, log: CapturedLog) -> None:
        """Text that is formatted into an event does not get through."""
        structlog.get_logger().info("heard %s", SECRET)

        assert SECRET not in log.text

    def test_long_values_are_cut(self, log: CapturedLog) -> None:
        """No value is longer than 200 characters, so that a transcript never fits."""
        structlog.get_logger().info("heard", reason="x" * 5000, counts={"a" * 500: "y" * 5000})

        assert len(log.last["reason"]) == 200
        ((key, value),) = log.last["counts"].items()
        assert len(key) == 64
        assert len(value) == 200

    @given(value=st.one_of(st.floats(), st.binary(max_size=9), st.text(max_size=9), st.none()))
    @with_log
    def test_any_value_ends_as_one_line_of_json(self, log: CapturedLog, value: object) -> None:
        """Whatever the value of an allowed key is, the line is strict JSON."""
        log.clear()
        structlog.get_logger().info("measured", rate=value, counts={"one": [value]})

        assert len(log.records) == 1

    def test_level_below_the_setting_is_not_written(self, log: CapturedLog) -> None:
        """The least level of the settings holds for our records."""
        ours.configure("test", level="warning", stream=log.stream)

        structlog.get_logger().info("quiet")
        structlog.get_logger().warning("loud")

        assert [record["event"] for record in log.records] == ["loud"]


class TestExceptions:
    def test_types_and_places_without_text(self, log: CapturedLog) -> None:
        """An exception is written as its type and place; its text is not."""
        try:
            raise ValueError(SECRET)
        except ValueError:
            structlog.get_logger().exception("failed")

        assert SECRET not in log.text
        assert log.last["exception"].startswith("ValueError at ")
        assert "test_logging.py" in log.last["exception"]

    def test_causes_are_shown_without_text(self, log: CapturedLog) -> None:
        """The chain of causes is written the same way."""
        try:
            try:
                raise KeyError(SECRET)
            except KeyError as error:
                raise RuntimeError(SECRET) from error
        except RuntimeError as error:
            structlog.get_logger().error("failed", exc_info=error)

        assert SECRET not in log.text
        assert "RuntimeError" in log.last["exception"]
        assert "caused by KeyError" in log.last["exception"]

    def test_our_own_errors_keep_their_message(self, log: CapturedLog) -> None:
        """Our messages hold ids only, so they are written."""
        structlog.get_logger().error("failed", exc_info=Corrupted("object rec-1 is damaged"))

        assert "Corrupted (object rec-1 is damaged)" in log.last["exception"]

    def test_number_of_an_os_error_is_kept(self, log: CapturedLog) -> None:
        """The number of an operating system error is written, the file's name is not."""
        structlog.get_logger().error("failed", exc_info=OSError(28, "full", f"/in/{SECRET}.wav"))

        assert "(errno 28)" in log.last["exception"]
        assert SECRET not in log.text

    def test_text_given_as_exception_is_dropped(self, log: CapturedLog) -> None:
        """The text of an error cannot be logged under the key that describes errors."""
        structlog.get_logger().error("failed", exception=str(ValueError(SECRET)))

        assert SECRET not in log.text

    def test_local_variables_stay_out(self, log: CapturedLog) -> None:
        """Neither stacks nor the lines of the source are written."""
        structlog.get_logger().error("failed", stack_info=True)

        assert "stack" not in log.last
        assert "get_logger" not in log.text


class TestForeignRecords:
    def test_template_is_kept_and_arguments_are_not(self, log: CapturedLog) -> None:
        """Of a library's record what its authors wrote stays, what was put in goes."""
        logging.getLogger("somelibrary.engine").warning("found %s at %d", SECRET, 4)

        assert SECRET not in log.text
        assert log.last["event"] == "library: found %s at %d"
        assert log.last["logger"] == "somelibrary.engine"
        assert log.last["level"] == "warning"

    def test_ready_made_text_is_withheld(self, log: CapturedLog) -> None:
        """A record without arguments may be all content, so its text is withheld."""
        logging.getLogger("somelibrary").error(f"found {SECRET}")

        assert SECRET not in log.text
        assert log.last["event"] == "library: text withheld"

    def test_handler_of_a_library_is_taken_away(self, log: CapturedLog) -> None:
        """A logger that a library gave a handler of its own writes nothing past the formatter."""
        past = io.StringIO()
        logger = logging.getLogger("somelibrary._internal")
        logger.addHandler(logging.StreamHandler(past))
        logger.propagate = False
        ours.configure("test", stream=log.stream)

        logger.error("failed to process %r", SECRET)

        assert past.getvalue() == ""
        assert SECRET not in log.text
        assert log.last["event"] == "library: failed to process %r"

    def test_record_whose_arguments_do_not_fit(self, log: CapturedLog) -> None:
        """A library's own mistake in logging does not print its arguments."""
        log.without_pytest()
        logging.getLogger("somelibrary").error("%d of %d", SECRET)  # noqa: PLE1206 - the point

        assert SECRET not in log.text
        assert log.last["event"] == "library: %d of %d"

    def test_object_that_cannot_be_printed(self, log: CapturedLog) -> None:
        """A message that fails when it is turned into text leaves one record and no traceback."""

        class Awkward:
            def __str__(self) -> str:
                raise ValueError(SECRET)

        log.without_pytest()
        logging.getLogger("somelibrary").error(Awkward())

        assert SECRET not in log.text
        assert len(log.records) == 1

    def test_exception_without_text(self, log: CapturedLog) -> None:
        """A library's exception is described like one of ours."""
        try:
            raise ValueError(SECRET)
        except ValueError:
            logging.getLogger("somelibrary").exception("it broke: %s", SECRET)

        assert SECRET not in log.text
        assert "ValueError at" in log.last["exception"]

    def test_warnings_without_text(self, log: CapturedLog) -> None:
        """Python's own warnings go the same way."""
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            logging.captureWarnings(True)
            warnings.warn(SECRET, stacklevel=1)

        assert SECRET not in log.text
        assert log.last["logger"] == "py.warnings"

    def test_standard_logging_of_ours_needs_an_event_name(self, log: CapturedLog) -> None:
        """A record of our own modules through the standard library is held to the same rule."""
        logging.getLogger("services.audit").warning(f"saw {SECRET}")
        logging.getLogger("services.audit").warning("log_opened")

        assert SECRET not in log.text
        assert [one["event"] for one in log.records] == ["event_name_withheld", "log_opened"]

    @given(
        secret=secrets,
        name=st.sampled_from(["lib", "lib.part", "py.warnings", "lib.part.runs", "root"]),
        level=st.sampled_from([logging.DEBUG, logging.INFO, logging.ERROR]),
        shape=st.sampled_from(["argument", "mapping", "text", "object", "extra", "error", "stack"]),
    )
    @with_log
    def test_nothing_put_into_a_record_reaches_the_stream(
        self, log: CapturedLog, secret: str, name: str, level: int, shape: str
    ) -> None:
        """Arguments, ready-made texts, objects, extra fields and errors never reach the stream."""
        log.clear()
        foreign = logging.getLogger(name)
        match shape:
            case "argument":
                foreign.log(level, "one %s", secret)
            case "mapping":
                foreign.log(level, "one %(key)s", {"key": secret})
            case "text":
                foreign.log(level, secret)
            case "object":
                foreign.log(level, [secret])
            case "extra":
                foreign.log(level, "one", extra={"detail": secret, "_detail": secret})
            case "error":
                foreign.log(level, "one %d", 1, exc_info=ValueError(secret))
            case _:
                foreign.log(level, secret, stack_info=True)

        assert len(log.records) == 1
        assert not _shows(log, secret)


class TestUncaught:
    def test_uncaught_errors_become_records(self) -> None:
        """An error that nobody catches, in a thread or at the end, is a record without its text."""
        script = textwrap.dedent(
            """
            import threading
            from services.common import logging

            class Fails:
                def __del__(self):
                    raise KeyError("Puan Halimah")

            def fail():
                raise ValueError("Puan Halimah")

            logging.configure("test")
            logging.withhold_tracebacks()
            thread = threading.Thread(target=fail)
            thread.start()
            thread.join()
            Fails()
            fail()
            """
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False
        )

        assert done.returncode == 1
        assert "Halimah" not in done.stderr
        records = CapturedLog()
        records.stream.write(done.stderr)
        assert [one["event"] for one in records.records] == ["uncaught_error"] * 3
        assert [one["exception"].split()[0] for one in records.records] == [
            "ValueError",
            "KeyError",
            "ValueError",
        ]
