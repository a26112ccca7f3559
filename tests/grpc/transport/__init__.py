"""The two engines, as clients see them."""
