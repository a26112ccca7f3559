"""Files of other tools as gRPC stubs: ``mockforge import gripmock``."""
