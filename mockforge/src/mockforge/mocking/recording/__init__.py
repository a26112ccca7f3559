"""Writing down what upstream servers answer, as stubs: what the protocols that can do it share.

A protocol makes a :class:`~mockforge.mocking.recording.queue.RecordingQueue` of its own kind of exchanges,
and a folder that writes them.
"""
