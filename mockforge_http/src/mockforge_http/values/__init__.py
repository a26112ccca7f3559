"""From the text and bytes of a request to JSON-like values, as far as schemas say what a text means.

Below :mod:`mockforge_http.bodies` and :mod:`mockforge_http.parameters`, which use these pieces; nothing
here knows where in a request a text came from. Client input that cannot be read raises
:class:`~mockforge.mocking.malformed.MalformedError` and nothing else.

Values are what JSON has: ``dict``, ``list``, ``str``, ``int``, ``float``, ``bool`` and ``None``, and
``Decimal`` for a number that no ``float`` holds exactly. Strings hold no lone surrogates. Binary data is a
string with one character for each byte (ISO 8859-1), so that ``maxLength`` counts octets.
"""
