"""What is wrong with a template: in its text, or with what it did when it was rendered."""

from __future__ import annotations

from mockforge.errors import MockForgeError, Place


class TemplateError(MockForgeError):
    """A template cannot be compiled, or its rendering failed.

    ``place`` is that of the template in its file; ``line`` and ``column`` (1-based) are within the template;
    ``expression`` is the tag that they point to, cut where it is long.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        place: Place | None = None,
        line: int = 0,
        column: int = 0,
        expression: str = "",
    ) -> None:
        super().__init__(message, hint=hint, place=place)
        self.line = line
        self.column = column
        self.expression = expression

    def __str__(self) -> str:
        where = f"template line {self.line}, column {self.column}: " if self.line else ""
        tag = f" (in {self.expression})" if self.expression else ""
        file = str(self.place) if self.place is not None else ""
        return f"{file}: {where}{self.message}{tag}" if file else f"{where}{self.message}{tag}"

    def __reduce__(self) -> tuple[object, ...]:
        return (
            _again,
            (self.message, self.hint, self.place, self.line, self.column, self.expression),
        )


def _again(
    message: str, hint: str | None, place: Place | None, line: int, column: int, expression: str
) -> TemplateError:
    return TemplateError(
        message, hint=hint, place=place, line=line, column=column, expression=expression
    )
