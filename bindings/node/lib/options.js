"use strict";
// What programs give, or an error that says what is wrong about it. `of`: what it is given to.

const { inspect } = require("node:util");
const { EveError } = require("./error.js");
const { isGone } = require("./realms.js");

/** Options as they were given, if they are an object with no names but these; else an error that says so. */
function checked(options, names, of) {
  if (options === null || typeof options !== "object") {
    throw new EveError("value", `the options of ${of} are an object, not ${inspect(options, { depth: 0 })}`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new EveError("value", `${of} has no option ${JSON.stringify(name)}; it has ${names.join(", ")}`);
  }
  return options;
}

/** The elements of something that can be gone through, in an array. */
function elementsOf(source, of) {
  if (typeof source?.[Symbol.iterator] !== "function") {
    throw new EveError("value", `${of} takes elements in an array, a Set or something else to go through, not ${inspect(source, { depth: 0 })}`);
  }
  if (ArrayBuffer.isView(source) && isGone(source)) {
    throw new EveError("value", `${of} takes elements, and was given a typed array whose memory was transferred or cut off`);
  }
  return [...source];
}

/** The keys of a path, in an array. A string could be gone through, but nobody means its characters. */
function keysOf(path, of) {
  if (Array.isArray(path)) return path;
  if (typeof path === "string" || typeof path?.[Symbol.iterator] !== "function") {
    throw new EveError("value", `${of} takes a path, which is an array of keys, not ${inspect(path, { depth: 0 })}`);
  }
  return [...path];
}

module.exports = { checked, elementsOf, keysOf };
