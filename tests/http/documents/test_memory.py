"""What a large document costs the process that serves it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ...corpus import corpus

MIB = 1024**2

_MEASURE = """
import gc, json, sys
from pathlib import Path
import psutil
from mockforge_http.documents import Cache, open_document
import mockforge_http.documents.yamltext
path, folder = Path(sys.argv[1]), Path(sys.argv[2])
gc.collect()
before = psutil.Process().memory_info().rss
document = open_document(path, cache=Cache(folder))
gc.collect()
opened = psutil.Process().memory_info().rss
for ref in document.operations():
    document.operation(ref)
gc.collect()
viewed = psutil.Process().memory_info().rss
held = document.memory_bytes()
document.close()
print(json.dumps([opened - before, viewed - before, held]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the figures are those of Linux")
@pytest.mark.parametrize(
    "name", ["github-api.github.com.json", "stripe-2023-09.yaml", "kubernetes-swagger2.json"]
)
def test_a_large_document_stays_small(name: str, tmp_path: Path) -> None:
    path = corpus("openapi", name)
    grown = []
    for _ in range(2):
        finished = subprocess.run(
            [sys.executable, "-c", _MEASURE,
             str(path), str(tmp_path)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr
        grown.append(json.loads(finished.stdout))
    prepared, cached = grown
    assert prepared[0] < 12 * MIB
    assert cached[0] < 6 * MIB
    for _, viewed, held in grown:
        assert viewed < 16 * MIB
        assert held < 6 * MIB
