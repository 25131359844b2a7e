"""Reading articles: front matter, sections, languages, broken files, changes while running."""

import os
from pathlib import Path

import pytest
from frontdesk_knowledge.articles import ArticleError, parse_article, read_shelf
from frontdesk_knowledge.library import Catalogue, Library
from frontdesk_knowledge.markdown import excerpt, shorten, to_html
from hypothesis import given
from hypothesis import strategies as st


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_front_matter_and_sections() -> None:
    article = parse_article(
        "Billing & Co/Refunds.md",
        '---\ntitle: "Getting your money back"\nurl: https://help.example/refunds\ntags: [money, "pay back"]\n'
        "# a comment\ndraft: no\n---\n# Refunds\n\nWithin 14 days.\n\n## How\n\nPress *Refund*.\n\n"
        "```\n# not a heading\n```\n\n## How\n\nAgain.\n",
    )
    assert article.slug == "billing-co/refunds"
    assert article.title == "Getting your money back"
    assert article.url == "https://help.example/refunds"
    assert article.tags == ("money", "pay back")
    assert [(s.heading, s.anchor) for s in article.sections] == [("", ""), ("How", "how"), ("How", "how-2")]
    assert "# not a heading" in article.sections[1].text


@pytest.mark.parametrize(
    ("matter", "tags"), [("tags: a, b", ("a", "b")), ("tags:\n  - a\n  - b", ("a", "b")), ("tags: []", ())]
)
def test_tags_in_three_ways(matter: str, tags: tuple[str, ...]) -> None:
    assert parse_article("a.md", f"---\n{matter}\n---\nText").tags == tags


def test_the_title_is_the_heading_or_else_the_file_name() -> None:
    assert parse_article("a.md", "# Of *lanterns*\n\nText").title == "Of lanterns"
    assert parse_article("how-to_pay.md", "Text").title == "How to pay"
    assert parse_article("a.md", "Text\n\n# Later").title == "A"


def test_the_language_comes_from_front_matter_then_folder_then_settings() -> None:
    assert parse_article("fa/a.md", "متن").language == "fa"
    assert parse_article("fa/a.md", "---\nlanguage: de\n---\nText").language == "de"
    assert parse_article("a.md", "Text", "de").language == "de"
    assert parse_article("fa/a.md", "متن").topic == parse_article("a.md", "Text").topic == "a"
    assert parse_article("faq/a.md", "Text").topic == "faq/a"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("---\ntitle: x\n", "no second ---"),
        ("---\nnonsense\n---\nText", "Line 2"),
        ("---\nurl: javascript:alert(1)\n---\nText", "must begin with https"),
        ("", "no text"),
        ("---\ntitle: x\n---\n  \n", "no text"),
    ],
)
def test_a_broken_file_is_named_and_the_others_are_read(tmp_path: Path, text: str, part: str) -> None:
    write(tmp_path, "broken.md", text)
    write(tmp_path, "good.md", "Text")
    shelf = read_shelf(tmp_path, "en")
    assert [document.slug for document in shelf.documents] == ["good"]
    assert [one.file for one in shelf.unreadable] == ["broken.md"]
    assert part in shelf.unreadable[0].reason


def test_files_that_are_no_articles(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    write(folder, "good.md", "Text")
    write(folder, ".hidden/secret.md", "Secret")
    write(folder, "_drafts/draft.md", "Draft")
    write(folder, "picture.png", "x")
    (folder / "latin.md").write_bytes(b"\xff\xfe caf\xe9")
    write(folder, "Good.MD.md", "Another")
    outside = write(tmp_path, "outside.md", "Outside")
    (folder / "link.md").symlink_to(outside)
    write(folder, "huge.md", "x" * 1_000_001)
    shelf = read_shelf(folder, "en")
    assert [document.slug for document in shelf.documents] == ["good", "good-md"]
    assert {one.file: one.reason.split(" (")[0] for one in shelf.unreadable} == {
        "latin.md": "It is not UTF-8 text",
        "huge.md": "It is larger than 1,000,000 bytes.",
    }


def test_two_files_with_one_address_are_told(tmp_path: Path) -> None:
    write(tmp_path, "how to.md", "One")
    write(tmp_path, "how-to.md", "Two")
    shelf = read_shelf(tmp_path, "en")
    assert len(shelf.documents) == 1
    assert "same address" in shelf.unreadable[0].reason


async def test_changes_are_seen_and_a_folder_that_goes_away_keeps_its_articles(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    path = write(folder, "a.md", "Lanterns are bright.")
    library = Library(folder, "en")
    assert await library.refresh()
    assert not await library.refresh()
    path.write_text("Quests are long.", encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert await library.refresh()
    assert [found.document.slug for found in library.catalogue.search("quest", "en", 3)] == ["a"]
    assert library.catalogue.search("lantern", "en", 3) == []
    write(folder, "b.md", "Second")
    assert await library.refresh()
    assert len(library) == 2
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(ArticleError, match="is not there"):
        await library.refresh()
    assert len(library) == 2


def test_own_language_first_and_one_of_several_translations(tmp_path: Path) -> None:
    write(tmp_path, "refund.md", "# Refund in the shop\n\nMoney back.")
    write(tmp_path, "de/refund.md", "# Refund im Shop\n\nGeld zurück.")
    write(tmp_path, "fa/refund.md", "# بازپرداخت\n\nپول شما بازمی‌گردد.")
    catalogue = Catalogue(read_shelf(tmp_path, "en"))
    assert [f.document.slug for f in catalogue.search("refund shop", "de", 5)] == ["de/refund"]
    assert [f.document.slug for f in catalogue.search("refund shop", "en", 5)] == ["refund"]
    assert [f.document.slug for f in catalogue.search("بازپرداخت", "en", 5)] == ["fa/refund"]
    assert [d.slug for d in catalogue.titles("refund", "de", 5)] == ["de/refund", "refund"]


def test_html_of_the_author_stays_text() -> None:
    html = to_html(
        "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)> [x](javascript:alert(1)) {{ 7 * 7 }}\n\n"
        "![lamp](https://elsewhere.example/lamp.png) [next](next.md#top)",
        lambda address: f"/knowledge/{address}",
    )
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert "{{ 7 * 7 }}" in html
    assert "lamp" in html
    assert 'href="/knowledge/next.md#top"' in html


def test_an_excerpt_begins_where_it_fits_and_reads_well_in_discord() -> None:
    text = (
        "Intro " * 60
        + "\n\n![x](y.png)\n\nFor a refund:\n\n1. Open *orders*\n2. Press [Refund](r.md)\n\n"
        + "End " * 90
    )
    shown = excerpt(text, 200, lambda block: block.count("Press"))
    assert shown.startswith("For a refund:\n\n1. Open *orders*\n2. Press Refund")
    table = excerpt("| a | b |\n|---|---|\n| 1 | 2 |\n\n" + "x " * 100, 150, lambda block: -len(block))
    assert table == "- a — b\n- 1 — 2"


@given(st.text(alphabet="ab .`\n", max_size=400), st.integers(20, 100))
def test_shortening_keeps_to_the_limit_and_leaves_no_code_open(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert text.count("```") % 2 or short.count("```") % 2 == 0
