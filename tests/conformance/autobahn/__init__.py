"""The Autobahn cases, driven by the fuzzing client ``kosoku`` against an echo script: run with
``python -m tests.conformance.autobahn``."""
