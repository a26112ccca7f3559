"""gRPC mocks for MockForge; what it contributes is in :mod:`mockforge_grpc.plugin`."""
