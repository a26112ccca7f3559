"""An example of a MockForge plugin. Start reading in ``plugin.py``."""
