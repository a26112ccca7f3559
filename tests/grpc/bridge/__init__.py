"""The services of gRPC on the HTTP port."""
