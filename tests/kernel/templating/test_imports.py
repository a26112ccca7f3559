"""The engine is imported when the first template is compiled, and not before."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
import sys
from mockforge.mocking.data import Dice
from mockforge.mocking.templating import Templates

def heavy():
    return sorted({"minijinja", "mimesis", "jsonschema_rs"} & set(sys.modules))

templates = Templates()
templates.compile("no template")
templates.compile_value({"a": ["no template"]})
print(heavy())
templates.compile("{{ uuid }}").render({}, Dice(1))
print(heavy())
templates.compile("{{ faker.name }}").render({}, Dice(1))
print(heavy())
"""


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.splitlines() == ["[]", "['minijinja']", "['mimesis', 'minijinja']"]
