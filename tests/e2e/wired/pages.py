"""What the docs name, and whether that is there."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from mockforge.observe.metrics import MetricSpec
from tests.e2e.wired.names import Name

_TOKEN: Final = r"[\w./<>-]"
_METRIC: Final = re.compile(
    r"\bmockforge_[a-z_]+_(?:total|seconds|bytes|active|entries|in_flight)\b"
)
_HOOK: Final = re.compile(r"\bmockforge_(?:register|report|transform|log|lint)_[a-z_]+\b")
_VARIABLE: Final = re.compile(r"\bMOCKFORGE_[A-Z]+(?:_[A-Z]+)*\b(?!__)")


class Pages:
    """The pages below ``folder``: ``configuration.md``, ``plugins/development-guide.md`` ..."""

    def __init__(self, folder: Path) -> None:
        self.texts = {
            path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(folder.rglob("*.md"))
        }
        self._all = "\n".join(self.texts.values())

    def page(self, name: str) -> str:
        """The text of one page, empty if there is no such page."""
        return self.texts.get(name, "")

    def section(self, page: str, heading: str) -> str | None:
        """What stands below ``heading`` on ``page``, up to the next heading of its level or above."""
        level = heading.split(" ", 1)[0]
        _, found, rest = f"\n{self.page(page)}".partition(f"\n{heading}\n")
        return re.split(rf"\n#{{1,{len(level)}}} ", rest)[0] if found else None

    # -------------------------------------------------------------- is it named?

    def lacks(
        self,
        names: Iterable[Name],
        hooks: Mapping[str, Callable[..., object]],
        metrics: Iterable[MetricSpec],
    ) -> list[str]:
        """The names that are not where they are to be."""
        specs = {spec.name: spec for spec in metrics}
        return [
            name
            for kind, name in names
            if not (
                self._has_hook(hooks[name])
                if kind == "hook"
                else self._has_metric(specs[name])
                if kind == "metric"
                else self._has_setting(name)
                if kind == "setting"
                else self._has_command(name)
                if kind == "command"
                else self._has_word(name)
            )
        ]

    def _has_setting(self, key: str) -> bool:
        section, _, rest = key.partition(".")
        return f"\n| `{rest}` |" in (self.section("configuration.md", f"## `{section}`") or "")

    def _has_command(self, name: str) -> bool:
        """``mockforge lint --format``: a heading for the command, and the option below it."""
        *command, last = name.split()
        is_option = last.startswith("-") or last.isupper()
        if not is_option:
            command.append(last)
        section = self.section("commands.md", f"## `{' '.join(command)}`")
        return section is not None and (not is_option or _is_in(last, section))

    def _has_word(self, word: str) -> bool:
        # One sentence for all: "booleans are taken back with `--no-`".
        return _is_in(word, self._all) or (
            word.startswith("--no-") and _is_in(f"--{word.removeprefix('--no-')}", self._all)
        )

    def _has_hook(self, function: Callable[..., object]) -> bool:
        return f"\n`{signature(function)}`" in self.page("plugins/development-guide.md")

    def _has_metric(self, spec: MetricSpec) -> bool:
        labels = ", ".join(f"`{label}`" for label in spec.labels)
        return f"\n| `{spec.name}` | {spec.type} | {labels} |" in self.page("metrics.md")

    # -------------------------------------------------------------- is what is named there?

    def strangers(self, names: Iterable[Name], components: Iterable[str] = ()) -> list[str]:
        """Names in the docs that look like ours and are neither among ``names`` nor ``components``."""
        known = {name for _, name in names} | set(components)
        groups = {key.rsplit(".", count)[0] for key in known for count in (1, 2) if "." in key}
        sections = "|".join({key.partition(".")[0] for key in known if "." in key})
        words = {word for name in known for word in name.split()}
        options = {word for word in words if word.startswith("--")} | {"--help"}
        found: list[str] = []
        for page, text in self.texts.items():
            named = {
                *re.findall(rf"`((?:{sections})\.[a-z0-9_.]+)`", text),
                *(
                    name
                    for pattern in (_METRIC, _HOOK, _VARIABLE)
                    for name in pattern.findall(text)
                ),
            }
            found += [f"{page}: {name}" for name in sorted(named - known - groups)]
            flags = set(re.findall(r"`(--[a-z][a-z-]*[a-z])(?=[`\s=])", text))
            found += [f"{page}: {flag}" for flag in sorted(flags - options)]
        return found


def signature(function: Callable[..., object]) -> str:
    """``mockforge_log_request(entry: JournalEntry) -> None``."""
    return function.__name__ + str(inspect.signature(function)).replace("'", "")


def blocks(text: str, mark: str) -> Iterator[tuple[int, str]]:
    """The blocks of a page that are marked ``mark``, each with the line it begins on."""
    for match in re.finditer(rf"^```{mark}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE):
        yield text.count("\n", 0, match.start(1)) + 1, match[1]


def python_blocks(text: str) -> Iterator[tuple[int, str]]:
    """Those that are marked ``python``."""
    return blocks(text, "python")


def _is_in(word: str, text: str) -> bool:
    return re.search(rf"(?<!{_TOKEN}){re.escape(word)}(?!{_TOKEN})", text) is not None
