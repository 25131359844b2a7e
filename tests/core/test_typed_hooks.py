"""mypy refuses wrong arguments and answers of hooks, in an implementation and in a call."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAD = """\
from frontdesk import (
    Answer, Article, Case, CaseChange, CaseRequest, Check, Desk, Question, SettingsTable, answer_question, case_changed,
    case_opened, hookimpl, open_case, register_checks, register_tasks, suggest_articles,
)

"""
# Where an error is expected, the line ends with its code.
SNIPPETS = {
    "right_implementations": """
class Right:
    @hookimpl(open_case)
    async def open_case(self, request: CaseRequest) -> Case | None:
        return None

    @hookimpl(suggest_articles)
    async def suggest_articles(self, question: Question) -> list[Article] | None:
        return None

    @hookimpl(case_changed)
    async def case_changed(self, case: Case, **_: object) -> None:
        print(case.number)

    @hookimpl(register_checks)
    def register_checks(self) -> list[Check]:
        return []
""",
    "wrong_argument_name": """
class Wrong:
    @hookimpl(open_case)  # arg-type
    async def open_case(self, reqest: CaseRequest) -> Case | None:
        return None
""",
    "wrong_argument_type": """
class Wrong:
    @hookimpl(answer_question)  # arg-type
    async def answer_question(self, question: str) -> Answer | None:
        return None
""",
    "wrong_answer": """
class Wrong:
    @hookimpl(answer_question)  # arg-type
    async def answer_question(self, question: Question) -> str | None:
        return question.text
""",
    "forgotten_async": """
class Wrong:
    @hookimpl(case_opened)  # arg-type
    def case_opened(self, case: Case) -> None:
        print(case.number)
""",
    "wrong_contribution": """
class Wrong:
    @hookimpl(register_tasks)  # arg-type
    def register_tasks(self) -> list[str]:
        return ["task"]
""",
    "right_calls": """
async def calls(desk: Desk[SettingsTable], question: Question, request: CaseRequest, case: Case) -> None:
    answer: Answer | None = await desk.hooks.first(answer_question, question=question)
    found: list[list[Article]] = await desk.hooks.gather(suggest_articles, question=question)
    await desk.hooks.tell(case_opened, case=case)
    print(answer, found)
""",
    "call_without_its_argument": """
async def calls(desk: Desk[SettingsTable]) -> None:
    await desk.hooks.first(open_case)  # call-arg
""",
    "call_with_a_wrong_name": """
async def calls(desk: Desk[SettingsTable], request: CaseRequest) -> None:
    await desk.hooks.first(open_case, request=request, urgent=True)  # call-arg
""",
    "call_with_a_wrong_type": """
async def calls(desk: Desk[SettingsTable]) -> None:
    await desk.hooks.first(open_case, request="a request")  # arg-type
""",
    "call_by_position": """
async def calls(desk: Desk[SettingsTable], request: CaseRequest) -> None:
    await desk.hooks.first(open_case, request)  # arg-type call-arg misc
""",
    "call_of_the_wrong_kind": """
async def calls(desk: Desk[SettingsTable], request: CaseRequest) -> None:
    await desk.hooks.tell(open_case, request=request)  # arg-type
""",
    "answer_used_as_something_else": """
async def calls(desk: Desk[SettingsTable], request: CaseRequest) -> None:
    case = await desk.hooks.first(open_case, request=request)
    number: str = case  # assignment
    print(number)
""",
}


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[int, set[str]]]:
    """Snippet -> line -> codes of mypy's errors; one run for all of them."""
    folder = tmp_path_factory.mktemp("typed")
    for name, code in SNIPPETS.items():
        (folder / f"{name}.py").write_text(HEAD + code)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        "pyproject.toml",
        "--no-error-summary",
        "--hide-error-context",
    ]
    ended = subprocess.run(
        [*command, *map(str, sorted(folder.iterdir()))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.stderr == ""
    found: dict[str, dict[int, set[str]]] = {name: {} for name in SNIPPETS}
    for line in ended.stdout.splitlines():
        place, kind, message = line.split(": ", 2)
        path, number = place.rsplit(":", 1)
        if kind == "error":
            code = message.rpartition("[")[2].rstrip("]")
            found[Path(path).stem].setdefault(int(number), set()).add(code)
    return found


@pytest.mark.parametrize("name", SNIPPETS)
def test_mypy_says(errors: dict[str, dict[int, set[str]]], name: str) -> None:
    lines = (HEAD + SNIPPETS[name]).splitlines()
    expected = {number: set(line.partition("# ")[2].split()) for number, line in enumerate(lines, 1) if "  # " in line}
    assert errors[name].keys() == expected.keys()
    for number, codes in errors[name].items():
        assert codes <= expected[number]
