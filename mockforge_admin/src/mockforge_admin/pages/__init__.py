"""The pages: rendered here from what the API's functions return, and brought up to date in pieces.

A page is a template; parts of it that change are templates of their own (``_*.html``), which the page
includes and the browser fetches again. What a page changes goes through the API like anybody else's change.
"""

from __future__ import annotations

from mockforge_admin.pages.page import gone
from mockforge_admin.pages.routing import add_pages

__all__ = ["add_pages", "gone"]
