"""The mocking library that protocol plugins share: imported piece by piece, never by the kernel."""
