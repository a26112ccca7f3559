"""schemathesis against the admin's own document: ``python -m tests.conformance.admin``."""
