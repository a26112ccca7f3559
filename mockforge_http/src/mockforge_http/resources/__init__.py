"""Resource collections: what was posted is kept, listed, changed and deleted, in the document's own shapes.

:mod:`.paths` finds in the paths of a document what may be a collection, :mod:`.infer` reads the operations
of one when it is first called, :mod:`.collection` answers. Data flows one way: the request, decoded by the
operation's own check; :mod:`.items` makes a whole item of it; :mod:`.kept` keeps it; :mod:`.frames` puts
items into the answer that the document declares. Collections without a document are :mod:`.plain`.
"""
