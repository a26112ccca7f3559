"""Handlebars templates print what WireMock 3.13.2 prints: the expectations were taken from it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockforge_http.importing.handlebars.faker import faker_code
from mockforge_http.importing.handlebars.parser import TemplateSyntaxError, parse
from mockforge_http.importing.handlebars.translate import translate
from tests.http.importing.rendering import TEMPLATES, rendered, request

REQUEST = [
    ("{{request.path}} {{request.url}}", "/t/seg1/seg2 /t/seg1/seg2?q=1&q=2&z=%20w"),
    ("{{request.method}} {{request.path.[1]}} {{request.pathSegments.[0]}}", "POST seg1 t"),
    ("{{request.pathSegments}}|{{request.pathSegments.[9]}}|{{request.path.9}}", "/t/seg1/seg2||"),
    ("{{request.query.q}} {{request.query.q.[1]}} {{request.query.none}}|{{request.query.z}}", "1 2 | w"),
    ("{{request.headers.Content-Type}} {{request.headers.x-multi.[0]}}", "application/json one"),
    ("{{request.cookies.sess}} {{request.cookies.b.[0]}}", "abc 2"),
    ("{{request.host}} {{request.port}} {{request.scheme}} {{request.baseUrl}}",
     "mock.test 8080 http http://mock.test:8080"),
    ("{{request.clientIp}} {{request.isMultipart}}", "127.0.0.1 false"),
    ("{{request.requestLine.method}} {{request.requestLine.query.q}}", "POST 1"),
    ("{{this.request.method}} {{request/method}} {{lookup request 'method'}}", "POST POST POST"),
    ("{{#each request.query}}{{@key}}={{this}};{{/each}}", "q=1;z= w;"),
    ("{{#each request.pathSegments}}{{this}};{{/each}}", "t;seg1;seg2;"),
    ("{{join request.query.q '-'}} {{size request.query.q}} {{contains request.query.q '2'}}", "1-2 2 true"),
    ("{{unknown}}|{{unknown.x.y}}|{{parameters.x}}|", "|||"),
]  # fmt: skip
BLOCKS = [
    ("{{#if request.query.q}}y{{else}}n{{/if}}{{#unless request.query.none}}u{{/unless}}", "yu"),
    ("{{#if ''}}a{{else}}b{{/if}}{{#if 0}}a{{else}}b{{/if}}{{#if 'false'}}a{{else}}b{{/if}}", "bba"),
    ("{{#if a}}1{{else if true}}2{{else}}3{{/if}}", "2"),
    ("{{#each (jsonPath request.body '$.items') as |i|}}{{i.id}}-{{@index}}-{{@first}}-{{@last};{{/each}}",
     None),
    ("{{#each (jsonPath request.body '$.items') as |i|}}{{i.id}}{{@index}}{{@first}}{{@last}};{{/each}}",
     "10first;21last;"),
    ("{{#each (jsonPath request.body '$.items')}}{{id}}{{this.name}}{{../request.method}},{{/each}}",
     "1xPOST,2yPOST,"),
    ("{{#each (array 1 2)}}{{this}}{{#unless @last}},{{/unless}}{{/each}}", "1,2"),
    ("{{#each (jsonPath request.body '$.obj')}}{{@key}}={{this}}{{/each}}", "k=v"),
    ("{{#each (array 'a' 'b') as |v k|}}{{k}}{{v}}{{/each}}", "0a1b"),
    ("{{#each (array 1 2)}}{{#each (array 3 4)}}{{../this}}{{this}}{{@../index}} {{/each}}{{/each}}",
     "130 140 231 241 "),
    ("{{#with (parseJson request.body)}}{{s}}{{obj.k}}{{request.method}}{{/with}}", "textvPOST"),
    ("{{#with request as |r|}}{{r.method}}{{/with}}", "POST"),
    ("{{#none}}x{{/none}}{{^none}}y{{/none}}{{#request}}{{method}}{{/request}}", "yPOST"),
    ("{{#eq 1 1}}y{{else}}n{{/eq}}{{#eq '1' 1}}y{{else}}n{{/eq}}{{#gt 3 2}}y{{/gt}}", "yny"),
    ("{{#contains 'abc' 'b'}}y{{/contains}}{{#matches 'a1' '[a-z]'}}y{{/matches}}", "y"),
    ("{{#arrayJoin ',' (jsonPath request.body '$.items') prefix='<' as |x|}}{{x.id}}{{/arrayJoin}}",
     "<1,2"),
    ("{{#assign 'x'}}a{{request.method}}{{/assign}}{{x}}{{#trim}}  b {{/trim}}", "aPOSTb"),
    ("{{#each (range 1 3)}}{{val this assign='last'}}{{/each}}{{last}}", "3"),
    ("{{#parseJson 'p'}}{\"x\":[1,{\"y\":2}]}{{/parseJson}}{{p.x.[1].y}} {{p}}", "2 {x=[1, {y=2}]}"),
    ("[\n{{#each (range 1 2)}}\n  {\n{{/each}}\n]", "[\n\n  {\n\n  {\n\n]"),
    ("a {{#if true~}} x {{~/if}} b{{! gone }}{{!-- }} --}}", "a x b"),
    ("a {{~request.method~}} b", "a POST b"),
    ("{% raw %} {# x #} {{", "{% raw %} {# x #} {{"),
]  # fmt: skip
HELPERS = [
    ("{{jsonPath request.body '$.a'}} {{jsonPath request.body '$.list'}} {{jsonPath request.body '$.n'}}|",
     "1 [1,2,3] |"),
    ("{{jsonPath request.body '$.obj'}}", '{\n  "k" : "v"\n}'),
    ("{{jsonPath request.body '$.none' default='d'}} {{jsonPath request.body '$.items[*].name'}}",
     'd ["x","y"]'),
    ("{{jsonPath request.body '$['}}", "[ERROR: $[ is not a valid JSONPath expression]"),
    ("{{jsonPath 'none' '$.a'}}|{{jsonPath request.body}}", "|[ERROR: The JSONPath cannot be empty]"),
    ("{{xPath '<a><b>1</b></a>' '/a/b/text()'}} {{xPath '<a x=\"5\"/>' '/a/@x'}}", "1 5"),
    ("{{xPath '<a><b>1</b></a>' '/a/b'}}", "<b>1</b>\n"),
    ("{{xPath 'nope' '/a'}}", "[ERROR: nope is not valid XML]"),
    ("{{#each (xPath '<a><b>1</b><b c=\"q\">2</b></a>' '//b') as |n|}}{{n.text}}{{n.attributes.c}};{{/each}}",
     "1;2q;"),
    ("{{soapXPath '<s:Envelope xmlns:s=\"u\"><s:Body><a>1</a></s:Body></s:Envelope>' '/a/text()'}}", "1"),
    ("{{formatXml '<a> <b>1</b></a>' format='compact'}}{{formatXml '<a><b>1</b></a>'}}",
     "<a><b>1</b></a><a>\n  <b>1</b>\n</a>\n"),
    ("{{range -1 2}} {{array 1 'b' true}} {{arrayAdd (array 1 2) 9 position=1}} {{arrayRemove (array 1 2)}}",
     "[-1, 0, 1, 2] [1, b, true] [1, 9, 2] [1]"),
    ("{{parseJson request.body 'b'}}{{b.obj}} {{b.list.1}} {{toJson b.list}} {{lookup b.list 0}}",
     "{k=v} 2 [ 1, 2, 3 ] 1"),
    ("{{formatJson '{\"a\": [1]}' format='compact'}} {{formatJson '{\"a\":null}'}}",
     '{"a":[1]} {\n  "a" : null\n}'),
    ("{{jsonArrayAdd '[1,2]' '3' maxItems=2}} {{jsonArrayAdd '{\"i\":[]}' '5' jsonPath='$.i'}}",
     '[2,3] {"i":[5]}'),
    ("{{jsonMerge '{\"a\":1,\"o\":{\"x\":1}}' '{\"a\":null,\"o\":{\"y\":2}}' removeNulls=true}}",
     '{"o":{"x":1,"y":2}}'),
    ("{{jsonRemove '{\"b\":[{\"id\":1},{\"id\":2}]}' '$.b[?(@.id==1)]'}}", '{"b":[{"id":2}]}'),
    ("{{math 7 '/' 2}} {{math 2 '*' 2.5}} {{math 5.0 '/' 2}} {{math 7 '%' 4}} {{math 'x' '+' 1}}",
     "4 5.0 2.5 3 1"),
    ("{{eq 'a' 'a'}} {{neq 'a' 'b' yes='Y' no='N'}} {{gt 3 2}} {{and true 'x'}} {{or false ''}} {{not ''}}",
     "true Y true true false true"),
    ("{{val request.query.none or='d'}} {{val '' default='x'}}|{{val null or='x'}}", "d |x"),
    ("{{trim '  a '}} {{base64 'abc'}} {{base64 'YWJj' decode=true}} {{base64 'ab' padding=false}}",
     "a YWJj abc YWI"),
    ("{{urlEncode 'a b&c'}} {{urlEncode 'a%20b' decode=true}}", "a+b%26c a b"),
    ("{{upper 'a'}} {{lower 'A'}} {{capitalize 'foo bar'}} {{capitalizeFirst 'foo bar'}} {{cut 'a b'}}",
     "A a Foo Bar Foo bar ab"),
    ("{{center 'foo' size=9 pad='*'}} {{ljust 'a' size=3 pad='.'}} {{rjust 'a' size=3 pad='.'}}",
     "***foo*** a.. ..a"),
    ("{{join 'a' 'b' ','}} {{join (array 1 2) ', ' prefix='<' suffix='>'}} {{arrayJoin ',' (array 1 2)}}",
     "a,b <1, 2> 1,2"),
    ("{{substring 'abcdef' 1 3}} {{slugify 'Joel is a slug!'}} {{replace 'oo' 'o' 'x'}}",
     "bc joel-is-a-slug xx"),
    ("{{abbreviate 'a long text' 7}} {{wordWrap 'Joel is' 4}} {{stripTags '<b>x</b>'}} {{yesno true}}",
     "a lo... Joel\nis x yes"),
    ("{{numberFormat 1234.567}} {{numberFormat 1234.567 '#,##0.0'}} {{numberFormat 12 '000'}}",
     "1,234.567 1,234.6 012"),
    ("{{numberFormat 0.5 'percent'}} {{numberFormat 1234.5 'currency' 'en_GB'}} {{numberFormat -1.5 '0.0'}}",
     "50% £1,234.50 -1.5"),
    ("{{stringFormat '%05d' 42}} {{stringFormat '%s-%.2f' 'a' 1.5}}", "00042 a-1.50"),
    ("{{regexExtract 'ab-1' '([a-z]+)-([0-9])' 'p'}}{{p.0}},{{p.1}} {{regexExtract 'abc' '1' default='x'}}",
     "ab,1 x"),
    ("{{regexExtract 'abc' '[0-9]+'}}", "[ERROR: Nothing matched [0-9]+]"),
    ("{{formData 'a=1&b=%20x&a=2' 'f' urlDecode=true}}{{f.b}}|{{f.a}}|{{f.a.1}}", " x|1|2"),
    ("{{systemValue key='PATH'}}", "[ERROR: Access to PATH is denied]"),
    ("{{now}} {{now offset='3 days' format='yyyy-MM-dd'}} {{now format='epoch'}} {{now format='unix'}}",
     "2020-01-31T10:20:30Z 2020-02-03 1580466030000 1580466030"),
    ("{{now timezone='Australia/Sydney' format=\"yyyy-MM-dd'T'HH:mm:ssZ\"}}", "2020-01-31T21:20:30+1100"),
    ("{{date (parseDate '2020-01-31T10:20:30Z') offset='1 months'}}", "2020-02-29T10:20:30Z"),
    ("{{date (parseDate '31/12/2020' format='dd/MM/yyyy') format='EEE, d MMM yyyy hh:mm a'}}",
     "Thu, 31 Dec 2020 12:00 AM"),
    ("{{truncateDate (parseDate '2020-01-31T10:20:30Z') 'first day of month'}}", "2020-01-01T00:00:00Z"),
    ("{{dateFormat (parseDate '2020-01-31T10:20:30Z') 'full'}}", "Friday, January 31, 2020"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "printed"), [*REQUEST, *BLOCKS, *HELPERS])
def test_a_template_prints_what_wiremock_prints(source: str, printed: str | None) -> None:
    if printed is None:
        with pytest.raises(TemplateSyntaxError):
            translate(source)
        return
    assert rendered(source) == printed


@pytest.mark.parametrize(
    ("source", "pattern"),
    [
        ("{{randomValue length=5 type='ALPHABETIC' uppercase=true}}", "[A-Z]{5}"),
        ("{{randomValue length=40 type='HEXADECIMAL'}}", "[0-9a-f]{40}"),
        ("{{randomValue type='UUID'}}", "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("{{randomValue}}", "[a-z0-9]{36}"),
        ("{{randomInt lower=5 upper=7}}", "[56]"),
        ("{{randomDecimal lower=1.5 upper=2.5}}", r"(1\.[5-9]|2\.[0-4])\d*"),
        ("{{pickRandom 'a' 'b'}} {{size (pickRandom (array 1 2 3) count=2)}}", "[ab] 2"),
        ("{{request.id}}", "[0-9a-f-]{36}"),
    ],
)  # fmt: skip
def test_chance_comes_from_the_seed(source: str, pattern: str) -> None:
    made = rendered(source)
    assert re.fullmatch(pattern, made)
    assert rendered(source) == made
    assert len({rendered(source, seed=seed) for seed in range(20)}) > 1


def test_parts_of_a_multipart_body_are_found_by_name() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
    )
    asked = request(body=body, headers={"Content-Type": "multipart/form-data; boundary=x"})
    source = (
        "{{request.parts.f.body}} {{request.parts.f.headers.content-type}} {{request.multipart}}"
    )
    assert rendered(source, asked) == "hello text/plain true"


def test_comparing_an_object_of_the_request_is_false_as_in_wiremock_and_noted() -> None:
    made = translate("{{#eq request.method 'POST'}}y{{else}}n{{/eq}}")
    assert [problem.reason for problem in made.problems] == [
        "WireMock finds no object of the request equal to a text; .[0] compares its value"
    ]
    assert rendered("{{#eq request.method 'POST'}}y{{else}}n{{/eq}}") == "n"
    assert rendered("{{#eq request.query.q.[0] '1'}}y{{else}}n{{/eq}}") == "y"


def test_made_up_data_of_extensions_becomes_ours() -> None:
    source = "{{random 'Name.first_name'}}-{{faker 'number.int'}}-{{faker 'no.such'}}"
    made = translate(source, natives={"random": faker_code, "faker": faker_code})
    assert (
        made.text
        == "{{ faker.first_name() }}-{{ rand.int(0, 99999) }}-{{ '{{faker \\'no.such\\'}}' }}"
    )
    assert [problem.reason for problem in made.problems] == ["there is no helper faker"]


def test_what_is_not_known_stays_as_it_is_written_and_is_noted() -> None:
    made = translate("a {{shout 'x'}} {{> part}} {{#code}}x{{/code}} {{f x='y'}}")
    assert [problem.source for problem in made.problems] == [
        "{{shout 'x'}}",
        "{{> part}}",
        "{{f x='y'}}",
    ]
    text = TEMPLATES.compile(made.text).render({"request": {}, "state": None}, None)  # type: ignore[arg-type]
    assert text == "a {{shout 'x'}} {{> part}}  {{f x='y'}}"


@pytest.mark.parametrize(
    "source",
    [
        "{{#if x}}",
        "{{/if}}",
        "{{#if x}}{{/each}}",
        "{{else}}",
        "{{}}",
        "{{a['b']}}",
        "{{(a}}",
        "{{'a' b}}",
    ],
)
def test_what_is_no_handlebars_is_an_error_with_its_offset(source: str) -> None:
    with pytest.raises(TemplateSyntaxError) as caught:
        parse(f"text {source}")
    assert caught.value.offset >= 0


def test_nesting_is_bounded() -> None:
    with pytest.raises(TemplateSyntaxError, match="more than 40"):
        parse("{{#if x}}" * 50 + "{{/if}}" * 50)
    with pytest.raises(TemplateSyntaxError, match="more than 40"):
        parse("{{a " + "(b " * 50 + "c" + ")" * 50 + "}}")


PIECES = st.sampled_from(
    ["{{", "}}", "{{{", "}}}", "#if ", "/if", "else", "each ", "request.body", " (", ")", "'x'", "as |a|",
     "@index", "../", "now", "jsonPath ", "=", "1.5", "~", "!--", "--", "\\", "{%", "text", ".[0]", "&", "^"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_any_text_is_translated_to_something_that_renders_or_refused(source: str) -> None:
    try:
        made = translate(source)
    except TemplateSyntaxError:
        return
    if made.is_template:
        assert isinstance(rendered(source), str)
