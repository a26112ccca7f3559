"""``{{variables}}``: those of the collection and its folders are put in, the others stay.

Dynamic ones (``{{$guid}}``) are made anew by Postman for each request; a sample needs just one value
that is typical, and always the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from mockforge_http.documents.pointer import Tokens

from .reading import Reading, pairs_of

VARIABLE: Final = re.compile(r"\{\{([^{}]{1,200})\}\}")
_DEEPEST: Final = 8
_COST: Final = 16

DYNAMIC: Final[Mapping[str, str]] = {
    "$guid": "6929bb52-3ab2-448a-9796-d6480ecad36b",
    "$timestamp": "1767225600",
    "$isoTimestamp": "2026-01-01T00:00:00.000Z",
    "$randomUUID": "6929bb52-3ab2-448a-9796-d6480ecad36b",
    "$randomAlphaNumeric": "a",
    "$randomBoolean": "true",
    "$randomInt": "42",
    "$randomColor": "green",
    "$randomHexColor": "#107f3e",
    "$randomIP": "192.0.2.17",
    "$randomIPV6": "2001:db8::17",
    "$randomPassword": "t9iXe7COoDKv8k3",
    "$randomLocale": "en",
    "$randomUserAgent": "Mozilla/5.0",
    "$randomProtocol": "https",
    "$randomSemver": "1.4.2",
    "$randomFirstName": "Ada",
    "$randomLastName": "Keller",
    "$randomFullName": "Ada Keller",
    "$randomNamePrefix": "Dr.",
    "$randomNameSuffix": "Jr.",
    "$randomJobTitle": "Product Engineer",
    "$randomPhoneNumber": "202-555-0143",
    "$randomPhoneNumberExt": "12-202-555-0143",
    "$randomCity": "Springfield",
    "$randomStreetName": "Mill Lane",
    "$randomStreetAddress": "12 Mill Lane",
    "$randomCountry": "Portugal",
    "$randomCountryCode": "PT",
    "$randomLatitude": "38.7223",
    "$randomLongitude": "-9.1393",
    "$randomImageUrl": "https://example.com/image.png",
    "$randomAvatarImage": "https://example.com/avatar.png",
    "$randomBankAccount": "09454073",
    "$randomCreditCardMask": "1234",
    "$randomCurrencyCode": "EUR",
    "$randomCurrencyName": "Euro",
    "$randomCurrencySymbol": "€",
    "$randomPrice": "531.55",
    "$randomTransactionType": "payment",
    "$randomCompanyName": "Keller and Sons",
    "$randomCatchPhrase": "Plain and sturdy tools",
    "$randomDateFuture": "2027-03-14T09:26:53.000Z",
    "$randomDatePast": "2025-03-14T09:26:53.000Z",
    "$randomDateRecent": "2025-12-31T09:26:53.000Z",
    "$randomWeekday": "Monday",
    "$randomMonth": "March",
    "$randomDomainName": "example.com",
    "$randomDomainSuffix": "com",
    "$randomEmail": "ada.keller@example.com",
    "$randomExampleEmail": "ada.keller@example.com",
    "$randomUserName": "ada.keller",
    "$randomUrl": "https://example.com",
    "$randomFileName": "report.pdf",
    "$randomFileExt": "pdf",
    "$randomMimeType": "application/pdf",
    "$randomProduct": "Chair",
    "$randomProductName": "Sturdy Wooden Chair",
    "$randomWord": "harbour",
    "$randomWords": "harbour light",
    "$randomLoremWord": "dolor",
    "$randomLoremWords": "dolor sit amet",
    "$randomLoremSentence": "Lorem ipsum dolor sit amet.",
    "$randomLoremParagraph": "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
    "$randomLoremText": "Lorem ipsum dolor sit amet.",
}


class Scope:
    """The variables that count in one place: those of the folder, then of the folders around it."""

    def __init__(
        self, values: Mapping[str, str], reading: Reading, outer: Scope | None = None
    ) -> None:
        self._values = values
        self._reading = reading
        self._outer = outer

    def under(self, variables: Any, tokens: Tokens) -> Scope:
        """The scope inside a folder or item with ``variables``."""
        found = read_variables(variables, self._reading, tokens)
        return Scope(found, self._reading, self) if found else self

    def value(self, name: str) -> str | None:
        """The value of the variable ``name``; an empty one is filled in by scripts, so it is none."""
        scope: Scope | None = self
        while scope is not None:
            value = scope._values.get(name)
            if value:
                return value
            scope = scope._outer
        return None

    def text(self, text: str, *, dynamic: bool = True) -> str:
        """``text`` with every variable that has a value put in; ``dynamic`` says whether those that
        Postman makes anew for each request count too. DocumentError beyond the bound."""
        return self._expand(text, (), dynamic) if "{{" in text else text

    def _expand(self, text: str, inside: tuple[str, ...], dynamic: bool) -> str:
        def put(match: re.Match[str]) -> str:
            name = match[1].strip()
            value = self.value(name)
            if value is None and dynamic:
                value = DYNAMIC.get(name)
            if value is None or name in inside or len(inside) >= _DEEPEST:
                return match[0]
            self._reading.spend(len(value) + _COST)
            return self._expand(value, (*inside, name), dynamic) if "{{" in value else value

        return VARIABLE.sub(put, text)


def read_variables(value: Any, reading: Reading, tokens: Tokens) -> dict[str, str]:
    """The enabled variables in ``value`` by name."""
    return {
        pair.key: pair.value
        for pair in pairs_of(value, reading, tokens)
        if pair.enabled and pair.value is not None
    }
