// Calls the library with a client from npm and prints what it saw as JSON: node calls.mjs CLIENT URL DESCRIPTORS
// It stands in a folder with its node_modules.
import { readFileSync } from "node:fs";
import { createFileRegistry, create, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";

const [, , name, url, descriptors] = process.argv;
const registry = createFileRegistry(
  fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)),
);
const library = registry.getService("library.v1.Library");
const seen = {};

async function note(what, run) {
  try {
    seen[what] = await run();
  } catch (error) {
    seen[what] = describe(error);
  }
}

function describe(error) {
  if (!(error instanceof ConnectError)) return { failure: String(error.stack ?? error) };
  return {
    code: Code[error.code],
    message: error.rawMessage,
    trailer: error.metadata.get("x-cost"),
    details: error
      .findDetails(registry.getMessage("google.rpc.ErrorInfo"))
      .map((each) => ({ reason: each.reason, domain: each.domain })),
  };
}

async function connectTransport() {
  const node = await import("@connectrpc/connect-node");
  const web = await import("@connectrpc/connect-web");
  const base = { baseUrl: url, httpVersion: "1.1" };
  const compressed = { sendCompression: node.compressionGzip, compressMinBytes: 1 };
  switch (name) {
    case "connect-node-json":
      return node.createConnectTransport({ ...base, useBinaryFormat: false });
    case "connect-node-proto":
      return node.createConnectTransport({ ...base, ...compressed, useBinaryFormat: true });
    case "connect-node-get":
      return node.createConnectTransport({ ...base, useHttpGet: true });
    case "connect-node-grpc-web":
      return node.createGrpcWebTransport({ ...base, ...compressed });
    case "connect-web":
      return web.createConnectTransport({ baseUrl: url });
    case "connect-web-grpc-web":
      return web.createGrpcWebTransport({ baseUrl: url });
  }
  throw new Error(`no client ${name}`);
}

async function* several(...names) {
  for (const each of names) yield { name: each };
}

async function runConnect() {
  const client = createClient(library, await connectTransport());
  await note("unary", async () => {
    let served, cost;
    const book = await client.getBook(
      { name: "shelves/1/books/2" },
      {
        headers: { "x-user": "rex" },
        onHeader: (headers) => (served = headers.get("x-served-by")),
        onTrailer: (trailers) => (cost = trailers.get("x-cost")),
      },
    );
    return { book: toJson(library.method.getBook.output, book), served, cost };
  });
  await note("error", () => client.getBook({ name: "gone" }));
  await note("deadline", () => client.getBook({ name: "slow" }, { timeoutMs: 200 }));
  for (const what of ["stream", "broken"]) {
    const names = [];
    await note(what, async () => {
      for await (const book of client.watchBooks({ parent: what })) names.push(book.name);
    });
    seen[what] = { names, ...seen[what] };
  }
  if (name.startsWith("connect-node")) {
    await note("client_stream", async () => {
      const answer = await client.importBooks(several("a", "b", "c"));
      return { token: answer.nextPageToken };
    });
  }
}

async function runGrpcWeb(format) {
  const { default: XMLHttpRequest } = await import("xhr2");
  globalThis.XMLHttpRequest = XMLHttpRequest;
  const { default: grpcWeb } = await import("grpc-web");
  const client = new grpcWeb.GrpcWebClientBase({ format });
  const method = (called) =>
    new grpcWeb.MethodDescriptor(
      `/${library.typeName}/${called.name}`,
      called.methodKind === "server_streaming" ? "server_streaming" : "unary",
      Object,
      Object,
      (message) => toBinary(called.input, create(called.input, message)),
      (bytes) => fromBinary(called.output, bytes),
    );
  const { getBook, watchBooks } = library.method;
  const said = (error) => ({
    code: Code[error.code],
    message: error.message,
    trailer: error.metadata?.["x-cost"] ?? null,
  });
  const unary = (message, metadata = {}) =>
    new Promise((resolve) => {
      const answer = {};
      const call = client.rpcCall(
        `${url}/${library.typeName}/GetBook`,
        message,
        metadata,
        method(getBook),
        (error, book) => {
          Object.assign(answer, error ? said(error) : { book: toJson(getBook.output, book) });
        },
      );
      call.on("metadata", (headers) => (answer.served = headers["x-served-by"]));
      call.on("status", (status) => (answer.cost = status.metadata?.["x-cost"]));
      call.on("end", () => resolve(answer));
      call.on("error", () => setTimeout(() => resolve(answer), 10));
    });
  await note("unary", () => unary({ name: "shelves/1/books/2" }, { "x-user": "rex" }));
  await note("error", () => unary({ name: "gone" }));
  await note("deadline", () => unary({ name: "slow" }, { deadline: String(Date.now() + 200) }));
  for (const what of ["stream", "broken"]) {
    await note(what, () => {
      return new Promise((resolve) => {
        const names = [];
        let error = {};
        const call = client.serverStreaming(
          `${url}/${library.typeName}/WatchBooks`,
          { parent: what },
          {},
          method(watchBooks),
        );
        call.on("data", (book) => names.push(book.name));
        call.on("error", (failed) => {
          error = said(failed);
          resolve({ names, ...error });
        });
        call.on("end", () => resolve({ names, ...error }));
      });
    });
  }
}

await (name === "grpc-web-text"
  ? runGrpcWeb("text")
  : name === "grpc-web-binary"
    ? runGrpcWeb("binary")
    : runConnect());
console.log(JSON.stringify(seen));
process.exit(0);
