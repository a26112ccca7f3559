"""Published documents open, with and without cache, and all their operations can be viewed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockforge_http.documents import Cache, Document, Limits, open_document

from ...corpus import corpus, corpus_root

SINGLE = sorted(
    path.name
    for path in corpus_root().glob("openapi/*")
    if path.suffix in (".json", ".yaml", ".yml") and path.name != "index.json"
)
MULTIPLE = {
    "digitalocean/DigitalOcean-public.v2.yaml": 1500,
    "train-travel/openapi.yaml": 2,
    "oai-petstore-separate/spec/swagger.yaml": 5,
}


def documents() -> Iterator[tuple[str, ...]]:
    yield from (("openapi", name) for name in SINGLE)
    yield from (("openapi-multifile", name) for name in MULTIPLE)


def summary(document: Document) -> list[object]:
    found: list[object] = [document.version, document.title, document.files, document.findings]
    for ref in [*document.operations(), *document.webhooks()]:
        view = document.operation(ref)
        found.append((ref, len(view.parameters), list(view.responses), view.security))
        for response in view.responses.values():
            for media in response.content.values():
                if media.schema is not None and isinstance(media.schema.value, dict):
                    reference = media.schema.value.get("$ref")
                    if reference is not None:
                        document.resolve(reference, media.schema.base)
    return found


@pytest.mark.parametrize("parts", list(documents()), ids="/".join)
def test_published_documents_open_with_and_without_cache(
    parts: tuple[str, ...], tmp_path: Path
) -> None:
    path = corpus(*parts)
    root = path.parent.parent if "separate" in parts[-1] else None
    cache = Cache(tmp_path)
    with open_document(path, root=root) as document:
        expected = summary(document)
        idle_limit = Limits().decoded_bytes + 1024**2
        assert document.memory_bytes() < idle_limit
        assert len(document.files) >= MULTIPLE.get(parts[-1], 1)
        assert not [found for found in document.findings if found.severity == "error"]
    for _ in range(2):
        with open_document(path, root=root, cache=cache) as document:
            assert summary(document) == expected
    assert len(list(cache.folder.glob("*.pack"))) == 1


def test_the_number_of_operations_is_that_of_the_index() -> None:
    for entry in json.loads(corpus("openapi", "index.json").read_text()):
        with open_document(corpus("openapi", entry["file"])) as document:
            assert len(document.operations()) == entry["operations"], entry["file"]
            assert len(document.webhooks()) == entry["webhooks"], entry["file"]
