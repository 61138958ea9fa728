// The same types for CommonJS.
import eve = require("eve");
const counter: eve.Atom<number> = eve.atom(0);
const now: number = counter.deref();
