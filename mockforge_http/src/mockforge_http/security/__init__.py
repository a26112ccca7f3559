"""Whether a request carries the credentials that the document asks for (presence and shape, no more: a
mock knows no users)."""

from mockforge_http.security.requirements import Denial, SecurityCheck

__all__ = ["Denial", "SecurityCheck"]
