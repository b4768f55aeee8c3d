# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from infra.dev import settings_docs
from services.common.settings import ServiceSettings

CLASSES = {
    "services.common.settings:ServiceSettings",
    "services.common.settings:SupervisorSettings",
    "services.audit.settings:AuditSettings",
    "services.storage.settings:StorageSettings",
    "services.transcription.settings:TranscriptionSettings",
    "services.deidentification.settings:DeidentificationSettings",
    "services.release.settings:ReleaseSettings",
    "services.console.settings:ConsoleSettings",
    "flows.settings:FlowSettings",
}


class TestSettingsDocs:
    def test_tables_are_what_the_settings_say(self) -> None:
        """The tables in docs/ are what `python -m infra.dev.settings_docs` writes."""
        assert settings_docs.stale() == []

    def test_every_class_has_its_table(self) -> None:
        """The settings of every process are on one page, and on one alone."""
        pages = [path.read_text("utf-8") for path in settings_docs.DOCS.glob("*.md")]
        found = [place for page in pages for place in settings_docs.places(page)]

        assert sorted(found) == sorted(CLASSES)

    def test_every_setting_is_described(self) -> None:
        """No field is without a description, common ones included."""
        for place in CLASSES:
            fields = settings_docs.load(place).model_fields
            assert [name for name, field in fields.items() if not field.description] == []

    def test_drift_is_seen(self) -> None:
        """A default or a description that changed makes the page stale."""
        table = settings_docs.table(ServiceSettings)
        mark = "<!-- settings: services.common.settings:ServiceSettings -->"
        page = f"{mark}\n{table}\n<!-- end of settings -->\n"

        assert settings_docs.written(page) == page
        assert settings_docs.written(page.replace("`16`", "`17`")) == page
