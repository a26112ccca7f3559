"""Stubs: reading, selecting, explaining."""
