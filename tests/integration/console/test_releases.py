# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.registry.export_formats import ExportFormat, Style
from services.registry.identities import RESEARCHER, REVIEWER
from services.release.cli import trusted_keys, verify_folder
from tests.support.console import Desk, installed_desk
from tests.support.release_service import ReleaseDeployment
from tests.support.taking import FORM

STUDY = "console-releases"


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseDeployment]:
    """Audit, research storage and release, with a release of two interviews."""
    with ReleaseDeployment(tmp_path_factory.mktemp("home")).start() as started:
        started.create_study(STUDY)
        started.create_study("of-others", members={})
        started.approve(*(started.add_transcript(STUDY, code)[0] for code in ("P07", "P08")))
        started.build(STUDY)
        yield started


@pytest.fixture(scope="module")
def desk(deployment: ReleaseDeployment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A console on it; the researcher of the study has an account."""
    with installed_desk(tmp_path_factory.mktemp("desk"), deployment) as opened:
        opened.account("dr.lim", RESEARCHER, REVIEWER)
        opened.account("limited", RESEARCHER, studies=["another-study"])
        opened.account("stranger", RESEARCHER)
        yield opened


def path_of_release(desk: Desk) -> str:
    """Return the path of the one release, as the list has it."""
    found = re.findall(
        rf'href="(/releases/{STUDY}/rel-[a-z2-7]{{26}})"',
        desk.signed_in("dr.lim").get("/releases").text,
    )
    assert len(found) == 1
    return str(found[0])


class TestReleases:
    def test_first_page_tells_of_it(self, desk: Desk) -> None:
        """A researcher finds the newest release on the first page."""
        page = desk.signed_in("dr.lim").get("/").text
        assert path_of_release(desk) in page
        assert "with 2 transcripts in it" in page

    def test_own_studies_alone(self, desk: Desk) -> None:
        """The list has the studies that name the person as a researcher, and no other."""
        page = desk.signed_in("dr.lim").get("/releases").text
        assert STUDY in page
        assert "of-others" not in page

    def test_certificate_in_plain_words(self, desk: Desk) -> None:
        """The page says what the certificate states, checked by the key, in both languages."""
        browser = desk.signed_in("dr.lim")
        path = path_of_release(desk)
        page = browser.get(path).text
        assert "2 transcripts of 2 participants." in page
        assert "2 read and approved by a person: dr.lim." in page
        assert "signature good" in page
        browser.post("/language", data={"language": "ms", "to": "/"})
        assert "2 dibaca dan diluluskan oleh orang" in browser.get(path).text
        browser.post("/language", data={"language": "en", "to": "/"})

    @pytest.mark.parametrize("file_format", ExportFormat)
    @pytest.mark.parametrize("style", Style)
    def test_files_verify_offline(
        self,
        desk: Desk,
        deployment: ReleaseDeployment,
        tmp_path: Path,
        file_format: ExportFormat,
        style: Style,
    ) -> None:
        """Every form comes as an attachment that verifies, with the digests that were shown."""
        browser = desk.signed_in("dr.lim")
        path = path_of_release(desk)
        page = browser.get(path).text
        answer = browser.post(f"{path}/files", data={"take": f"{file_format}:{style}", **FORM})
        name = f"{path.rpartition('/')[2]}-{style.of(file_format)}.zip"

        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            archive.extractall(tmp_path / "files")
        found = verify_folder(tmp_path / "files", trusted_keys(None, deployment.root))
        assert found.formats == (style.of(file_format),)
        [transcript] = (tmp_path / "files").glob(f"P07_S1*.{file_format}")
        content = transcript.read_bytes()
        assert hashlib.sha256(content).hexdigest() in page

    def test_legend(self, desk: Desk) -> None:
        """The labels of the transcripts stand on a page, each with where it means the same."""
        browser = desk.signed_in("dr.lim")
        path = path_of_release(desk)
        assert f"{path}/legend" in browser.get(path).text
        page = browser.get(f"{path}/legend").text
        assert "[P07&#39;s brother]" in page
        assert "P07_S1" in page

    def test_terms_and_purpose(self, desk: Desk) -> None:
        """Without them the page comes again and says what is missing; what was typed stays."""
        browser = desk.signed_in("dr.lim")
        path = path_of_release(desk)
        unsaid = {**FORM, "take": "txt:verbatim", "purpose_text": "a reading group"}
        for missing, says in (("accepted", "tick that you accept"), ("purpose", "Say what you")):
            answer = browser.post(f"{path}/files", data={**unsaid, missing: ""})
            assert (answer.status_code, says in answer.text) == (409, True)
            assert "a reading group" in answer.text
        other = browser.post(f"{path}/files", data={**FORM, "take": "pdf:verbatim"})
        assert other.status_code == 400

    def test_public_key(self, desk: Desk, deployment: ReleaseDeployment) -> None:
        """The key that verifies comes from the page as well."""
        answer = desk.signed_in("dr.lim").get("/releases/key")
        assert answer.content == (deployment.root / "release" / "release-key.pem").read_bytes()

    @pytest.mark.parametrize("name", ["limited", "stranger"])
    def test_others_find_nothing(self, desk: Desk, name: str) -> None:
        """Who is no member, or whose account is for other studies, is told of none."""
        browser = desk.signed_in(name)
        path = path_of_release(desk)
        assert "You are a researcher of no study" in browser.get("/releases").text
        refused = browser.get(path)
        assert refused.status_code in {403, 404}
        taken = browser.post(f"{path}/files", data={"take": "txt:verbatim", **FORM})
        assert taken.status_code in {403, 404}
        assert b"PK" not in taken.content

    def test_limited_session_sees_what_a_missing_study_shows(self, desk: Desk) -> None:
        """A study outside of the session's answers like one that is not there."""
        browser = desk.signed_in("limited")
        path = path_of_release(desk)
        missing = path.replace(STUDY, "not-there")
        answers = [browser.get(one) for one in (path, missing)]
        assert [one.status_code for one in answers] == [404, 404]
        assert answers[0].text.replace(STUDY, "x") == answers[1].text.replace("not-there", "x")

    @pytest.mark.parametrize(
        "path", ["/releases/none/rel-x", "/releases/A%2F../rel-x", f"/releases/{STUDY}/rel-x"]
    )
    def test_no_such_release(self, desk: Desk, path: str) -> None:
        """What is no release is not there."""
        assert desk.signed_in("dr.lim").get(path).status_code == 404

    def test_other_role(self, desk: Desk) -> None:
        """Who is no researcher sees no release."""
        browser = desk.signed_in("siti", REVIEWER)
        assert browser.get("/releases").status_code == 403
