"""HTTP mocks from OpenAPI documents, for MockForge."""
