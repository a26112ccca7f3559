"""Sources for the tests of generated messages."""

from __future__ import annotations

from typing import Final

PLAIN: Final = """
edition = "2023";
package shop;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_PRIVATE = 1;
  KIND_BUSINESS = 2;
  KIND_OLD = 3 [deprecated = true];
}
enum Bare { BARE_UNKNOWN = 0; }
message Address { string street = 1; string city = 2; string zip_code = 3; }
message User {
  int64 id = 1;
  string name = 2;
  string email = 3;
  int32 age = 4;
  repeated string tags = 5;
  map<string, Address> addresses = 6;
  Kind kind = 7;
  google.protobuf.Timestamp created_at = 8;
  User manager = 9;
  repeated User reports = 10;
  oneof contact { string phone = 11; string url = 12; Address visit = 13; }
  google.protobuf.Any detail = 14;
  google.protobuf.Struct extra = 15;
  google.protobuf.FieldMask mask = 16;
  google.protobuf.StringValue nickname = 17;
  bytes avatar = 18;
  float score = 19;
  double lat = 20;
  string next_page_token = 21;
  google.protobuf.Value anything = 22;
  repeated google.protobuf.Timestamp seen = 23;
  map<int32, string> by_code = 24;
  map<bool, bytes> flags = 25;
  google.protobuf.Duration timeout = 26;
  google.protobuf.Empty nothing = 27;
  google.protobuf.ListValue several = 28;
  Bare bare = 29;
  google.protobuf.UInt64Value count = 30;
}
message Tree { Tree left = 1; Tree right = 2; repeated Tree more = 3; map<string, Tree> named = 4; }
message Endless { Endless next = 1 [features.field_presence = LEGACY_REQUIRED]; }
"""

