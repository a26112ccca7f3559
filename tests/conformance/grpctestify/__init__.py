"""Calls that nobody here wrote (``.gctf`` files of grpctestify, beside stubs of GripMock): the stubs are
imported and served, and each call must be answered as its file says.
``python -m tests.conformance.grpctestify FOLDER``."""
