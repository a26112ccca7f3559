"""Markup that is known to be markup: what panels of the admin hand over. All else is text to the admin."""

from __future__ import annotations

from html import escape
from typing import Self


class Html(str):
    """Text that is HTML. ``__html__`` is what templates (Jinja) know it by."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)

    @classmethod
    def fill(cls, template: str, **values: object) -> Self:
        """``template`` with ``{name}`` replaced by what ``values`` have, escaped where it is no HTML."""
        return cls(template.format_map({name: escaped(value) for name, value in values.items()}))

    @classmethod
    def table(cls, names: tuple[str, ...], rows: list[tuple[object, ...]]) -> Self:
        """A table with ``names`` as its head, as wide as it needs to be."""
        head = "".join(f"<th>{escaped(name)}</th>" for name in names)
        body = "".join(
            f"<tr>{''.join(f'<td>{escaped(value)}</td>' for value in row)}</tr>" for row in rows
        )
        return cls(
            '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )


def escaped(value: object) -> str:
    """``value`` as HTML: as it is if it is HTML, its text escaped if not. Good in text and in attributes that
    are in quotes."""
    markup = getattr(value, "__html__", None)
    return str(markup()) if callable(markup) else escape(str(value))
