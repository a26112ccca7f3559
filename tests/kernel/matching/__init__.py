"""Predicates and the bodies that they look into."""
