import eve from "./index.js";

export const {
  atom,
  open,
  kw,
  sym,
  from,
  equals,
  toEDN,
  Atom,
  Domain,
  EveMap,
  EveSet,
  EveVector,
  EveList,
  Keyword,
  Symbol,
  Uuid,
  Decimal,
  Ratio,
  Tagged,
  EveError,
} = eve;
export default eve;
