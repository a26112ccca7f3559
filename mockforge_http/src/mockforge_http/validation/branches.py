"""``anyOf`` and ``oneOf``: when no branch fits, what is wrong with the one that was probably meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from mockforge_http.validation import wording
from mockforge_http.validation.leaves import Wrong, not_of_type

if TYPE_CHECKING:
    from mockforge_http.validation.explain import Path, Problem, Problems

_MOST_PROBLEMS: Final = 10
"""Problems of one branch that are looked for."""
_CHOICES: Final = frozenset({"const", "enum"})


class Branches:
    """Checks alternatives. ``check`` is the explainer's, ``new`` makes an empty list of problems."""

    def __init__(
        self,
        check: Callable[[Any, Any, Path, Problems], None],
        new: Callable[[int], Problems],
    ) -> None:
        self._check = check
        self._new = new

    def check(
        self, keyword: str, branches: list[Any], value: Any, path: Path, found: Problems
    ) -> None:
        """Note what is wrong with ``value`` if not any, or not exactly one, of ``branches`` fits."""
        failed: list[list[Problem]] = []
        fits: list[int] = []
        for position, branch in enumerate(branches):
            problems = self._new(1 if found.most == 1 else _MOST_PROBLEMS)
            self._check(branch, value, path, problems)
            if problems:
                failed.append(problems)
            else:
                fits.append(position)
                if keyword == "anyOf":
                    return
        if len(fits) > 1:
            which = wording.both([str(position + 1) for position in fits])
            says = f"must match exactly one of {len(branches)} alternatives, but matches {which}"
            found.add(path, Wrong("oneOf", says), value)
        elif not fits:
            self._none_fits(keyword, failed, value, path, found)

    def _none_fits(
        self, keyword: str, failed: list[list[Problem]], value: Any, path: Path, found: Problems
    ) -> None:
        kinds = [_only_type(problems, path) for problems in failed]
        if all(kinds):
            names = tuple(dict.fromkeys(kind for wanted in kinds for kind in wanted))
            found.add(path, not_of_type(names, value), value)
            return
        nearest = min(failed, key=lambda problems: _distance(problems, path))
        several = len(failed) > 1
        note = f" (of {len(failed)} alternatives this comes nearest)" if several else ""
        for problem in nearest:
            wrong = problem.wrong
            found.add(problem.path, wrong._replace(says=wrong.says + note), problem.value)


def _only_type(problems: list[Problem], path: Path) -> tuple[str, ...]:
    """The types that are wanted, if the type is all that is wrong."""
    alone = len(problems) == 1 and problems[0].path == path
    return problems[0].wrong.kinds if alone else ()


def _distance(problems: list[Problem], path: Path) -> tuple[int, int, int]:
    """How far a value is from what a branch asks for: another type altogether, another kind of object (a
    property that is fixed has another value), or just details."""
    other_type = any(p.path == path and p.wrong.code in ("type", "false") for p in problems)
    other_kind = sum(p.wrong.code in _CHOICES and len(p.path) <= len(path) + 1 for p in problems)
    return int(other_type), other_kind, len(problems)
