"""The services of this process on the HTTP port: an HTTP responder that turns requests into calls.

:mod:`.responder` is what the plugin registers and imports nothing heavy; :mod:`.front` is made with the first
request once the gRPC server runs. :mod:`.rules` reads ``google.api.http`` rules, :mod:`.protocols` speaks
JSON over HTTP, gRPC-Web and Connect, :mod:`.openapi` describes it all. None of it imports grpc.
"""

from __future__ import annotations
