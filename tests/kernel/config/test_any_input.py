"""Whatever the sources hold: settings come out, or a ConfigError with places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockforge.errors import ConfigError, all_errors
from tests.kernel.config.sample import MODEL, read

KEYS = st.sampled_from(
    [*MODEL.sections, *(key.rsplit(".", 1)[-1] for key in MODEL.settings), "profiles", "ci", "kind"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS | st.sampled_from(["fixed", "normal", "5s", "null", "[", "{}", "a,b"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)
VARIABLES = st.sampled_from([*MODEL.variables, "MOCKFORGE_SAMPLE__LABELS__X", "MOCKFORGE_X__Y"])
TEXTS = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=1), max_size=8) | st.builds(
    json.dumps, VALUES
)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(KEYS, VALUES, max_size=4),
    st.dictionaries(VARIABLES, TEXTS, max_size=3),
    st.dictionaries(st.sampled_from([*MODEL.settings]), VALUES, max_size=3),
    st.sampled_from([None, "ci"]),
)
def test_settings_are_read_or_refused_with_a_message(
    tmp_path: Path, file: Any, environ: dict[str, str], flags: dict[str, Any], profile: str | None
) -> None:
    text = json.dumps(file).replace("NaN", ".nan").replace("Infinity", ".inf")
    try:
        found = read(tmp_path, text, environ=environ, flags=flags, profile=profile)
    except ConfigError as error:
        for one in all_errors(error):
            assert one.message
    else:
        for key in MODEL.settings:
            assert found.origin(key).kind in ("default", "file", "environment", "flag")
            found.value(key)
