"""What names suggest: told alike in every spelling, and by whom a thing belongs to."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mockforge.mocking.data.name_tables import NUMBERS, OWNERS, TEXTS
from mockforge.mocking.data.names import number_span, singular, text_kind, tokens, window
from mockforge.mocking.data.pools import pool
from mockforge.mocking.data.texts import MAKERS, maker
from tests.kernel.data.kit import generator, seeded, valid_samples


@pytest.mark.parametrize(
    "spelling", ["first_name", "firstName", "FirstName", "first-name", "FIRST_NAME", "firstname"]
)
def test_spellings_do_not_matter(spelling: str) -> None:
    assert text_kind(spelling) == "first_name"


@pytest.mark.parametrize(
    ("field", "owner", "kind"),
    [
        ("billing_email", "", "email"),
        ("homeCity", "", "city"),
        ("avatarUrl", "", "image_url"),
        ("name", "Pet", "pet_name"),
        ("name", "user", "full_name"),
        ("name", "Company", "company"),
        ("name", "NewPet", "pet_name"),
        ("name", "Users", "full_name"),
        ("name", "Zone", "title"),
        ("pet_name", "", "pet_name"),
        ("company_name", "user", "company"),
        ("name", "repository", "slug"),
        ("state", "Address", "state"),
        ("state", "Order", "status"),
        ("addressState", "", "state"),
        ("line1", "", "street"),
        ("createdAt", "", "date_time"),
        ("last_seen_on", "", "date_time"),
        ("sha256", "", "sha256"),
        ("accessToken", "", "token"),
        ("user_id", "", "uuid"),
        ("tags", "", "word"),
        ("countryCode", "", "country_code"),
        ("zzz", "", None),
        ("", "Pet", None),
        ("-", "", None),
    ],
)
def test_kinds(field: str, owner: str, kind: str | None) -> None:
    assert text_kind(field, owner) == kind


def test_every_kind_in_the_tables_can_be_made() -> None:
    assert {*TEXTS.values(), *OWNERS.values()} <= MAKERS
    assert all(span.low < span.high for span in NUMBERS.values())
    assert all(number_span(name) == span for name, span in NUMBERS.items())


@pytest.mark.parametrize(
    ("field", "pattern"),
    [
        ("email", r"^[a-z0-9]+\.[a-z0-9]+@example\.(com|org|net)$"),
        ("phoneNumber", r"^\+1-\d{3}-555-01\d\d$"),
        ("website", r"^https://example\."),
        ("avatar", r"\.png$"),
        ("currency", "^[A-Z]{3}$"),
        ("zipCode", r"^\d{5}$"),
        ("ip", r"^(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+$"),
        ("ipv6", "^2001:db8::"),
        ("mac", "^02(:[0-9a-f]{2}){5}$"),
        ("slug", "^[a-z]+-[a-z]+$"),
        ("version", r"^\d+\.\d+\.\d+$"),
        ("commit_sha", "^[0-9a-f]{40}$"),
        ("hex_color", "^#[0-9a-f]{6}$"),
        ("isbn", r"^978\d{10}$"),
        ("sku", r"^[A-Z]{3}-\d{5}$"),
        ("timezone", "^(UTC|[A-Z][a-z]+/)"),
        ("locale", "^[a-z]{2}-[A-Z]{2}$"),
        ("filename", r"^[a-z]+-[a-z]+\.[a-z]+$"),
        ("mimeType", "^[a-z]+/"),
        ("username", r"^[a-z]+\d+$"),
        ("description", r"^[A-Z].*\.$"),
        ("birthDate", r"^(19|200)\d+-\d\d-\d\d$"),
        ("country", "^[A-Z]"),
        ("id", "^[0-9a-f]{8}-"),
    ],
)
def test_texts_look_like_what_they_are_called(field: str, pattern: str) -> None:
    schema = {"type": "object", "properties": {field: {"type": "string"}}, "required": [field]}
    for value in valid_samples(schema):
        assert re.search(pattern, value[field]), value


def test_check_digits_are_right() -> None:
    for value in valid_samples({"type": "object", "required": ["isbn", "iban", "card_number"]}):
        weights = [1, 3] * 6 + [1]
        assert sum(int(d) * w for d, w in zip(value["isbn"], weights, strict=True)) % 10 == 0
        iban = value["iban"]
        assert int(f"{iban[4:]}1314{iban[2:4]}") % 97 == 1
        digits = [int(digit) for digit in reversed(value["card_number"])]
        doubled = sum(sum(divmod(digit * 2, 10)) for digit in digits[1::2])
        assert (sum(digits[::2]) + doubled) % 10 == 0


@pytest.mark.parametrize("kind", ["string", "integer"])
def test_what_was_created_was_updated_later_and_expires_later_still(kind: str) -> None:
    names = ["created_at", "updatedAt", "expires_at"]
    form = {"type": "string", "format": "date-time"}
    schema = {"type": "object", "properties": dict.fromkeys(names, form)}
    for value in valid_samples(schema):
        assert value["created_at"] < value["updatedAt"] < value["expires_at"]


def test_names_of_schemas_reach_their_properties() -> None:
    schema = {
        "type": "object",
        "properties": {"owner": {"$ref": "#/$defs/Person"}, "pets": {"type": "array",
                       "items": {"$ref": "#/$defs/Pet"}, "minItems": 1}},
        "$defs": {name: {"type": "object", "properties": {"name": {"type": "string"}}}
                  for name in ("Person", "Pet")},
    }  # fmt: skip
    for value in valid_samples(schema):
        assert value["owner"]["name"] in pool("full_name")
        assert all(pet["name"] in pool("pet_name") for pet in value["pets"])


def test_the_name_of_the_whole_value_helps_too() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"name": {"type": "string"}}}
    assert generator(schema, name="Company").generate(seeded(0))["name"] in pool("company")


@pytest.mark.parametrize(
    ("many", "one"),
    [("tags", "tag"), ("categories", "category"), ("addresses", "address"), ("boxes", "box"),
     ("status", "status"), ("Pets", "Pet"), ("analysis", "analysis"), ("data", "data"), ("", "")],
)  # fmt: skip
def test_singulars(many: str, one: str) -> None:
    assert singular(many) == one


def test_words_in_names() -> None:
    assert tokens("HTMLUrl2_old-Value3") == ("html", "url2", "old", "value3")


def test_windows_of_dates() -> None:
    assert window("created_at").end <= window("updated_at").start
    assert window("updated_at").end <= window("due_date").start
    assert window("birthday").end < window("anything").start


def test_makers_are_made_for_the_name() -> None:
    assert maker("date", "birthday") is not maker("date", "due_date")
