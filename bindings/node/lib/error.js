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

/** What `inspect` shows of a value. One that cannot be read any more says so: who looks at what there is shall see everything else. */
function shownOr(value, options, show) {
  try {
    return show();
  } catch (error) {
    if (!(error instanceof EveError)) throw error;
    return options.stylize(`[${value.constructor.name}: ${error.message}]`, "special");
  }
}

module.exports = { EveError, shownOr };
