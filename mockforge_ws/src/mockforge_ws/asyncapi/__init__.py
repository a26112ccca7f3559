"""AsyncAPI 3 documents served over WebSocket: the channels of a document become stubs.

The way of a document: :mod:`.files` reads it and the files it refers to, :mod:`.check` says what is wrong
with it (for ``serve`` and ``lint`` alike), :mod:`.reading` makes the :mod:`.model` of it, :mod:`.stubs` the
stubs, whose connections are :mod:`.session`\\ s. Nothing here is imported until there is a document.
"""
