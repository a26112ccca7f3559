"""Status, metadata, timeouts and encodings, as they are spelled on the wire."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_grpc.status import Code, Status, decode_message, encode_details, encode_message
from mockforge_grpc.transport.compression import (
    MalformedError,
    TooLargeError,
    accepts,
    compressor,
    decompress,
)
from mockforge_grpc.transport.http2.session import session_maker
from mockforge_grpc.transport.metadata import (
    decode_metadata,
    encode_metadata,
    fault_of,
    parse_timeout,
)

few = settings(max_examples=200)


@few
@given(st.text(st.characters(codec="utf-8")))
def test_messages_survive_their_encoding(text: str) -> None:
    encoded = encode_message(text)
    assert all(0x20 <= octet < 0x7F for octet in encoded)
    assert decode_message(encoded) == text


@few
@given(st.binary())
def test_any_octets_decode_to_some_message(octets: bytes) -> None:
    assert isinstance(decode_message(octets), str)


def test_what_is_no_percent_encoding_stands_for_itself() -> None:
    assert decode_message(b"100% of %4 %zz %41") == "100% of %4 %zz A"
    assert encode_message("a lone \ud800") == b"a lone ?"


def test_codes_are_found_by_any_spelling() -> None:
    for name in ("NOT_FOUND", "not_found", "NotFound", "5", 5):
        assert Code.named(name) is Code.NOT_FOUND
    assert Code.named("CANCELED") is Code.CANCELLED
    for name in ("NOT FOUND", "17", 17, -1, ""):
        with pytest.raises(ValueError, match="there are OK, CANCELLED"):
            Code.named(name)


def test_details_are_a_google_rpc_status() -> None:
    assert encode_details(Status(Code.OK)) == b""
    status = Status(Code.NOT_FOUND, "x" * 200, (b"abc", b""))
    assert encode_details(status) == b"\x08\5\x12\xc8\1" + b"x" * 200 + b"\x1a\3abc\x1a\0"


names = st.text("abcxyz019_.-", min_size=1, max_size=10).map(lambda name: f"x{name}y")
texts = st.text([chr(sign) for sign in range(0x21, 0x7F)], max_size=20)
pairs = st.one_of(
    st.tuples(names, texts), st.tuples(names.map(lambda name: f"{name}-bin"), st.binary())
)


@few
@given(st.lists(pairs, max_size=8))
def test_metadata_survives_the_wire(metadata: list[tuple[str, str | bytes]]) -> None:
    assert decode_metadata(encode_metadata(metadata)) == metadata


def test_what_would_break_a_stream_is_not_sent() -> None:
    sent = encode_metadata(
        [
            ("grpc-status", "0"),
            (":path", "/"),
            ("te", "x"),
            ("X-A", "a\r\nb\0c "),
            ("n-bin", "text"),
        ]
    )
    assert sent == [(b"x-a", b"a  b c"), (b"n-bin", b"dGV4dA")]


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("x-a", "fine", None),
        ("x-bin", b"\xff", None),
        ("X-A", "x", "no name of metadata"),
        ("a b", "x", "no name of metadata"),
        ("", "x", "no name of metadata"),
        ("grpc-status", "0", "reserved"),
        ("te", "x", "reserved"),
        ("x-a", "caf\xe9", "not printable ASCII"),
        ("x-a", "a\nb", "not printable ASCII"),
    ],
)
def test_faults_of_metadata_are_told(name: str, value: str | bytes, fault: str | None) -> None:
    said = fault_of(name, value)
    assert (said is None) if fault is None else (said is not None and fault in said)


def test_timeouts_have_six_units() -> None:
    spelled = {b"1H": 3600, b"1M": 60, b"1S": 1, b"1m": 1e-3, b"1u": 1e-6, b"1n": 1e-9}
    assert {text: parse_timeout(text) for text in spelled} == spelled
    assert parse_timeout(b"99999999H") == 99_999_999 * 3600
    for text in (b"", b"S", b"1", b"1s", b"+1S", b" 1S", b"1S ", b"123456789S", b"\xb2S"):
        with pytest.raises(ValueError, match="malformed grpc-timeout"):
            parse_timeout(text)


@few
@given(st.binary(max_size=3000), st.sampled_from([b"gzip", b"deflate"]))
def test_messages_survive_compression(message: bytes, encoding: bytes) -> None:
    compress = compressor(encoding, 6)
    assert compress is not None
    assert decompress(compress(message), encoding, len(message)) == message
    if message:
        with pytest.raises(TooLargeError):
            decompress(compress(message), encoding, len(message) - 1)


@few
@given(st.binary(min_size=1, max_size=100), st.sampled_from([b"gzip", b"deflate"]))
def test_anything_else_is_malformed(octets: bytes, encoding: bytes) -> None:
    module = gzip if encoding == b"gzip" else zlib
    try:
        expected = module.decompress(octets)
    except (OSError, EOFError, zlib.error):
        with pytest.raises(MalformedError):
            decompress(octets, encoding, 10_000)
    else:  # hypothesis found one
        assert decompress(octets, encoding, 10_000) == expected


def test_members_of_gzip_are_one_message_and_bounded_together() -> None:
    octets = gzip.compress(b"one") + gzip.compress(b"two")
    assert decompress(octets, b"gzip", 6) == b"onetwo"
    with pytest.raises(TooLargeError):
        decompress(octets, b"gzip", 5)


def test_a_bomb_is_not_inflated() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    with pytest.raises(TooLargeError):
        decompress(bomb, b"gzip", 1000)


def test_what_a_client_accepts() -> None:
    assert accepts(b"identity, gzip", b"gzip")
    assert not accepts(b"identity,gzipped", b"gzip")
    assert not accepts(None, b"gzip")
    assert compressor(b"identity", 6) is None


def test_the_library_is_the_fast_one_unless_it_is_missing_or_not_wanted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert session_maker(pure=False)[0] == "ngh2"
    assert session_maker(pure=True)[0] == "h2"
    import sys

    monkeypatch.delitem(sys.modules, "mockforge_grpc.transport.http2.ngh2_session", raising=False)
    monkeypatch.setitem(sys.modules, "ngh2", None)
    assert session_maker(pure=False)[0] == "h2"