RULED: Final = """
edition = "2023";
package ruled;
import "buf/validate/validate.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
option features.field_presence = IMPLICIT;
enum Kind {
  KIND_UNSPECIFIED = 0;
  KIND_A = 1;
  KIND_B = 2;
}
message Address { string street = 1; }
message Texts {
  string between = 1 [(buf.validate.field).string = {min_len: 5, max_len: 7}];
  string pattern = 2 [(buf.validate.field).string.pattern = "^[A-Z]{3}-[0-9]+$"];
  string one_of = 3 [(buf.validate.field).string = {in: ["a", "b"]}];
  string email = 4 [(buf.validate.field).string.email = true];
  string framed = 5 [(buf.validate.field).string = {prefix: "pre/", suffix: ".txt", contains: "mid+"}];
  string uuid = 6 [(buf.validate.field).string.uuid = true];
  string tuuid = 7 [(buf.validate.field).string.tuuid = true];
  string ip = 8 [(buf.validate.field).string.ip = true];
  string ipv6 = 9 [(buf.validate.field).string.ipv6 = true];
  string uri = 10 [(buf.validate.field).string.uri = true];
  string uri_ref = 11 [(buf.validate.field).string.uri_ref = true];
  string hostname = 12 [(buf.validate.field).string.hostname = true];
  string address = 13 [(buf.validate.field).string.address = true];
  string with_prefix = 14 [(buf.validate.field).string.ip_with_prefixlen = true];
  string v6_with_prefix = 15 [(buf.validate.field).string.ipv6_with_prefixlen = true];
  string network = 16 [(buf.validate.field).string.ip_prefix = true];
  string v6_network = 17 [(buf.validate.field).string.ipv6_prefix = true];
  string host_and_port = 18 [(buf.validate.field).string.host_and_port = true];
  string ulid = 19 [(buf.validate.field).string.ulid = true];
  string header_name = 20 [(buf.validate.field).string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_NAME];
  string header_value = 21 [(buf.validate.field).string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_VALUE];
  string in_bytes = 22 [(buf.validate.field).string = {len_bytes: 9}];
  string without = 23 [(buf.validate.field).string = {not_contains: "e", min_len: 3}];
  string first_name = 24 [(buf.validate.field).string = {not_in: ["Ada"]}];
  string fqn = 26 [(buf.validate.field).string.protobuf_fqn = true];
  string dot_fqn = 27 [(buf.validate.field).string.protobuf_dot_fqn = true];
  string needed = 28 [(buf.validate.field).required = true];
  string constant = 29 [(buf.validate.field).string.const = "so"];
  google.protobuf.StringValue wrapped = 30 [(buf.validate.field).string = {min_len: 30}];
  string long = 31 [(buf.validate.field).string = {min_len: 400}];
}
message Numbers {
  int32 between = 1 [(buf.validate.field).int32 = {gt: 5, lte: 7}];
  int64 outside = 2 [(buf.validate.field).int64 = {gte: 100, lt: 50}];
  uint32 one_of = 3 [(buf.validate.field).uint32 = {in: [3, 4, 5], not_in: [4]}];
  float narrow = 4 [(buf.validate.field).float = {gt: 0.1, lt: 0.1000001}];
  double below = 5 [(buf.validate.field).double = {gte: -1, lte: 0, finite: true}];
  sint32 constant = 6 [(buf.validate.field).sint32 = {const: -4}];
  fixed64 large = 7 [(buf.validate.field).fixed64 = {gt: 9007199254740993}];
  bool yes = 8 [(buf.validate.field).bool.const = true];
  bool needed_bool = 9 [(buf.validate.field).required = true];
  int32 needed = 10 [(buf.validate.field).required = true];
  int32 needed_below = 11 [(buf.validate.field).required = true, (buf.validate.field).int32.lte = 0];
  Kind kind = 12 [(buf.validate.field).enum = {defined_only: true, not_in: [0, 1]}];
  Kind unspecified = 13 [(buf.validate.field).enum = {const: 0}];
  Kind needed_kind = 14 [(buf.validate.field).required = true];
  float temperature = 15 [(buf.validate.field).float = {gte: -10, lte: 10}];
  sfixed32 negative = 16 [(buf.validate.field).sfixed32 = {lt: -5}];
  uint64 most = 17 [(buf.validate.field).uint64 = {gte: 18446744073709551615}];
}
message Octets {
  bytes framed = 1 [(buf.validate.field).bytes = {prefix: "ab", min_len: 6, max_len: 9}];
  bytes ip = 2 [(buf.validate.field).bytes.ip = true];
  bytes ipv6 = 3 [(buf.validate.field).bytes.ipv6 = true];
  bytes pattern = 4 [(buf.validate.field).bytes.pattern = "^[a-z]{4}$"];
  bytes constant = 5 [(buf.validate.field).bytes = {const: "\\x00\\xff"}];
  bytes one_of = 6 [(buf.validate.field).bytes = {in: ["a", "b"], not_in: ["a"]}];
  bytes needed = 7 [(buf.validate.field).required = true];
  bytes inside = 8 [(buf.validate.field).bytes = {contains: "\\xfe", suffix: "z", len: 5}];
}
message Many {
  repeated string unique = 1 [(buf.validate.field).repeated = {
    min_items: 4, max_items: 6, unique: true, items: {string: {len: 2}}}];
  repeated int32 none = 2 [(buf.validate.field).repeated = {max_items: 0}];
  repeated Kind kinds = 3 [(buf.validate.field).repeated = {min_items: 2, unique: true}];
  map<string, int32> pairs = 4 [(buf.validate.field).map = {
    min_pairs: 3, max_pairs: 5, keys: {string: {pattern: "^k[0-9]$"}}, values: {int32: {gt: 1000}}}];
  repeated int32 all = 5 [(buf.validate.field).repeated = {
    min_items: 10, max_items: 10, unique: true, items: {int32: {gte: 0, lt: 10}}}];
  repeated Address needed = 6 [(buf.validate.field).required = true];
  map<string, google.protobuf.Duration> times = 7 [(buf.validate.field).map = {
    min_pairs: 2, values: {duration: {lt: {seconds: 3}}}}];
  repeated google.protobuf.Timestamp stamps = 8 [(buf.validate.field).repeated = {
    items: {timestamp: {gt_now: true}}}];
  repeated bytes octets = 9 [(buf.validate.field).repeated = {
    min_items: 20, unique: true, items: {bytes: {len: 4}}}];
}
message Times {
  google.protobuf.Timestamp coming = 1 [(buf.validate.field).timestamp.gt_now = true];
  google.protobuf.Timestamp expires_at = 2 [(buf.validate.field).timestamp.lt_now = true];
  google.protobuf.Timestamp near = 3 [(buf.validate.field).timestamp = {within: {seconds: 3600}}];
  google.protobuf.Timestamp narrow = 4 [(buf.validate.field).timestamp = {
    gt: {seconds: 1000}, lt: {seconds: 1001}}];
  google.protobuf.Timestamp soon = 5 [(buf.validate.field).timestamp = {
    within: {seconds: 3600}, gt_now: true}];
  google.protobuf.Timestamp just = 6 [(buf.validate.field).timestamp = {
    within: {seconds: 3600}, lt_now: true}];
  google.protobuf.Timestamp early = 7 [(buf.validate.field).timestamp = {lte: {seconds: -5}}];
  google.protobuf.Duration between = 10 [(buf.validate.field).duration = {
    gte: {seconds: 1}, lte: {seconds: 2}}];
  google.protobuf.Duration negative = 11 [(buf.validate.field).duration = {
    lt: {seconds: -1, nanos: -5}}];
  google.protobuf.Duration one_of = 12 [(buf.validate.field).duration = {
    in: [{seconds: 3}, {seconds: 4}], not_in: [{seconds: 4}]}];
}
message Parts {
  google.protobuf.Any any = 1 [(buf.validate.field).any = {in: ["type.googleapis.com/ruled.Address"]}];
  google.protobuf.FieldMask mask = 2 [(buf.validate.field).field_mask = {in: ["nested", "many"]}];
  oneof choice {
    option (buf.validate.oneof).required = true;
    string text = 3 [(buf.validate.field).string.min_len = 3];
    Address address = 4;
  }
  Nested nested = 5 [(buf.validate.field).required = true];
  repeated Nested many = 6 [(buf.validate.field).repeated = {min_items: 1}];
  string ignored = 7 [
    (buf.validate.field).ignore = IGNORE_ALWAYS, (buf.validate.field).string.min_len = 100];
}
message Nested {
  option (buf.validate.message).oneof = {fields: ["a", "b"], required: true};
  string a = 1;
  int32 b = 2;
  string c = 3;
  Parts back = 4;
  Texts texts = 5;
}
message Examples { string greeting = 1 [(buf.validate.field).string.example = "hi there"]; }
message Impossible { string text = 1 [(buf.validate.field).string = {min_len: 5, max_len: 3}]; }
message TooMany { repeated int32 list = 1 [(buf.validate.field).repeated.min_items = 20000]; }
message TooFew {
  repeated bool list = 1 [(buf.validate.field).repeated = {min_items: 3, unique: true}];
}
message Heavy {
  repeated Row rows = 1 [(buf.validate.field).repeated.min_items = 9000];
}
message Row {
  repeated string cells = 1 [(buf.validate.field).repeated = {min_items: 9000}];
}
service Rules { rpc Get (Address) returns (Holder); }
message Holder { repeated Computed list = 1; map<string, Holder> more = 2; }
message Computed {
  option (buf.validate.message).cel = {id: "x", expression: "this.a > this.b"};
  int32 a = 1;
  int32 b = 2 [(buf.validate.field).cel = {id: "y", expression: "this > 3"}];
  repeated int32 c = 3 [(buf.validate.field).repeated.items.cel = {id: "z", expression: "this > 3"}];
  int32 d = 4;
}
"""

