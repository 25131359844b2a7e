"""Other people's Markdown: it keeps its looks and loses its teeth."""

import pytest
from frontdesk_helpdesk.markdown import escaped, for_agents, for_discord, unquoted
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**bold** and *plain*", "**bold** and *plain*"),
        ("see [our site](https://example.com/a_(b))", "see our site (https://example.com/a_(b))"),
        ("[https://example.com](https://evil.example)", "https://example.com (https://evil.example)"),
        ("![x](https://e.example/i.png 'hi')", "x (https://e.example/i.png)"),
        ("# Big\n## Less\ntext\n-# small", "**Big**\n**Less**\ntext\n**small**"),
        ("> # quoted", "> **quoted**"),
        ("#hashtag", "#hashtag"),
        ("@everyone look, @here", "@\u200beveryone look, @\u200bhere"),
        ("```\n# no heading [a](https://b.example)", "```\n# no heading [a](https://b.example)\n```"),
        ("`@everyone`", "`@everyone`"),
        ("a\n\n\n\n\n\n\nb", "a\n\n\nb"),
        ("\u202egpj.exe", "gpj.exe"),
    ],
)
def test_an_agents_words_in_discord(written: str, shown: str) -> None:
    assert for_discord(written) == shown


def test_a_members_links_show_where_they_lead() -> None:
    assert for_agents("[bank](https://evil.example) # not a heading") == "bank (https://evil.example) # not a heading"


@given(st.text())
def test_it_never_pings_and_never_leaves_a_code_block_open(text: str) -> None:
    shown = for_discord(text)
    assert shown.count("```") % 2 == 0


@given(st.text(alphabet="@everyonh *_`~|[]()#<>"))
def test_everyone_is_only_written_in_code(text: str) -> None:
    prose = "".join(for_discord(text).split("`")[::2]) if "`" not in text else ""
    assert "@everyone" not in prose


def test_a_name_cannot_format_the_line() -> None:
    assert escaped("**Eve** [x](y)\n@everyone") == r"\*\*Eve\*\* \[x\](y) \@everyone"


def test_a_quote_is_not_what_somebody_says() -> None:
    assert unquoted("> You can talk to a person\nThank you!") == "Thank you!"
    assert unquoted("> only a quote") == "> only a quote"
