"""Servers of others that this process connects to: how settings name them, which of them may be connected to,
and TLS.

Used by protocol plugins that pass connections on, and by those that call back.
"""
