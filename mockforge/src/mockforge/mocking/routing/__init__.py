"""From a method and a path to what is meant (an operation, stubs), or to the reason why there is nothing.

Shared by the protocols: documents and stubs use the same templates and the same order of preference.
"""

from mockforge.mocking.routing.index import Match, Miss, RouteIndex
from mockforge.mocking.routing.template import PathTemplate, Segment
from mockforge.mocking.routing.trie import Node, near_values

__all__ = ["Match", "Miss", "Node", "PathTemplate", "RouteIndex", "Segment", "near_values"]
