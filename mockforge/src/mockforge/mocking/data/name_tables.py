"""The tables behind :mod:`~mockforge.mocking.data.names`: which words in a property's name mean what."""

from __future__ import annotations

from typing import Final, NamedTuple


class Span(NamedTuple):
    """Numbers from ``low`` to ``high``, with so many decimal ``digits`` where they are no integers."""

    low: float
    high: float
    digits: int = 2


class Window(NamedTuple):
    """A span of days since 1970-01-01, the second excluded."""

    start: int
    end: int


_2024: Final = 19723
_2025: Final = 20089
_2026: Final = 20454
_2027: Final = 20819

USUAL: Final = Window(_2024, _2026)
"""Dates lie in 2024 and 2025 (UTC): fixed, so that equal seeds give equal answers for good."""

_BIRTHS: Final = """
    birth birthdate birthday born dob
"""
_FUTURE: Final = """
    deadline due end ends estimated expiration expire expires expiry next renewal renews
    scheduled to until
"""
_LATER: Final = """
    accessed changed closed completed delivered edited ended finished last login merged
    modified paid processed pushed refreshed resolved seen shipped synced updated used
"""
_EARLIER: Final = """
    added begin created creation established from issued joined opened ordered placed
    published registered released signup since start started starts submitted
"""

WINDOWS: Final = tuple(
    (frozenset(words.split()), window)
    for words, window in (
        (_BIRTHS, Window(-5479, 12784)),
        (_FUTURE, Window(_2026, _2027)),
        (_LATER, Window(_2025, _2026)),
        (_EARLIER, Window(_2024, _2025)),
    )
)
"""Words in a name that narrow this, first match first: birthdays between 1955 and 2004, what is still
to come in 2026, what follows (``updated_at``) in 2025, what starts things in 2024."""


def _table(text: str) -> dict[str, str]:
    """``kind: name name ...`` per line, as a dictionary from name to kind."""
    found = {}
    for line in text.strip().splitlines():
        kind, _, names = line.partition(":")
        for name in names.split():
            found[name] = kind.strip()
    return found


TEXTS: Final = _table(
    """
    email: email e_mail mail email_address user_email contact_email sender recipient
    first_name: first_name firstname given_name forename middle_name
    last_name: last_name lastname surname family_name
    full_name: full_name fullname display_name real_name author creator owner_name customer_name
    full_name: contact_name user_full_name employee assignee reviewer person author_name created_by
    full_name: updated_by modified_by cardholder_name account_holder recipient_name sender_name
    username: username user_name login handle nickname nick screen_name account_name user author_login
    phone: phone phone_number telephone tel mobile mobile_phone cell fax mobile_number
    street: street street_address address address_line address_line1 line1 address1 street1 street_name
    unit_line: line2 address2 address_line2 street2 apartment suite
    city: city town locality municipality
    state: county
    state_code: state_code
    postal_code: zip zip_code zipcode postal_code postcode postal
    country: country country_name nation
    country_code: country_code country_iso
    latitude: latitude lat
    longitude: longitude lng lon long
    company: company company_name organization organisation organization_name employer vendor
    company: manufacturer brand publisher supplier merchant business_name org bank bank_name
    occupation: job job_title occupation profession position
    department: department division team team_name
    university: university school college
    nationality: nationality citizenship
    language: language
    language_code: lang language_code
    locale: locale
    timezone: timezone time_zone tz timezone_name
    url: url uri link href website homepage site web web_url website_url permalink endpoint webhook
    url: callback callback_url redirect_uri redirect_url html_url
    image_url: avatar avatar_url image image_url photo photo_url picture picture_url thumbnail
    image_url: thumbnail_url logo logo_url icon icon_url banner banner_url cover img photo_urls
    sentence: description summary bio about comment message body content text note notes details
    sentence: detail excerpt review feedback caption remarks reason instructions overview abstract
    title: name title subject headline topic heading
    phrase: label alias
    slug: slug permalink_slug
    status: status state
    color: color colour
    hex_color: hex_color color_hex background_color foreground_color
    currency: currency currency_code currency_iso
    decimal: price amount total cost balance subtotal fee tax salary
    token: token access_token refresh_token api_key apikey secret client_secret session_id auth_token
    token: key secret_key csrf_token nonce session cursor next_page_token page_token
    password: password passphrase passwd
    sha1: sha sha1 commit commit_sha commit_id revision
    sha256: sha256 hash digest checksum fingerprint signature
    md5: md5 etag
    ip: ip ip_address ipaddress ipv4 remote_addr client_ip
    ipv6: ipv6
    hostname: host hostname domain domain_name server fqdn
    mac: mac mac_address
    user_agent: user_agent useragent
    version: version semver release
    file_name: filename file_name file attachment document
    path: path file_path filepath directory folder
    mime_type: mime_type mimetype content_type media_type
    extension: extension file_extension
    uuid: uuid guid id uid
    isbn: isbn
    sku: sku product_code item_code
    barcode: barcode ean upc gtin
    iban: iban account_number
    bic: bic swift
    card_number: card_number
    gender: gender sex
    species: species animal
    breed: breed
    category: category tag_category product_type
    product: product product_name item item_name
    word: tag keyword type kind group class
    genre: genre
    role: role
    plan: plan tier subscription
    payment_method: payment_method payment_type
    method: http_method
    level: level severity priority log_level
    weekday: weekday day_of_week
    month: month
    unit: unit uom
    size: size
    date: date birthday birthdate dob birth_date day start_date end_date due_date
    date_time: timestamp datetime date_time created updated modified start_time end_time
    time: time
    year: year
    phone: emergency_contact
    """
)

