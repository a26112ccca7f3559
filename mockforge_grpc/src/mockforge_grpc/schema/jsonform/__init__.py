"""The JSON form of messages, both ways, compiled per type on first use.

Follows https://protobuf.dev/programming-guides/json/. ``google.protobuf.json_format`` does the same and is
the oracle of the tests; it takes many times as long, because it asks descriptors the same questions for every
message, and its errors name no path that a program could follow. Where this differs:

* What is well formed always has a form. An ``Any`` of unknown type is ``{"@type": ..., "value": base64}``
  (and is read back as that); a timestamp, duration or field mask that is out of range is shown field by
  field; NaN in a ``google.protobuf.Value`` is its name as text.
* Base64, numbers in texts and enum numbers in texts are read strictly: no foreign characters, no
  underscores. Numbers that a type cannot hold are refused, also those in texts. A truth value is no number.
* NaN and the infinities are also read from values that can hold them (YAML's ``.nan`` and ``.inf``).
* ``@type`` without a slash gets ``type.googleapis.com/`` before it.
"""

from .checking import check
from .printing import Printer, make_printer
from .reading import Reader, make_reader

__all__ = ["Printer", "Reader", "check", "make_printer", "make_reader"]
