"""From a method and a path to the operation that is meant, or to the reason why there is none."""

from mockforge_http.routing.index import Match, Miss, RouteIndex
from mockforge_http.routing.template import PathTemplate, Segment

__all__ = ["Match", "Miss", "PathTemplate", "RouteIndex", "Segment"]
