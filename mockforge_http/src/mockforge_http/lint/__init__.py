"""``mockforge lint`` for API descriptions: what is wrong with one, as far as it can be told.

:func:`lint_document` runs the checks one after the other, each in a room of its own, and yields what
they find as it comes up. Called by the command line through the plugin; never by the server.
"""

from __future__ import annotations

from mockforge_http.lint.run import lint_document, lint_file

__all__ = ["lint_document", "lint_file"]
