"""Stub mappings that nobody here wrote, imported and asked what WireMock was asked: the answers must be the
same. ``python -m tests.conformance.wiremock FOLDER``; ``FOLDER`` has ``mappings/``, ``__files/`` and
``golden.json``, which says what WireMock answered to which request."""
