"""Templates in stubs, scripts, webhooks and fixtures: minijinja, with limits on all that a rendering may use.

See ``docs/templates.md`` for the language. Protocol plugins make one :class:`Templates` at start
(:func:`make_templates`), compile what their stubs hold, and render with :func:`request_context` per request.
"""

from __future__ import annotations

from mockforge.mocking.templating.context import request_context
from mockforge.mocking.templating.errors import TemplateError
from mockforge.mocking.templating.limits import TemplateLimits
from mockforge.mocking.templating.setup import make_templates
from mockforge.mocking.templating.template import Template, Templates, ValueTemplate

__all__ = [
    "Template",
    "TemplateError",
    "TemplateLimits",
    "Templates",
    "ValueTemplate",
    "make_templates",
    "request_context",
]
