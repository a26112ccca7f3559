"""Scripts on WebSocket connections: their words, their messages, and what plays them."""

from __future__ import annotations

from mockforge_ws.scripts.messages import Incoming
from mockforge_ws.scripts.player import Player
from mockforge_ws.scripts.scope import WebSocketScope
from mockforge_ws.scripts.vocabulary import WebSocketVocabulary

__all__ = ["Incoming", "Player", "WebSocketScope", "WebSocketVocabulary"]
