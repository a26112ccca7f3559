"""Rules of protovalidate and protoc-gen-validate: what is made satisfies them."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from mockforge.mocking.data import Dice
from mockforge_grpc.generate import Generator, UnsatisfiableRulesError, lint_rules
from mockforge_grpc.lint import lint_file
from tests.grpc.generate.pools import Types

SEEDS = 80


class Method(NamedTuple):
    """A method that answers with ``output``."""

    output: Any


class Schema:
    """A schema whose methods answer with the types called ``names``."""

    def __init__(self, types: Types, names: tuple[str, ...], package: str = "ruled") -> None:
        self.pool = types.pool
        self.methods = {name: Method(types[f"{package}.{name}"]) for name in names}

    def origin(self, name: str) -> str:
        return name


@pytest.fixture(scope="module")
def validator() -> Any:
    import protovalidate

    return protovalidate.Validator()


@pytest.mark.parametrize("name", ["Texts", "Numbers", "Octets", "Many", "Times", "Parts", "Nested"])
def test_what_is_made_satisfies_protovalidate(ruled: Types, validator: Any, name: str) -> None:
    generator = Generator(ruled)
    for seed in range(SEEDS):
        message = generator.make(ruled[f"ruled.{name}"], Dice(seed))
        violations = validator.collect_violations(message)
        assert [(str(each.proto), each.field_value) for each in violations] == []
        assert type(message).FromString(message.SerializeToString()) == message


def test_the_rules_in_these_tests_are_broken_by_empty_messages(
    ruled: Types, validator: Any
) -> None:
    for name in ("Texts", "Numbers", "Octets", "Many", "Parts"):
        assert validator.collect_violations(ruled[f"ruled.{name}"].new())


def test_examples_are_given_where_rules_have_some(ruled: Types) -> None:
    assert Generator(ruled).make(ruled["ruled.Examples"], Dice(1)).greeting == "hi there"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Impossible", r"ruled\.Impossible\.text: .*minLength 5 is greater than maxLength 3"),
        ("TooMany", r"ruled\.TooMany\.list: .*min_items 20000 is greater than the 10,000"),
        ("TooFew", r"ruled\.TooFew\.list: .*there are not 3 different values"),
    ],
)
def test_contradictions_name_the_field(ruled: Types, name: str, reason: str) -> None:
    with pytest.raises(UnsatisfiableRulesError, match=reason):
        Generator(ruled).make(ruled[f"ruled.{name}"], Dice(1))


def test_what_rules_demand_has_an_end(ruled: Types) -> None:
    # 81 million texts are asked for.
    with pytest.raises(UnsatisfiableRulesError, match="a message of more than 200,000 values"):
        Generator(ruled).make(ruled["ruled.Heavy"], Dice(1))


def test_expressions_are_told_of_and_not_solved(ruled: Types) -> None:
    generator = Generator(ruled)
    assert any(
        generator.make(ruled["ruled.Computed"], Dice(seed)).a
        <= generator.make(ruled["ruled.Computed"], Dice(seed)).b
        for seed in range(20)
    )
    found = list(lint_rules(Schema(ruled, ("Holder", "Texts"))))
    assert [finding.path for finding in found] == [
        "ruled.Computed",
        "ruled.Computed.b",
        "ruled.Computed.c",
    ]
    assert {finding.severity for finding in found} == {"info"}


def test_mockforge_lint_tells_of_expressions(ruled: Types, tmp_path: Path) -> None:
    path = tmp_path / "ruled.binpb"
    path.write_bytes(FileDescriptorSet(file=ruled.files).SerializeToString())
    found = list(lint_file(path) or ())
    assert [finding.path for finding in found if finding.code == "grpc.rule-expression"] == [
        "ruled.Computed",
        "ruled.Computed.b",
        "ruled.Computed.c",
    ]


def test_contradictions_in_answers_are_found_by_lint(ruled: Types) -> None:
    (found,) = lint_rules(Schema(ruled, ("Texts", "Impossible")))
    assert (found.code, found.severity) == ("grpc.rule-contradiction", "warning")
    assert found.path == "ruled.Impossible.text"


def test_lint_says_nothing_where_there_are_no_rules(plain: Types) -> None:
    assert list(lint_rules(Schema(plain, ("Endless",), "shop"))) == []


def test_the_older_rules_are_kept_too(old: Types) -> None:
    generator = Generator(old)
    for seed in range(SEEDS):
        made = generator.make(old["old.Ruled"], Dice(seed))
        assert 40 <= made.number < 42
        assert re.search("^x[0-9]+$", made.text)
        assert "@" in made.contact
        assert 4 <= len(made.list) <= 5
        assert len(set(made.list)) == len(made.list)
        assert {len(text) for text in made.list} == {3}
        assert 0 < made.expires_at.seconds < time.time()
        assert made.WhichOneof("choice")


def test_rules_that_are_switched_off_do_not_count(old: Types) -> None:
    assert 18 <= Generator(old).make(old["old.Disabled"], Dice(1)).age <= 80