OLD_RULES: Final = """
syntax = "proto2";
package validate;
import "google/protobuf/descriptor.proto";
import "google/protobuf/timestamp.proto";
extend google.protobuf.MessageOptions { optional bool disabled = 1071; optional bool ignored = 1072; }
extend google.protobuf.OneofOptions { optional bool required = 1071; }
extend google.protobuf.FieldOptions { optional FieldRules rules = 1071; }
message FieldRules {
  optional MessageRules message = 17;
  oneof type { Int32Rules int32 = 3; StringRules string = 14; RepeatedRules repeated = 18;
    TimestampRules timestamp = 22; }
}
message Int32Rules { optional int32 lt = 2; optional int32 gte = 5; }
message StringRules { optional uint64 min_len = 2; optional uint64 len = 19; optional string pattern = 6;
  oneof well_known { bool email = 12; bool uuid = 22; } }
message MessageRules { optional bool skip = 1; optional bool required = 2; }
message RepeatedRules { optional uint64 min_items = 1; optional uint64 max_items = 2;
  optional bool unique = 3; optional FieldRules items = 4; }
message TimestampRules { optional bool required = 1; optional bool lt_now = 7; }
"""

OLD: Final = """
syntax = "proto3";
package old;
import "google/protobuf/timestamp.proto";
import "validate/validate.proto";
message Ruled {
  int32 number = 1 [(validate.rules).int32 = {gte: 40, lt: 42}];
  string text = 2 [(validate.rules).string.pattern = "^x[0-9]+$"];
  string contact = 3 [(validate.rules).string.email = true];
  repeated string list = 4 [(validate.rules).repeated = {
    min_items: 4, max_items: 5, unique: true, items: {string: {len: 3}}}];
  google.protobuf.Timestamp expires_at = 5 [(validate.rules).timestamp = {required: true, lt_now: true}];
  Ruled inner = 6 [(validate.rules).message.skip = true];
  oneof choice { option (validate.required) = true; string a = 7; int32 b = 8; }
}
message Disabled {
  option (validate.disabled) = true;
  int32 age = 1 [(validate.rules).int32 = {gte: 400000}];
}
"""
