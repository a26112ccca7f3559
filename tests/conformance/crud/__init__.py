"""CRUD sessions: collections are found in documents that nobody prepared, and each is used as a client would.

Run as ``python -m tests.conformance.crud FOLDER_OR_FILE ...``. As in the walk, nothing in here imports
the server it judges: :mod:`finding` finds collections by rules of its own, :mod:`session` creates, reads,
lists, changes and deletes through a real server started with ``--stateful``, and the walk's judge reads
every answer.
"""
