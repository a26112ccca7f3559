"""Who may come in: names and origins that requests may have, and tokens.

A page of any site can make a browser send requests to loopback addresses, and, with a name that it has
resolve to one, read the answers (DNS rebinding). So names and origins are looked at whether or not there is
a token.
"""

from mockforge_admin.gate.gate import Gate, Refusal, check_exposure
from mockforge_admin.gate.sessions import COOKIE, Sessions

__all__ = ["COOKIE", "Gate", "Refusal", "Sessions", "check_exposure"]
