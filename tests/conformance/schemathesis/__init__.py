"""The server against schemathesis, a test generator that nobody here wrote.

``python -m tests.conformance.schemathesis DOCUMENT ...`` serves each document, runs the schemathesis
executable against it (found on the path or named by ``MOCKFORGE_SCHEMATHESIS``; the project does not
depend on it) and reads its report. ``excuses`` lists the failures that no server can avoid.
"""
