"""The request journal: a log of every exchange that cannot grow.

:class:`Journal` is what servers write to and everyone else asks. The other names are what its methods
take and return.
"""

from __future__ import annotations

from mockforge.observe.journal.dispatch import DispatchStats, LogDispatcher, RequestLogger
from mockforge.observe.journal.entry import JournalEntry
from mockforge.observe.journal.journal import Journal, JournalStats
from mockforge.observe.journal.query import Criteria, Query, QueryError
from mockforge.observe.journal.redaction import DEFAULT_REDACT, REDACTED
from mockforge.observe.journal.sequence import SequenceResult
from mockforge.observe.journal.shared import (
    get_global_logger,
    init_global_logger,
    set_global_logger,
)
from mockforge.observe.journal.sink import JsonLinesSink
from mockforge.observe.journal.subscription import Dropped, Subscription
from mockforge.observe.journal.totals import Totals

__all__ = [
    "DEFAULT_REDACT",
    "REDACTED",
    "Criteria",
    "DispatchStats",
    "Dropped",
    "Journal",
    "JournalEntry",
    "JournalStats",
    "JsonLinesSink",
    "LogDispatcher",
    "Query",
    "QueryError",
    "RequestLogger",
    "SequenceResult",
    "Subscription",
    "Totals",
    "get_global_logger",
    "init_global_logger",
    "set_global_logger",
]
