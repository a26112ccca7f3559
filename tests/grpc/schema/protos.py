"""Protos for the tests, and a way to load them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mockforge_grpc.schema import Schema, load_schema

KINDS = """
syntax = "proto3";
package kinds;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

enum Colour { COLOUR_UNSPECIFIED = 0; RED = 1; BLUE = -7; }

message Scalars {
  double a_double = 1; float a_float = 2; int32 an_int32 = 3; int64 an_int64 = 4; uint32 a_uint32 = 5;
  uint64 a_uint64 = 6; sint32 a_sint32 = 7; sint64 a_sint64 = 8; fixed32 a_fixed32 = 9;
  fixed64 a_fixed64 = 10; sfixed32 a_sfixed32 = 11; sfixed64 a_sfixed64 = 12; bool a_bool = 13;
  string a_string = 14; bytes some_bytes = 15; Colour colour = 16;
  optional int32 maybe_int = 17; optional string maybe_text = 18; optional Colour maybe_colour = 19;
  string odd_name = 20 [json_name = "@odd"];
}
message Lists {
  repeated double doubles = 1; repeated float floats = 2; repeated int64 longs = 3; repeated bool bools = 4;
  repeated string texts = 5; repeated bytes blobs = 6; repeated Colour colours = 7; repeated Lists lists = 8;
  repeated google.protobuf.Value values = 9;
}
message Nulls { repeated google.protobuf.NullValue nulls = 1; }
message Maps {
  map<string, string> texts = 1; map<int32, Scalars> by_number = 2; map<bool, int64> by_bool = 3;
  map<uint64, bytes> blobs = 4; map<string, Colour> colours = 5; map<string, Maps> maps = 6;
  map<sint64, float> floats = 7; map<string, google.protobuf.Value> values = 8;
  map<string, google.protobuf.Timestamp> times = 9;
}
message Choice {
  oneof kind { int32 number = 1; string text = 2; Choice choice = 3; google.protobuf.NullValue nothing = 4;
    google.protobuf.Value value = 5; }
}
message Known {
  google.protobuf.Timestamp time = 1; google.protobuf.Duration duration = 2;
  google.protobuf.Struct struct = 3;
  google.protobuf.Value value = 4; google.protobuf.ListValue list = 5; google.protobuf.FieldMask mask = 6;
  google.protobuf.Empty empty = 7; google.protobuf.Any any = 8; google.protobuf.DoubleValue double_value = 9;
  google.protobuf.FloatValue float_value = 10; google.protobuf.Int64Value int64_value = 11;
  google.protobuf.UInt64Value uint64_value = 12; google.protobuf.Int32Value int32_value = 13;
  google.protobuf.UInt32Value uint32_value = 14; google.protobuf.BoolValue bool_value = 15;
  google.protobuf.StringValue string_value = 16; google.protobuf.BytesValue bytes_value = 17;
  repeated google.protobuf.Timestamp times = 18;
}
message Node { string name = 1; Node next = 2; repeated Node children = 3; }
"""

OLD = """
syntax = "proto2";
package old;
enum Size { SMALL = 1; LARGE = 2; ALSO_LARGE = 3; }
message Inner { required string id = 1; optional int32 count = 2 [default = 7]; }
message Outer {
  optional Inner inner = 1;
  repeated Size sizes = 2;
  optional Size size = 3 [default = LARGE];
  optional group Part = 4 { optional string name = 1; }
  optional bytes raw = 5;
  optional string text = 6;
  extensions 100 to 200;
}
extend Outer { optional string note = 100; repeated int64 numbers = 101; optional Inner more = 102; }
message Scope { extend Outer { optional Size nested = 103; } }
"""

EDITION = """
edition = "2023";
package modern;
message Thing {
  string name = 1;
  int32 count = 2 [features.field_presence = IMPLICIT];
  Part part = 3 [features.message_encoding = DELIMITED];
  repeated int32 numbers = 4 [features.repeated_field_encoding = EXPANDED];
  Level level = 5;
}
message Part { string text = 1; }
enum Level { option features.enum_type = CLOSED; LOW = 3; HIGH = 4; }
"""

EDITION_2024 = """
edition = "2024";
package newest;
export message Thing { string name = 1; int64 total = 2; }
local enum Hidden { HIDDEN_UNSPECIFIED = 0; }
"""

GREETER = """
syntax = "proto3";
package hello;
service Greeter {
  rpc SayHello(Request) returns (Reply);
  rpc Collect(stream Request) returns (Reply);
  rpc Repeat(Request) returns (stream Reply);
  rpc Chat(stream Request) returns (stream Reply);
}
message Request { string name = 1; }
message Reply { string message = 1; }
"""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    """Write ``files`` below ``folder``."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@contextmanager
def loaded(folder: Path, files: Mapping[str, str]) -> Iterator[Schema]:
    """The schema of ``files``, written below ``folder``."""
    schema = load_schema([write(folder, files)])
    try:
        yield schema
    finally:
        schema.close()
