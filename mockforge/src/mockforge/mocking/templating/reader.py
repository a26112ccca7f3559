"""What reads the tokens of one tag: where it is, what comes next, and the error where that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from mockforge.mocking.templating.errors import TemplateError
from mockforge.mocking.templating.lexer import Token, error_at


class Reader:
    """Goes through ``tokens``, of which the last is of kind ``end``."""

    def __init__(self, source: str, tokens: Sequence[Token]) -> None:
        self._source = source
        self._tokens = tokens
        self.at = 0

    @property
    def token(self) -> Token:
        """The next one."""
        return self._tokens[self.at]

    def fail(self, message: str, hint: str | None = None, token: Token | None = None) -> NoReturn:
        """TemplateError at a token, by default the next."""
        raise self.error(message, hint, token)

    def error(
        self, message: str, hint: str | None = None, token: Token | None = None
    ) -> TemplateError:
        """What :meth:`fail` raises."""
        return error_at(self._source, (token or self.token).start, message, hint)

    def is_op(self, text: str, ahead: int = 0) -> bool:
        """Whether the next token is this operator or bracket."""
        token = self._tokens[min(self.at + ahead, len(self._tokens) - 1)]
        return token.kind == "op" and token.text == text

    def is_name(self, text: str) -> bool:
        """Whether the next token is this word."""
        return self.token.kind == "name" and self.token.text == text

    def take(self, text: str) -> bool:
        """Pass over the next token if it is this operator or word."""
        if self.token.kind in ("op", "name") and self.token.text == text:
            self.at += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Pass over this operator or word."""
        if not self.take(text):
            found = f"found {self.token.text!r}" if self.token.text else "the tag ends"
            self.fail(f"expected {text!r}, {found}")

    def name(self, what: str) -> Token:
        """Pass over a name."""
        token = self.token
        if token.kind != "name":
            self.fail(f"expected {what}")
        self.at += 1
        return token

    @property
    def ended(self) -> bool:
        """Whether there is nothing left."""
        return self.token.kind == "end"

    def end(self) -> None:
        """There is nothing left."""
        if not self.ended:
            self.fail(f"{self.token.text!r} is not expected here")
