"""The files of other tools as stubs: what ``mockforge import`` and ``--mocks`` folders of WireMock use."""
