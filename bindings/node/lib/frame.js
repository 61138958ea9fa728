"use strict";
// The frame: the bytes through which arguments and results go to the addon and back. See src/frame.rs for its head.

const { native } = require("./addon.js");
const { EveError } = require("./error.js");

const HEAD = 64;
const STATUS = 13;
const LENGTH = 14;

/** The frame: `head` has the numbers, `bytes` and `view` everything. Replaced as a whole when it grows. */
const frame = { head: null, bytes: null, view: null, size: 0, at: HEAD };

/** Where results are read: mostly the frame, for large ones a buffer of their own. */
const reader = { bytes: null, view: null, at: HEAD };

function use(size) {
  const buffer = new ArrayBuffer(size);
  native.useFrame(buffer);
  const head = new Int32Array(buffer, 0, HEAD / 4);
  if (head[0] !== 1) throw new EveError("defect", "the addon does not take the frame");
  if (frame.bytes !== null) new Uint8Array(buffer).set(frame.bytes.subarray(0, frame.at));
  frame.head = head;
  frame.bytes = Buffer.from(buffer);
  frame.view = new DataView(buffer);
  frame.size = size;
}
const USUAL = 64 * 1024;
const LARGE = 1024 * 1024;
use(USUAL);

/** Makes room for `more` bytes to be written. */
function room(more) {
  if (frame.at + more > frame.size) use(Math.max(frame.size * 2, frame.at + more + 1024));
}

/** Calls a function of the addon with what was written into the frame. Throws what went wrong. */
function call(f, argument) {
  frame.head[LENGTH] = frame.at - HEAD;
  frame.at = HEAD;
  const large = f(argument);
  if (large === undefined) {
    reader.bytes = frame.bytes;
    reader.view = frame.view;
  } else {
    reader.bytes = Buffer.from(large);
    reader.view = new DataView(large);
  }
  reader.at = HEAD;
  if (frame.size > LARGE) use(USUAL); // the reader has the large one until it is done
  if (frame.head[STATUS] !== 0) throw failure();
}

/** A number of 4 bytes that came over. */
function count() {
  reader.at += 4;
  return reader.view.getUint32(reader.at - 4, true);
}

/** A text that came over. */
function text() {
  const length = count();
  const start = reader.at;
  reader.at = start + length;
  return reader.bytes.utf8Slice(start, start + length);
}

function failure() {
  const kind = text();
  const path = text();
  return new EveError(kind, text(), path);
}

/** What was written is of no use: an error is going to be thrown instead of a call. */
function forget() {
  frame.at = HEAD;
}

module.exports = { forget, frame, reader, room, call, count, text };
