"""Made-up data of other tools (Datafaker of WireMock's extension, Faker of Mockoon) as ``faker.*``."""

from __future__ import annotations

from typing import Final

from .nodes import Call, Literal
from .requests import Code

_NAMES: Final = {
    "firstname": "first_name", "lastname": "last_name", "fullname": "name", "name": "name",
    "username": "username", "email": "email", "emailaddress": "email", "safeemailaddress": "email",
    "exampleemail": "email", "phonenumber": "phone", "cellphone": "phone", "number": "phone",
    "jobtitle": "job", "title": "job", "street": "street", "streetaddress": "street", "streetname": "street",
    "fulladdress": "address", "city": "city", "cityname": "city", "state": "state", "zipcode": "zip",
    "postcode": "zip", "country": "country", "countrycode": "country_code", "latitude": "latitude",
    "longitude": "longitude", "timezone": "timezone", "companyname": "company", "company": "company",
    "department": "department", "productname": "product", "price": "price", "currencycode": "currency",
    "iban": "iban", "bic": "bic", "creditcardnumber": "card_number", "isbn13": "isbn", "url": "url",
    "domainname": "domain", "ipv4": "ipv4", "ipv4address": "ipv4", "ip": "ipv4", "ipv6": "ipv6",
    "ipv6address": "ipv6", "mac": "mac", "macaddress": "mac", "useragent": "user_agent", "uuid": "uuid",
    "word": "word", "words": "words", "sentence": "sentence", "paragraph": "paragraph", "text": "text",
    "slug": "slug", "password": "password", "mimetype": "mime_type", "filename": "file_name",
    "semver": "version", "hexcolor": "hex_color", "color": "color", "gender": "gender", "sex": "gender",
}  # fmt: skip
_WHOLE: Final = {
    "companyname": "company",
    "companyindustry": "category",
    "commerceproductname": "product",
}
_COUNTS: Final = {
    "int": "rand.int(0, 99999)", "numberint": "rand.int(0, 99999)", "datatypenumber": "rand.int(0, 99999)",
    "datatypeboolean": "rand.bool()", "boolean": "rand.bool()", "numberfloat": "rand.float(0, 1000, 2)",
}  # fmt: skip


def faker_code(call: Call) -> Code | None:
    """Code for ``{{random 'Name.first_name'}}`` and ``{{faker 'person.firstName'}}``; ``None`` where there is
    nothing like it."""
    first = call.arguments[0] if call.arguments else None
    if not isinstance(first, Literal) or not isinstance(first.value, str):
        return None
    whole = first.value.replace("_", "").replace(".", "").lower()
    last = first.value.rpartition(".")[2].replace("_", "").lower()
    number = _COUNTS.get(whole) or _COUNTS.get(last)
    if number is not None:
        return Code(number, "text")
    name = _WHOLE.get(whole) or _NAMES.get(last)
    return None if name is None else Code(f"faker.{name}()", "text")
