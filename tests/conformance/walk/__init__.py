"""The walk: every operation of every given document is called, and an independent judge reads the
answers.

Run as ``python -m tests.conformance.walk FOLDER_OR_FILE ...``. Nothing in here imports the server
it judges: documents are read, requests made and answers checked by this package alone, so that a
misreading of the specification on the server's side cannot hide behind the same misreading here.

Data flows one way: :mod:`entries` finds documents, :mod:`loading` and :mod:`node` read them,
:mod:`document` gives the operations of any OpenAPI version one shape, :mod:`request` makes a call
from one, :mod:`client` sends it, :mod:`judge` reads the answer, :mod:`excuses` decides whether a
wrong answer is the document's fault, :mod:`report` prints.
"""
