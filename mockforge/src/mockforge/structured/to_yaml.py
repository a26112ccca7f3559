"""Values as YAML that people go on editing: texts with several lines as blocks, keys in their order."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

_WIDTH: Final = 100
_ODD: Final = re.compile(
    r"[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Characters that are escaped, because they are not seen or end lines of YAML 1.1."""
_NUMBER: Final = re.compile(
    r"[-+]?(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?|0[xob][0-9a-fA-F_]+|"
    r"[-+]?\.(?:inf|nan)|\d+(?::[0-5]?\d)+"
)


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None
    if _ODD.search(text):
        style = '"'
    elif "\n" in text and not re.search(r"[ \t]\n|^\s", text):
        style = "|"
    elif _NUMBER.fullmatch(text):
        # The 1.2 core schema reads more texts as numbers (1e3) than the library quotes.
        style = "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def yaml_text(value: Any) -> str:
    """``value`` (dict, list, str, int, float, bool, None) as YAML 1.2; :func:`read_structured` reads the
    same back."""
    return yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=_WIDTH,
        default_flow_style=False,
    )
