"""``/metrics`` as Prometheus reads it, and the dashboard that shows it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families as plain

from tests.admin.making import Admin, admin
from tests.e2e.wired.names import metric_specs

DASHBOARD = json.loads((Path(__file__).parents[2] / "docs/grafana.json").read_text())
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"


def value(text: str, sample_name: str, **labels: str) -> float:
    return sum(
        sample.value
        for family in plain(text)
        for sample in family.samples
        if sample.name == sample_name and labels.items() <= sample.labels.items()
    )


def test_requests_are_counted_where_prometheus_looks(fresh: Admin) -> None:
    def counted() -> float:
        text = fresh.client.get("/metrics").text
        return value(text, "mockforge_requests_total", protocol="http", method="GET", status="200")

    before = counted()
    fresh.call("/pets/1")
    assert counted() == before + 1
    answer = fresh.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert value(answer.text, "mockforge_requests_by_path_total", path="/pets/{petId}") >= 1
    assert value(answer.text, "mockforge_request_duration_seconds_count") >= 1


def test_openmetrics_is_spoken_where_it_is_asked_for(fresh: Admin) -> None:
    fresh.call("/pets/1")
    answer = fresh.client.get("/metrics", headers={"Accept": OPENMETRICS})
    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    parse: Any = openmetrics.text_string_to_metric_families
    families = {family.name: family for family in parse(answer.text)}
    assert families["mockforge_requests"].type == "counter"
    assert families["mockforge_request_duration_seconds"].type == "histogram"


def test_labels_do_not_multiply_with_what_clients_make_up() -> None:
    with admin() as running:
        for number in range(50):
            running.call(f"/made-up/{number}")
            running.call("/pets/1", f"VERB{number}")
        lines = running.client.get("/metrics").text.splitlines()
        assert (
            len([line for line in lines if line.startswith("mockforge_requests_by_path_total")])
            < 10
        )


def _queries() -> list[str]:
    return [target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", ())]


def _names(query: str) -> set[str]:
    found = re.findall(r"\b(?:mockforge|process)_\w+", query)
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in found}


def test_the_dashboard_asks_for_metrics_that_exist_and_shows_all_of_them() -> None:
    known = {spec.name for spec in metric_specs()}
    asked = {name for query in _queries() for name in _names(query)}
    assert asked == known


@pytest.mark.parametrize("query", _queries())
def test_the_dashboard_groups_by_labels_that_there_are(query: str) -> None:
    specs = {spec.name: spec for spec in metric_specs()}
    for labels in re.findall(r"by \(([^)]*)\)", query):
        for label in labels.split(", "):
            assert all(label in {*specs[name].labels, "le"} for name in _names(query))


def test_panels_have_places_and_ids_of_their_own() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels}
    assert len(places) == len(panels)
