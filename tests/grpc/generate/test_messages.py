"""Messages made from descriptors alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import json_format

from mockforge.mocking.data import Dice
from mockforge_grpc.generate import Generator, UnsatisfiableRulesError
from tests.grpc.generate.pools import Types

SEEDS = 60


def depth(message: Any) -> int:
    """How many messages stand inside each other."""
    inner = 0
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.is_repeated:
            is_map = field.message_type.GetOptions().map_entry
            parts = list(value.values()) if is_map else list(value)
        else:
            parts = [value]
        inner = max([inner, *(depth(part) for part in parts if hasattr(part, "ListFields"))])
    return inner + 1


def users(types: Types) -> Iterator[Any]:
    generator = Generator(types)
    for seed in range(SEEDS):
        yield generator.make(types["shop.User"], Dice(seed))


def test_messages_survive_the_wire_and_json(plain: Types) -> None:
    for user in users(plain):
        assert type(user).FromString(user.SerializeToString()) == user
        for names in (True, False):
            text = json_format.MessageToJson(
                user, preserving_proto_field_name=names, descriptor_pool=plain.pool
            )
            again = json_format.Parse(text, type(user)(), descriptor_pool=plain.pool)
            assert again == user


def test_values_are_plausible_by_the_names_of_fields(plain: Types) -> None:
    for user in users(plain):
        assert user.email.rpartition("@")[2] in ("example.com", "example.org", "example.net")
        assert 18 <= user.age <= 80
        assert " " in user.name
        assert 1 <= user.id <= 9999
        assert -90 <= user.lat <= 90
        assert user.created_at.ToJsonString().startswith("2024-")
        assert all(address.zip_code.isdigit() for address in user.addresses.values())


def test_every_kind_of_field_is_filled(plain: Types) -> None:
    for user in users(plain):
        unset = {field.name for field in user.DESCRIPTOR.fields} - {
            field.name for field, _value in user.ListFields()
        }
        oneof = {"phone", "url", "visit"}
        assert unset - oneof == {"next_page_token"}
        assert len(oneof - unset) == 1
        assert 1 <= len(user.tags) <= 3
        assert user.detail.type_url == "type.googleapis.com/shop.Address"
        assert user.detail.value


def test_a_page_token_is_not_made_up(plain: Types) -> None:
    # A client that follows it would never come to an end.
    assert not any(user.next_page_token for user in users(plain))


def test_oneofs_take_all_of_their_members_over_time(plain: Types) -> None:
    assert {user.WhichOneof("contact") for user in users(plain)} == {"phone", "url", "visit"}


def test_enums_avoid_unspecified_and_deprecated_values(plain: Types) -> None:
    assert {user.kind for user in users(plain)} == {1, 2}
    assert {user.bare for user in users(plain)} == {0}


def test_equal_seeds_give_equal_messages_in_every_process(plain: Types) -> None:
    program = (
        "import sys; from google.protobuf.descriptor_pb2 import FileDescriptorSet\n"
        "from google.protobuf.descriptor_pool import DescriptorPool\n"
        "from mockforge.mocking.data import Dice\n"
        "from mockforge_grpc.generate import Generator\n"
        "from tests.grpc.generate.pools import Types\n"
        "files = FileDescriptorSet.FromString(sys.stdin.buffer.read()).file\n"
        "pool = DescriptorPool()\n"
        "for file in files: pool.Add(file)\n"
        "types = Types(pool, tuple(files))\n"
        "message = Generator(types).make(types['shop.User'], Dice('seed'))\n"
        "sys.stdout.buffer.write(message.SerializeToString(deterministic=True))\n"
    )
    from google.protobuf.descriptor_pb2 import FileDescriptorSet

    described = FileDescriptorSet(file=plain.files).SerializeToString()
    made = {
        subprocess.run(
            [sys.executable, "-c", program], input=described, capture_output=True, check=True
        ).stdout
        for _ in range(2)
    }
    here = Generator(plain).make(plain["shop.User"], Dice("seed"))
    assert made == {here.SerializeToString(deterministic=True)}
    other = Generator(plain).make(plain["shop.User"], Dice("other"))
    assert other != here


def test_types_that_contain_themselves_come_to_an_end(plain: Types) -> None:
    generator = Generator(plain)
    for seed in range(SEEDS):
        tree = generator.make(plain["shop.Tree"], Dice(seed))
        assert 2 <= depth(tree) <= 4
        assert len(tree.SerializeToString()) < 64_000


def test_what_requires_itself_without_end_is_an_error(plain: Types) -> None:
    with pytest.raises(UnsatisfiableRulesError, match=r"shop\.Endless.*60 levels"):
        Generator(plain).make(plain["shop.Endless"], Dice(1))


@pytest.mark.parametrize("name", ["Timestamp", "Duration", "Struct", "Empty", "StringValue", "Any"])
def test_well_known_types_can_be_the_answer(plain: Types, name: str) -> None:
    made = Generator(plain).make(plain[f"google.protobuf.{name}"], Dice(3))
    text = json_format.MessageToJson(made, descriptor_pool=plain.pool)
    assert json_format.Parse(text, type(made)(), descriptor_pool=plain.pool) == made


def test_memory_is_told_and_stops_growing(plain: Types) -> None:
    generator = Generator(plain)
    for seed in range(10):
        generator.make(plain["shop.User"], Dice(seed))
    held = generator.footprint()
    assert held > 0
    for seed in range(10, 40):
        generator.make(plain["shop.User"], Dice(seed))
    assert generator.footprint() == held
