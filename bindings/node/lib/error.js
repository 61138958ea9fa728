"use strict";

/** Everything that eve throws: `kind` says what went wrong, `path` where. */
class EveError extends Error {
  /**
   * @param {string} kind
   * @param {string} message
   * @param {string} [path] the way to a value that cannot be stored, or the file
   */
  constructor(kind, message, path = "") {
    super(message);
    this.kind = kind;
    this.path = path;
    this.code = `EVE_${kind.toUpperCase().replaceAll("-", "_")}`;
  }
}
Object.defineProperty(EveError.prototype, "name", { value: "EveError", configurable: true, writable: true });

module.exports = { EveError };
