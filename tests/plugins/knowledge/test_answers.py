"""Answers through the hooks, the pages, and what an owner is told about the folder."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from frontdesk import CheckState, Person, Question, StartError, Store, answer_question, suggest_articles
from frontdesk.hookspecs import register_checks
from frontdesk_knowledge import Knowledge
from frontdesk_knowledge.smalltalk import SmallTalk, small_talk

from tests.plugins.served import PUBLIC, Served, serve

MINA = Person(7, 9, "Mina")
OTHER = Person(7, 10, "Mina")
ARTICLES = {
    "lantern.md": "---\ntags: [lost]\n---\n# Finding a lost lantern\n\nLanterns never vanish for good.\n\n"
    "## In the chest\n\nOpen the **grey chest** beside the gate.\n\nSee [refunds](billing/refunds.md).",
    "billing/refunds.md": "# Refunds\n\nYou can return a purchase within 14 days. "
    "<b>No</b> {{ 7 * 191 }} <script>x</script>",
    "fa/lantern.md": "# پیدا کردن فانوس\n\nصندوق خاکستری کنار دروازه را باز کنید.",
    "elsewhere.md": "---\nurl: https://wiki.example/dyes\n---\n# Dye a cloak\n\nMix petals and water.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in ARTICLES.items():
        path = tmp_path / "articles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "others").mkdir()
    (tmp_path / "others" / "broom.md").write_text("# Fly a broom\n\nSit down and say up.", encoding="utf-8")
    return tmp_path


def knowledge(folder: Path, **settings: Any) -> Any:
    store = Store(f"sqlite:///{folder}/unused.db")
    return serve("knowledge", Knowledge, store, folder, settings, servers={10: {"articles": "others"}})


@pytest.fixture
async def desk(folder: Path) -> AsyncIterator[Served]:
    async with knowledge(folder) as served:
        yield served


async def ask(desk: Served, text: str, *, person: Person = MINA, language: str = "en") -> Any:
    return await desk.hooks.first(answer_question, question=Question(text, person, language))


async def test_a_question_is_answered_with_the_fitting_passage_and_its_address(desk: Served) -> None:
    answer = await ask(desk, "my lantern is lost, is it in the chest?")
    assert answer.confident
    address = f"{PUBLIC}/knowledge/lantern#in-the-chest"
    assert answer.text.startswith(f"Here is what I found in **[Finding a lost lantern](<{address}>)**:\n\n")
    assert "**grey chest**" in answer.text
    best = answer.articles[0]
    assert (best.id, best.title) == ("lantern", "Finding a lost lantern")
    assert best.url == address
    assert 0.45 <= best.score <= 1


async def test_further_articles_are_named_with_their_addresses(desk: Served) -> None:
    answer = await ask(desk, "refund for a lost lantern within days")
    assert answer.text.splitlines()[-1].startswith("See also: [")
    assert all(f"](<{article.url}>)" in answer.text for article in answer.articles)


async def test_an_answer_fits_into_one_message(folder: Path) -> None:
    for number in range(5):
        text = f"# {'[Lantern]* ' * 40}{number}\n\n" + "A lantern is bright. " * 200
        (folder / "articles" / f"{'x' * 60}{number}.md").write_text(text, encoding="utf-8")
    async with knowledge(folder, excerpt_length=1500, suggestions=5, base_url=f"https://{'a' * 200}.example") as desk:
        answer = await ask(desk, "lantern")
        assert len(answer.text) <= 2000


async def test_a_weak_fit_is_an_answer_that_is_not_confident(folder: Path) -> None:
    async with knowledge(folder, confident_from=0.99) as desk:
        assert (await ask(desk, "lost lantern")).confident is False


@pytest.mark.parametrize("text", ["how do I tame a dragon", "", "????", "asdf qwer", "what is the meaning of it all"])
async def test_nothing_is_said_where_nothing_fits(desk: Served, text: str) -> None:
    assert await ask(desk, text) is None


async def test_persian_is_answered_in_persian(desk: Served) -> None:
    answer = await ask(desk, "فانوس من كجاست؟", language="fa")
    assert answer.articles[0].id == "fa/lantern"
    assert "را پیدا کردم" in answer.text


async def test_small_talk_gets_a_short_reply(desk: Served) -> None:
    assert (await ask(desk, "Hi there!")).text == "Hello! What can I help you with?"
    assert (await ask(desk, "vielen Dank", language="de")).text.startswith("Gern geschehen")
    assert (await ask(desk, "hi")).articles == ()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("hi", SmallTalk.GREETING),
        ("Hello!!", SmallTalk.GREETING),
        ("Guten Morgen", SmallTalk.GREETING),
        ("سلام", SmallTalk.GREETING),
        ("thanks so much", SmallTalk.THANKS),
        ("ok thank you", SmallTalk.THANKS),
        ("vielen Dank", SmallTalk.THANKS),
        ("خیلی ممنون", SmallTalk.THANKS),
        ("hi where is my lantern", None),
        ("thanks but it crashed", None),
        ("good", None),
        ("", None),
    ],
)
def test_small_talk_is_told_from_questions(text: str, meant: SmallTalk | None) -> None:
    assert small_talk(text) is meant


async def test_suggestions_are_ordered_and_counted(desk: Served) -> None:
    question = Question("refund for a lost lantern within days", MINA, "en")
    (articles,) = await desk.hooks.gather(suggest_articles, question=question)
    assert {article.id for article in articles} == {"lantern", "billing/refunds"}
    assert articles[0].score >= articles[1].score


async def test_addresses_of_articles(folder: Path) -> None:
    async with knowledge(folder, base_url="https://help.example/kb/") as desk:
        assert (await ask(desk, "purchase refunds")).articles[0].url == "https://help.example/kb/billing/refunds"
        assert (await ask(desk, "dye a cloak")).articles[0].url == "https://wiki.example/dyes"


async def test_a_server_may_have_articles_of_its_own(desk: Served) -> None:
    answer = await ask(desk, "fly a broom", person=OTHER)
    assert answer.articles[0].url == f"{PUBLIC}/knowledge/broom?server=10"
    assert await ask(desk, "fly a broom") is None
    assert "Sit down and say up." in (await desk.get(answer.articles[0].url)).text
    assert (await desk.get("/knowledge/broom")).status == 404


async def test_a_missing_folder_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"The folder of articles .*nowhere is not there\. Create it"):
        async with knowledge(tmp_path, articles="nowhere"):
            pass


async def test_checks_name_broken_files(folder: Path) -> None:
    async with knowledge(folder) as desk:
        (folder / "articles" / "broken.md").write_text("---\ntitle: x", encoding="utf-8")
        checks = list(desk.hooks.contribution("knowledge", register_checks) or ())
        assert [check.state for check in checks] == [CheckState.PROBLEM, CheckState.OK]
        assert "broken.md: Its front matter begins with ---" in checks[0].detail


async def test_new_articles_are_found_without_a_restart(desk: Served, folder: Path) -> None:
    (folder / "articles" / "dragons.md").write_text("# Tame a dragon\n\nBring fish.", encoding="utf-8")
    await desk.plugin.libraries.refresh()
    assert (await ask(desk, "how do I tame a dragon")).articles[0].id == "dragons"


async def test_the_index_lists_and_searches(desk: Served) -> None:
    page = await desk.get("/knowledge/")
    assert page.status == 200
    assert "Finding a lost lantern" in page.text
    assert "Refunds" in page.text
    assert "پیدا کردن فانوس" not in page.text
    page = await desk.get("/knowledge/?q=lost+lantern")
    assert "1 article found" in page.text
    assert 'href="/knowledge/lantern' in page.text
    page = await desk.get("/knowledge/?q=%3Cscript%3Ealert(%22dragon%22)%3C/script%3E")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(" in page.text
    assert "No article fits" in (await desk.get("/knowledge/?q=dragon")).text


async def test_an_article_is_clean_html(desk: Served) -> None:
    page = await desk.get("/knowledge/lantern")
    assert page.status == 200
    assert '<h2 id="in-the-chest">In the chest</h2>' in page.text
    assert 'href="billing/refunds"' in page.text
    assert (await desk.get("/knowledge/billing/refunds")).status == 200
    page = await desk.get("/knowledge/billing/refunds")
    assert "&lt;script&gt;x&lt;/script&gt;" in page.text
    assert "{{ 7 * 191 }}" in page.text


async def test_a_persian_article_reads_from_the_right(desk: Served) -> None:
    page = await desk.get("/knowledge/fa/lantern")
    assert '<div class="reading" lang="fa" dir="rtl">' in page.text


@pytest.mark.parametrize(
    "slug", ["nothing", "../settings", "%2e%2e/bot.toml", "lantern.md", "fa", "..%2f..%2fetc/passwd"]
)
async def test_what_is_no_article_is_not_found(desk: Served, slug: str) -> None:
    assert (await desk.get(f"/knowledge/{slug}")).status == 404


async def test_static_files_are_served(desk: Served) -> None:
    page = await desk.get("/knowledge/static/knowledge.css")
    assert page.headers["Content-Type"].startswith("text/css")
