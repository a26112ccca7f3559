"""Seeing what happens: the request journal, metrics and memory reports.

Below the kernel and the mocking library: nothing here imports either at run time, and everything
here is bounded by construction.
"""
