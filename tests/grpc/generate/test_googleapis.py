"""Messages of all types in googleapis-common-protos, which nobody here wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import files
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format

from mockforge.mocking.data import Dice
from mockforge_grpc.generate import Generator
from tests.grpc.generate.pools import Type, Types, compiled

RESOURCES = """
syntax = "proto3";
package lib;
import "google/api/resource.proto";
option (google.api.resource_definition) = {
  type: "lib.example/Shop" pattern: "*" pattern: "shops/{shop}"
};
message Book {
  option (google.api.resource) = {
    type: "lib.example/Book" pattern: "shelves/{shelf}/books/{book}"
  };
  string name = 1;
  string title = 2;
  string shop = 3 [(google.api.resource_reference).type = "lib.example/Shop"];
  repeated string related = 4 [(google.api.resource_reference).type = "lib.example/Book"];
  string unknown_email = 5 [(google.api.resource_reference).type = "lib.example/Nothing"];
}
message ListBooks {
  string parent = 1 [(google.api.resource_reference).child_type = "lib.example/Book"];
}
"""


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Types:
    found = [Path(str(file.locate())) for file in files("googleapis-common-protos") or ()]
    protos = [path for path in found if path.suffix == ".proto"]
    root = next(
        path for path in protos if path.as_posix().endswith("google/rpc/code.proto")
    ).parents[2]
    sources = {path.relative_to(root).as_posix(): path.read_text() for path in protos}
    return compiled(tmp_path_factory.mktemp("googleapis"), {**sources, "lib.proto": RESOURCES})


def all_types(types: Types) -> Iterator[Type]:
    """Those at the top of files, and those inside of others."""
    for file in types.files:
        waiting: list[Any] = list(
            types.pool.FindFileByName(file.name).message_types_by_name.values()
        )
        while waiting:
            descriptor = waiting.pop()
            if not descriptor.GetOptions().map_entry:
                yield Type(descriptor)
            waiting += descriptor.nested_types


def test_messages_of_every_type_survive_the_wire_and_json(types: Types) -> None:
    generator, count = Generator(types), 0
    for kind in all_types(types):
        for seed in range(2):
            made = generator.make(kind, Dice(seed))
            data = made.SerializeToString()
            assert type(made).FromString(data) == made
            assert len(data) < 64_000
            text = json_format.MessageToJson(made, descriptor_pool=types.pool)
            again = json_format.Parse(text, type(made)(), descriptor_pool=types.pool)
            assert again == made, kind.descriptor.full_name
        count += 1
    assert count > 150


def test_common_types_hold_what_they_stand_for(types: Types) -> None:
    generator = Generator(types)
    for seed in range(30):
        date = generator.make(types["google.type.Date"], Dice(seed))
        assert 2024 <= date.year <= 2025
        assert 1 <= date.month <= 12
        assert 1 <= date.day <= 28
        money = generator.make(types["google.type.Money"], Dice(seed))
        assert money.currency_code.isupper()
        assert len(money.currency_code) == 3
        assert 0 <= money.nanos < 10**9
        place = generator.make(types["google.type.LatLng"], Dice(seed))
        assert -90 <= place.latitude <= 90
        status = generator.make(types["google.rpc.Status"], Dice(seed))
        assert 1 <= status.code <= 16


def test_names_of_resources_follow_their_patterns(types: Types) -> None:
    generator = Generator(types)
    for seed in range(10):
        book = generator.make(types["lib.Book"], Dice(seed))
        assert re.fullmatch(r"shelves/[a-z]+-[a-z]+/books/[a-z]+-[a-z]+", book.name)
        assert re.fullmatch(r"shops/[a-z]+-[a-z]+", book.shop)
        assert book.related
        assert all(each.startswith("shelves/") for each in book.related)
        assert "@" in book.unknown_email
        parent = generator.make(types["lib.ListBooks"], Dice(seed)).parent
        assert re.fullmatch(r"shelves/[a-z]+-[a-z]+", parent)
