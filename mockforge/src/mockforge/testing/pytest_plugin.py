"""The pytest plugin, loaded by pytest in every run: nothing is imported here until it is used."""
