"""The test kit: a mock server inside the test process, and what to assert on it."""
