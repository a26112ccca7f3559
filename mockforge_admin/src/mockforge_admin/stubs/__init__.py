"""The stubs of all servers as one collection: what the API and the pages work on."""

from mockforge_admin.stubs.collection import Stubs, contains, etag
from mockforge_admin.stubs.saving import save

__all__ = ["Stubs", "contains", "etag", "save"]