OWNERS: Final = _table(
    """
    pet_name: pet dog cat animal puppy kitten
    full_name: user person people customer author employee contact owner member student teacher
    full_name: patient doctor artist actor client passenger guest player driver buyer seller
    full_name: traveler traveller recipient sender guardian admin staff
    company: company organization organisation org vendor supplier brand merchant business employer
    company: manufacturer publisher shop restaurant hotel station
    product: product item good article merchandise
    city: city town
    country: country
    state: state province region
    category: category
    species: species
    breed: breed
    color: color colour
    department: department
    genre: genre
    role: role
    plan: plan tier
    word: tag label keyword topic
    slug: repo repository branch package bucket namespace cluster
    file_name: file document attachment image photo
    university: university school college
    currency_name: currency
    language: language
    title: book movie film song album post event course task job issue project playlist episode
    title: ticket report lesson
    """
)

EPOCH: Final = Span(1704067200, 1767225599, 0)

NUMBERS: Final[dict[str, Span]] = {
    "id": Span(1, 9999, 0),
    "uid": Span(1, 9999, 0),
    "age": Span(18, 80, 0),
    "price": Span(1, 500),
    "amount": Span(1, 1000),
    "total": Span(1, 1000),
    "cost": Span(1, 500),
    "subtotal": Span(1, 1000),
    "balance": Span(0, 10_000),
    "fee": Span(1, 50),
    "tax": Span(1, 100),
    "discount": Span(1, 50),
    "salary": Span(30_000, 150_000, 0),
    "quantity": Span(1, 20, 0),
    "qty": Span(1, 20, 0),
    "count": Span(0, 100, 0),
    "stock": Span(0, 500, 0),
    "inventory": Span(0, 500, 0),
    "latitude": Span(-90, 90, 6),
    "lat": Span(-90, 90, 6),
    "longitude": Span(-180, 180, 6),
    "lng": Span(-180, 180, 6),
    "lon": Span(-180, 180, 6),
    "rating": Span(1, 5, 1),
    "stars": Span(1, 5, 1),
    "score": Span(0, 100, 1),
    "percent": Span(0, 100, 1),
    "percentage": Span(0, 100, 1),
    "progress": Span(0, 100, 1),
    "probability": Span(0, 1, 3),
    "confidence": Span(0, 1, 3),
    "ratio": Span(0, 1, 3),
    "rate": Span(0, 1, 3),
    "temperature": Span(-10, 35, 1),
    "humidity": Span(20, 95, 1),
    "year": Span(2015, 2025, 0),
    "month": Span(1, 12, 0),
    "day": Span(1, 28, 0),
    "hour": Span(0, 23, 0),
    "minute": Span(0, 59, 0),
    "second": Span(0, 59, 0),
    "port": Span(1024, 49_151, 0),
    "width": Span(100, 1920, 0),
    "height": Span(100, 1080, 0),
    "weight": Span(1, 100, 1),
    "size": Span(1, 100_000, 0),
    "bytes": Span(1, 1_000_000, 0),
    "duration": Span(1, 3600, 0),
    "page": Span(1, 10, 0),
    "per_page": Span(10, 100, 0),
    "page_size": Span(10, 100, 0),
    "limit": Span(10, 100, 0),
    "offset": Span(0, 100, 0),
    "index": Span(0, 20, 0),
    "position": Span(1, 20, 0),
    "rank": Span(1, 100, 0),
    "order": Span(1, 20, 0),
    "level": Span(1, 10, 0),
    "version": Span(1, 10, 0),
    "status_code": Span(200, 204, 0),
    "code": Span(100, 999, 0),
    "timestamp": EPOCH,
    "created": EPOCH,
    "updated": EPOCH,
    "expires": EPOCH,
    "date": EPOCH,
    "zip": Span(10_000, 99_999, 0),
    "zip_code": Span(10_000, 99_999, 0),
    "postal_code": Span(10_000, 99_999, 0),
}
