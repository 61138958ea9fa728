"use strict";

/** What stands for a key that was taken out. */
const ABSENT = Object.freeze({ absent: true });

/** Versions further away than this get a copy of their own instead of being brought back. */
const FAR = 64;

/**
 * Changes over a base, by canonical key: a persistent map on top of one mutable Map. The newest version owns the Map and
 * pays nothing; older ones know their way to it, and bring it back when they are read.
 */
class Changes {
  constructor(map) {
    this.map = map;
    this.next = null;
    this.key = undefined;
    this.entry = undefined;
  }

  static empty() {
    return new Changes(new Map());
  }

  /** The Map as it is in this version. It must not be kept: other versions change it. */
  own() {
    return this.map ?? this.bringBack();
  }

  bringBack() {
    const way = [];
    let owner = this;
    while (owner.map === null) {
      way.push(owner);
      owner = owner.next;
    }
    if (way.length > FAR) {
      const map = new Map(owner.map);
      for (let i = way.length - 1; i >= 0; i--) put(map, way[i].key, way[i].entry);
      this.map = map;
      this.next = null;
      return map;
    }
    const map = owner.map;
    for (let i = way.length - 1; i >= 0; i--) {
      const version = way[i];
      owner.map = null;
      owner.next = version;
      owner.key = version.key;
      owner.entry = map.get(version.key);
      put(map, version.key, version.entry);
      version.map = map;
      version.next = null;
      owner = version;
    }
    return map;
  }

  /** The version with `entry` under `key`; `undefined` takes the change back. */
  with(key, entry) {
    const map = this.own();
    const after = new Changes(map);
    this.entry = map.get(key);
    this.key = key;
    this.next = after;
    this.map = null;
    put(map, key, entry);
    return after;
  }

  /** The changes, to be gone through while other versions are made. */
  list() {
    return [...this.own().values()];
  }
}

function put(map, key, entry) {
  if (entry === undefined) map.delete(key);
  else map.set(key, entry);
}

module.exports = { Changes, ABSENT };
