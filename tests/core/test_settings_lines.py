"""The line of every key, in every way that TOML lets one write it."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from frontdesk.errors import SettingsError
from frontdesk.toml_lines import KeyPath, dotted, parse_toml
from hypothesis import given
from hypothesis import strategies as st

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.from_regex(r"[a-z0-9_-]{1,5}", fullmatch=True)
SCALARS = (
    st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.datetimes()
    | st.dates()
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    | st.text("\"'\\\n#=[]{},. a", max_size=12)
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=8
)
TABLES = st.dictionaries(KEYS, VALUES, max_size=5)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@dataclass
class Writer:
    """Writes TOML in a random layout and notes where each key went."""

    draw: Any
    text: str = ""
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def note(self, path: KeyPath) -> None:
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def key(self, key: str) -> str:
        bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
        if bare and self.draw(st.booleans()):
            return key
        literal = "'" not in key and all(sign.isprintable() for sign in key)
        return f"'{key}'" if literal and self.draw(st.booleans()) else quoted(key)

    def noise(self) -> None:
        self.text += self.draw(st.sampled_from(["", "", "\n", "# [x] = {\n", "  # a = '''\n\n"]))

    def section(self, values: dict[str, Any], path: KeyPath) -> None:
        later: list[tuple[str, Any]] = []
        for key, value in values.items():
            of_tables = isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
            if of_tables or (isinstance(value, dict) and self.draw(st.booleans())):
                later.append((key, value))
            else:
                self.noise()
                self.pair(key, value, path, dotted_allowed=True)
                self.text += self.draw(st.sampled_from(["\n", " # end = 1\n"]))
        for key, value in later:
            self.header(key, value, path)

    def header(self, key: str, value: Any, path: KeyPath) -> None:
        inside = (*path, key)
        # The parts between are keys only: items of arrays are not written.
        name = ".".join(self.key(part) for part in inside if isinstance(part, str))
        for index, item in enumerate(value if isinstance(value, list) else [value]):
            self.noise()
            self.note(inside)
            if isinstance(value, list):
                self.note((*inside, index))
                self.text += f"[[ {name} ]]\n"
                self.section(item, (*inside, index))
            else:
                self.text += f"[{name}]\n"
                self.section(item, inside)

    def pair(self, key: str, value: Any, path: KeyPath, *, dotted_allowed: bool) -> None:
        if dotted_allowed and isinstance(value, dict) and value and self.draw(st.booleans()):
            for index, (inner, content) in enumerate(value.items()):
                self.text += "\n" if index else ""
                self.note((*path, key))
                self.text += f"{self.key(key)} . "
                self.pair(inner, content, (*path, key), dotted_allowed=False)
            return
        self.note((*path, key))
        self.text += f"{self.key(key)} = "
        self.value(value, (*path, key))

    def value(self, value: Any, path: KeyPath) -> None:
        match value:
            case dict():
                self.text += "{ "
                for index, (key, inner) in enumerate(value.items()):
                    self.text += ", " if index else ""
                    self.pair(key, inner, path, dotted_allowed=False)
                self.text += " }"
            case list():
                self.text += "["
                for index, item in enumerate(value):
                    self.text += self.draw(st.sampled_from(["", "\n", " # ] , [\n\n"]))
                    self.note((*path, index))
                    self.value(item, (*path, index))
                    self.text += ", "
                self.text += "]"
            case str():
                self.string(value)
            case bool():
                self.text += str(value).lower()
            case int() | float():
                self.text += repr(value)
            case _:
                self.text += value.isoformat()

    def string(self, value: str) -> None:
        printable = all(sign.isprintable() or sign == "\n" for sign in value)
        styles = ["basic", "multi-line"]
        if printable and "'" not in value:
            styles.append("literal" if "\n" not in value else "multi-line literal")
        match self.draw(st.sampled_from(styles)):
            case "basic":
                self.text += quoted(value)
            case "multi-line":
                escaped = "\n".join(quoted(line)[1:-1] for line in value.split("\n"))
                self.text += f'"""\n{escaped}"""'
            case "literal":
                self.text += f"'{value}'"
            case _:
                self.text += f"'''\n{value}'''"


def paths(values: Any, path: KeyPath = ()) -> set[KeyPath]:
    found: set[KeyPath] = {path} if path else set()
    pairs = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for key, value in pairs:
        found |= paths(value, (*path, key))
    return found


@given(st.data(), TABLES)
def test_every_key_is_found_on_its_line(data: st.DataObject, values: dict[str, Any]) -> None:
    writer = Writer(data.draw)
    writer.section(values, ())
    parsed, source = parse_toml(writer.text, "bot.toml")
    assert set(source.lines) == paths(parsed)
    assert dict(source.lines) == writer.lines


@pytest.mark.parametrize(
    "string",
    ['""""a""""', '"""""a"""""', '""""""', '"""\\""""', "''''a''''", "''''''", '"\\""', '"""a""b"""', '"""\n\n"""'],
)
def test_quotes_inside_strings(string: str) -> None:
    text = f"a = {string}\nb = 1\n"
    parsed, source = parse_toml(text, "bot.toml")
    assert parsed["b"] == 1
    assert source.lines["b",] == text.count("\n")


def test_a_key_reopened_later_keeps_its_own_line() -> None:
    text = "[plugins]\na = true\n[log]\nlevel = 'x'\n[plugins.b]\nc = 1\n[servers.1]\n[servers.1.plugins.b]\nc = 2\n"
    _, source = parse_toml(text, "bot.toml")
    assert source.line(("plugins",)) == 1
    assert source.line(("plugins", "b", "c")) == 6
    assert source.line(("servers", "1", "plugins", "b", "c")) == 9
    assert source.line(("plugins", "b", "absent", "deep")) == 5
    assert source.line(("absent",)) is None


def test_windows_line_ends_and_byte_order_mark_count_right(tmp_path: Any) -> None:
    from frontdesk.toml_lines import read_toml

    path = tmp_path / "bot.toml"
    path.write_bytes(b"\xef\xbb\xbf[web]\r\n# x\r\nport = 1\r\n")
    parsed, source = read_toml(path)
    assert parsed == {"web": {"port": 1}}
    assert source.line(("web", "port")) == 3


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[web]\nport = \n", 2, "column 8"),
        ("[web]\nport = 1\nport = 2\n", 3, "port"),
        ("a = [1,\n2\n", 2, "end of the file"),
        ('a = "x\n', 1, "not closed"),
        ("[web\n", 1, "column 5"),
    ],
)
def test_syntax_errors_have_line_and_column(text: str, line: int, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_toml(text, "bot.toml")
    (problem,) = caught.value.problems
    assert problem.line == line
    assert words in problem.message


def test_dotted_keys_read_like_toml() -> None:
    assert dotted(("servers", "1", "feeds", 0, "a b")) == 'servers.1.feeds[0]."a b"'
