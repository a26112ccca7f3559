"""What functions of GripMock's templates become. ``{0}`` stands for the first argument."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "Person.FirstName": "faker.first_name()",
    "Person.LastName": "faker.last_name()",
    "Person.Name": "faker.name()",
    "Person.Prefix": "rand.choice('Dr.', 'Mr.', 'Ms.', 'Mrs.')",
    "Person.Suffix": "rand.choice('Jr.', 'Sr.', 'II', 'PhD')",
    "Person.Gender": "faker.gender()",
    "Contact.Email": "faker.email()",
    "Contact.Phone": "faker.phone()",
    "Contact.Username": "faker.username()",
    "Contact.URL": "faker.url()",
    "Geo.Country": "faker.country()",
    "Geo.CountryCode": "faker.country_code()",
    "Geo.City": "faker.city()",
    "Geo.State": "faker.state()",
    "Geo.StateCode": "rand.choice('CA', 'NY', 'TX', 'WA', 'FL', 'IL')",
    "Geo.Zip": "faker.zip()",
    "Geo.Street": "faker.street()",
    "Geo.Latitude": "faker.latitude()",
    "Geo.Longitude": "faker.longitude()",
    "Geo.TimeZone": "faker.timezone()",
    "Network.DomainName": "faker.domain()",
    "Network.DomainSuffix": "rand.choice('com', 'net', 'org')",
    "Network.IPv4": "faker.ipv4()",
    "Network.IPv6": "faker.ipv6()",
    "Network.MAC": "faker.mac()",
    "Network.UserAgent": "faker.user_agent()",
    "Network.HTTPMethod": "rand.choice('GET', 'POST', 'PUT', 'PATCH', 'DELETE')",
    "Company.Company": "faker.company()",
    "Company.CompanySuffix": "rand.choice('LLC', 'Inc', 'Ltd', 'Group')",
    "Company.JobTitle": "faker.job()",
    "Company.JobLevel": "rand.choice('Junior', 'Senior', 'Lead', 'Principal')",
    "Company.JobDescriptor": "rand.choice('Lead', 'Senior', 'Chief', 'Regional')",
    "Commerce.ProductName": "faker.product()",
    "Commerce.ProductCategory": "faker.category()",
    "Commerce.ProductDescription": "faker.sentence()",
    "Commerce.CurrencyLong": "rand.choice('US Dollar', 'Euro', 'Pound Sterling', 'Yen')",
    "Commerce.CurrencyShort": "faker.currency()",
    "Text.Word": "faker.word()",
    "Text.Sentence": "faker.sentence()",
    "Text.Paragraph": "faker.paragraph({0})",
    "Text.Phrase": "faker.words(2)",
    "Text.Quote": "faker.sentence()",
    "Text.Question": "faker.sentence() | replace('.', '?')",
    "DateTime.Date": "faker.datetime()",
    "DateTime.PastDate": "rand.date('2015-01-01', '2025-12-31') | date('iso')",
    "DateTime.FutureDate": "rand.date('2030-01-01', '2039-12-31') | date('iso')",
    "DateTime.WeekDay": "rand.choice('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday')",
    "Identity.UUID": "uuid()",
    "Identity.SSN": "'9%02d-%02d-%04d' | format(rand.int(10, 99), rand.int(1, 65), rand.int(1, 9999))",
    "Identity.EIN": "'00-%07d' | format(rand.int(1, 9999999))",
}
"""``faker.*`` that give texts. Numbers of people and companies are such as nobody has."""

NUMBERS: Final[dict[str, str]] = {
    "Person.Age": "rand.int(18, 80)",
    "Network.HTTPStatusCode": "rand.choice(200, 201, 204, 301, 400, 404, 409, 500)",
    "Commerce.Price": "rand.float({0}, {1}, 2)",
    "DateTime.Year": "rand.int(2000, 2035)",
    "DateTime.Month": "rand.int(1, 12)",
    "DateTime.Day": "rand.int(1, 28)",
    "DateTime.Hour": "rand.int(0, 23)",
    "DateTime.Minute": "rand.int(0, 59)",
    "DateTime.Second": "rand.int(0, 59)",
    "Number.Int": "rand.int(0, 1000000000)",
    "Number.IntN": "rand.int(0, {0} - 1)",
    "Number.IntRange": "rand.int({0}, {1})",
    "Number.Int32": "rand.int(0, 2147483647)",
    "Number.Int64": "rand.int(0, 9007199254740991)",
    "Number.Float32": "rand.float(0, 1, 6)",
    "Number.Float32Range": "rand.float({0}, {1}, 4)",
    "Number.Float64": "rand.float(0, 1, 9)",
    "Number.Float64Range": "rand.float({0}, {1}, 6)",
}
"""``faker.*`` that give numbers."""

WORDS: Final[dict[str, tuple[str, bool]]] = {
    "upper": ("({0} | upper)", True),
    "lower": ("({0} | lower)", True),
    "title": ("({0} | title)", True),
    "str": ("({0} | string)", True),
    "json": ("({0} | json)", True),
    "toJson": ("({0} | json)", True),
    "uuid": ("uuid()", True),
    "string2base64": ("gripmock.base64({0})", True),
    "bytes2base64": ("gripmock.base64({0})", True),
    "bytes": ("{0}", False),
    "uuid2base64": ("gripmock.uuid2base64({0})", True),
    "len": ("({0} | length)", False),
    "not": ("(not {0})", False),
    "eq": ("({0} == {1})", False),
    "ne": ("({0} != {1})", False),
    "gt": ("({0} > {1})", False),
    "gte": ("({0} >= {1})", False),
    "ge": ("({0} >= {1})", False),
    "lt": ("({0} < {1})", False),
    "lte": ("({0} <= {1})", False),
    "le": ("({0} <= {1})", False),
    "int64": ("gripmock.int({0})", False),
    "float": ("gripmock.number({0})", False),
    "decimal": ("gripmock.number({0})", False),
}
"""Functions with a fixed number of arguments, and whether they give a text."""

OWN: Final = frozenset(
    {
        "add", "sub", "div", "mod", "sum", "mul", "avg", "min", "max", "int", "floor", "ceil", "round",
        "extract", "where", "page", "countBy", "seq", "split", "join",
    }
)  # fmt: skip
"""Functions that stay what they are, as ``gripmock.NAME``."""
