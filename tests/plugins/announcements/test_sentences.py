"""The three small plugins say the same things in every language."""

from pathlib import Path

import frontdesk_announcements
import frontdesk_bug_report
import frontdesk_feature_request
import pytest
from frontdesk.catalogs import command_text_problem, read_catalog

PACKAGES = (frontdesk_announcements, frontdesk_bug_report, frontdesk_feature_request)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
@pytest.mark.parametrize("language", ["fa", "de"])
def test_no_sentence_is_missing(package: object, language: str) -> None:
    folder = Path(str(package.__file__)).parent / "locales"  # type: ignore[attr-defined]  # a module
    english, other = read_catalog(folder / "en.po"), read_catalog(folder / f"{language}.po")
    assert english.keys() == other.keys()
    for name, sentence in english.items():
        assert sentence.placeholders == other[name].placeholders, name
        for each in (sentence, other[name]):
            assert not command_text_problem(name, each.fill({})) if name.startswith("command.") else True


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
@pytest.mark.parametrize("language", ["en", "fa", "de"])
def test_labels_fit_into_discords_forms(package: object, language: str) -> None:
    folder = Path(str(package.__file__)).parent / "locales"  # type: ignore[attr-defined]  # a module
    for name, sentence in read_catalog(folder / f"{language}.po").items():
        if name.startswith(("form.", "modal.")):
            limit = 100 if name.endswith("-hint") else 45
            assert 1 <= len(sentence.fill({})) <= limit, name
