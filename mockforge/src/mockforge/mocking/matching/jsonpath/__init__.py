"""JSONPath: RFC 9535, and the forms that users of WireMock (Jayway's library) write.

Beyond the RFC: ``=~ /regex/i``, ``in nin subsetof anyof noneof size empty contains``, functions at the end
of a path (``.length() .size() .min() .max() .sum() .avg() .keys() .first() .last()``), ``[(@.length-1)]``,
``$.['a']``, filters in brackets on objects (``$[?(@.type == 'a')]`` tests the object itself if none of its
members passes), and a path without ``$``. Used by predicates and by templates.
"""

from __future__ import annotations

from mockforge.mocking.matching.jsonpath.path import JsonPath, compile_jsonpath
from mockforge.mocking.matching.jsonpath.scan import JsonPathError

__all__ = ["JsonPath", "JsonPathError", "compile_jsonpath"]
