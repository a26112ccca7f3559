"""AsyncAPI documents, served over WebSocket."""
