"use strict";
// What an index means, the same for all that have elements: a whole number, a negative one from the end.

const { EveError } = require("./error.js");

/** Which of so many elements an index names, or -1 for none. */
function indexIn(index, size) {
  if (!Number.isInteger(index)) return -1;
  const i = index < 0 ? size + index : index;
  return i >= 0 && i < size ? i : -1;
}

/** Does one of these keys, where it is an index, count from the end? */
function anyFromEnd(keys) {
  for (let i = 0; i < keys.length; i++) if (typeof keys[i] === "number" && keys[i] < 0) return true;
  return false;
}

/** Which of so many elements an index names, for who wants to change the element, which has to be there. `what`: whose it is, for the error. */
function indexToChange(index, size, what) {
  const i = indexIn(index, size);
  if (i >= 0) return i;
  const shown = typeof index === "string" ? JSON.stringify(index) : String(index);
  const why = Number.isInteger(index)
    ? `index ${shown} is out of bounds: the ${what} has ${size} ${size === 1 ? "element" : "elements"}`
    : `an index is a whole number, not ${shown}`;
  throw new EveError("value", why, `[${shown}]`);
}

/** The end of a part, as `slice` of arrays takes it. */
function clamp(index, size) {
  const i = Math.trunc(index) || 0;
  return i < 0 ? Math.max(0, size + i) : Math.min(i, size);
}

const INDEX = /^(?:0|[1-9]\d{0,15})$/;

/**
 * Lets `value[3]` of a class read an element, and calls `set(value, 3, element)` where one is assigned: what is found neither in the object nor in
 * its class is asked of a prototype between that and `Base`, which only then looks at the name. Methods cost nothing for it. It would also be asked
 * about every new field: the classes declare theirs.
 */
function byIndex(Class, Base, set) {
  const isIndex = (name, self) => typeof name === "string" && INDEX.test(name) && self instanceof Class;
  const between = new Proxy(Object.create(Base.prototype), {
    get(target, name, self) {
      return isIndex(name, self) ? self.at(Number(name)) : Reflect.get(target, name, self);
    },
    set(target, name, value, self) {
      if (!isIndex(name, self)) return Reflect.set(target, name, value, self);
      set(self, Number(name), value);
      return true;
    },
  });
  Object.setPrototypeOf(Class.prototype, between);
}

module.exports = { indexIn, anyFromEnd, indexToChange, clamp, byIndex };
