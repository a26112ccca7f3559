"""A folder that looks like site-packages: made-up distributions with plugins, as pip leaves them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable, Mapping
from pathlib import Path
from textwrap import dedent

from mockforge.plugins import Plugins, Selection, load_plugins


class Site:
    """Write distributions into ``root``; put ``root`` on the path to have them installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)

    def add(
        self,
        distribution: str,
        entries: Mapping[str, str],
        modules: Mapping[str, str],
        *,
        version: str = "1.0",
    ) -> None:
        """A distribution whose entry points are ``entries`` and whose code is ``modules`` (file name
        to source)."""
        info = self.root / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        lines = "".join(f"{name} = {value}\n" for name, value in entries.items())
        (info / "entry_points.txt").write_text(f"[mockforge]\n{lines}")
        for file, source in modules.items():
            path = self.root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(source))

    def plugin(self, name: str, source: str, *, version: str = "1.0") -> None:
        """A distribution ``mockforge-NAME`` with the module ``site_NAME`` as its plugin."""
        self.add(
            f"mockforge-{name}",
            {name: f"site_{name}"},
            {f"site_{name}.py": "from mockforge import hookimpl\n" + dedent(source)},
            version=version,
        )

    def entry_points(self) -> list[importlib.metadata.EntryPoint]:
        """Those of this folder alone."""
        return [
            point
            for dist in importlib.metadata.distributions(path=[str(self.root)])
            for point in dist.entry_points
        ]

    def load(self, only: Iterable[str] = (), without: Iterable[str] = ()) -> Plugins:
        """Load what is installed in this folder."""
        return load_plugins(
            Selection.parse(list(only), list(without)), entry_points=self.entry_points()
        )
