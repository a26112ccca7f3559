"""Settings: read from defaults, file, environment and flags into typed structs."""
