"""The entry point of the distribution: what gRPC contributes to MockForge. Imports nothing heavy."""

from __future__ import annotations
