"""HTTP stubs: what a request must be like, what is answered, and what is sent afterwards.

:class:`~mockforge_http.stubs.service.Stubs` belongs to each mock and costs next to nothing until there is a
stub: everything else of this package is imported when the first one is compiled.
"""

from __future__ import annotations

from mockforge_http.stubs.service import Stubs

__all__ = ["Stubs"]
