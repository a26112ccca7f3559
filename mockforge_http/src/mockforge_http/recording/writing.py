"""Files that are there whole or not at all, and YAML that reads back as what was written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import yaml

_PLAIN: Final = re.compile(r"[A-Za-z/_][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*")
_WORDS: Final = frozenset(
    {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan"}
)
_LINE: Final = re.compile(
    r" *[\x21-\x7e\xa1-\ud7ff](?:[\x20-\x7e\xa1-\ud7ff]*[\x21-\x7e\xa1-\ud7ff])?"
)


def write_file(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step: a reader, or an interruption, finds the old file or the new
    one. OSError: it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # One worker writes, so one name for each file will do; what an interruption leaves is overwritten.
    temporary = path.with_name(f".{path.name[:200]}.tmp")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def yaml_text(value: Any) -> bytes:
    """``value`` as a YAML document."""
    made: str = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=2**31 - 1,
        default_flow_style=False,
    )
    return made.encode()


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Quotes every text that some YAML might take for something else."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style: str | None = '"'
        if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
            style = None
        elif "\n" in text and _fits_block(text):
            style = "|"
        elif "\\" in text or '"' in text:
            style = "'"  # readable; the emitter falls back where it will not do
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)  # type: ignore[no-any-return]


_Dumper.add_representer(str, _Dumper.represent_text)


def _fits_block(text: str) -> bool:
    """Whether a literal block can hold ``text``: lines without blanks at their end, of which the first does
    not begin with one."""
    if text[0] in " \n":
        return False
    return all(not line or _LINE.fullmatch(line) for line in text.split("\n"))
