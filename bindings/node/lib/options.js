"use strict";

const { inspect } = require("node:util");
const { EveError } = require("./error.js");

/** Options as they were given, if they are an object with no names but these; else an error that says so. `of`: what takes them. */
function checked(options, names, of) {
  if (options === null || typeof options !== "object") {
    throw new EveError("value", `the options of ${of} are an object, not ${inspect(options, { depth: 0 })}`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw new EveError("value", `${of} has no option ${JSON.stringify(name)}; it has ${names.join(", ")}`);
  }
  return options;
}

module.exports = { checked };
