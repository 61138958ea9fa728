import eve from "./index.js";

export const {
  atom,
  open,
  kw,
  sym,
  from,
  equals,
  toEDN,
  edn,
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
  Float,
  Char,
  Tagged,
  EveError,
} = eve;
export default eve;
