"""From an operation of a document to the answer to a request."""
