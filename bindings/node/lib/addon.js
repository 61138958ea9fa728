"use strict";
// Finds and loads the native addon.

const fs = require("node:fs");
const path = require("node:path");
const { EveError } = require("./error.js");

const platform = `${process.platform}-${process.arch}`;
const root = path.join(__dirname, "..");

/** Where the addon may be: where the user says, in the package, in a checkout that was built. */
function candidates() {
  if (process.env.EVE_NODE_ADDON) return [process.env.EVE_NODE_ADDON];
  return [path.join(root, "prebuilt", `eve.${platform}.node`)];
}

function load() {
  const tried = [];
  for (const file of candidates()) {
    let exists;
    try {
      exists = fs.existsSync(file);
    } catch (error) {
      throw refused(file, error);
    }
    if (!exists) {
      tried.push(file);
      continue;
    }
    try {
      return require(file.endsWith(".node") ? file : path.resolve(file));
    } catch (error) {
      throw refused(file, error);
    }
  }
  throw new EveError(
    "not-built",
    `there is no native addon of eve for ${platform} (looked for ${tried.join(", ")}); with Rust installed, ` +
      `"npm rebuild eve" builds it (in a checkout: bindings/node/bin/build)`,
  );
}

function refused(file, error) {
  const denied = error.code === "ERR_DLOPEN_DISABLED" || error.code === "ERR_ACCESS_DENIED";
  const hint = denied ? "; node's permission model denies it: allow reading this file and, where node has it, --allow-addons" : "";
  const wrapped = new EveError("not-loaded", `the native addon ${file} cannot be loaded: ${error.message}${hint}`, file);
  wrapped.cause = error;
  return wrapped;
}

module.exports = { native: load(), platform };
