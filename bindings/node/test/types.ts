// Checked by `tsc --strict`, not run: what the types allow and what they refuse.
import eve, { atom, open, kw, from, edn, Char, EveArray, EveObject, EveRecords, EveSortedMap, Float, Atom, EveMap, EveVector, EveSet, Keyword, EveError, type Stored, type Value } from "eve";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function check<T extends true>(_?: T): void {}

const counter = atom({ id: "app/counter", persistent: "./my-db" }, 0);
check<Same<typeof counter, Atom<number>>>();
const n: number = counter.swap((n) => n + 1);
counter.swap((n, by: number) => n + by, 5);
// @ts-expect-error: a counter holds numbers
counter.swap((n) => `${n}`);
// @ts-expect-error: the argument is missing
counter.swap((n, by: number) => n + by);
counter.update((n) => n + 1);
const set: boolean = counter.compareAndSet(5, 6);
const stop = counter.watch((now, before) => console.log(now === undefined ? "removed" : now - before));
// @ts-expect-error: the atom may be removed
counter.watch((now, before) => console.log(now - before));
stop.unref();
stop();

const users = atom({ id: kw("app/users") }, { ada: { role: "admin", langs: ["en"] } });
users.swap((m) => m.set("bob", { role: "user", langs: [] }));
users.swap((m) => m.setIn(["ada", "role"], "root"));
const role: any = users.deref().getIn(["ada", "role"]);

// An atom that starts empty takes anything.
const empty = atom({ id: "empty" }, {});
check<Same<typeof empty, Atom<EveMap<any, any>>>>();
empty.swap((m) => m.set("ada", { role: "admin", langs: ["en"] }).set(kw("k"), 1));
empty.update((m) => m.update("n", (n) => n + 1));
check<Same<Stored<never[]>, EveVector<any>>>();
check<Same<Stored<Set<unknown>>, EveSet<any>>>();
const mixed: EveVector<any> = from([]);

const list = from([1, 2, 3]);
check<Same<typeof list, EveVector<number>>>();
const first: number = list[0];
const more: EveVector<number> = list.push(4).with(0, 7);
const doubled: number[] = list.map((x) => x * 2);
// @ts-expect-error: nothing is changed in place
list[0] = 5;
check<Same<Stored<Map<string, Set<number>>>, EveMap<string, EveSet<number>>>>();
for (const [key, value] of from(new Map([["a", 1]]))) console.log(key.length + value);

async function follow() {
  for await (const value of counter.changes({ ref: false, signal: AbortSignal.timeout(10) })) console.log(value === undefined ? "removed" : value + 1);
}
{
  using db = open("./my-db");
  const names: string[] = db.atoms();
  const bytes: number = db.stat().committed;
  const perhaps = db.atom<number>("app/counter");
  // @ts-expect-error: there may be no such atom
  perhaps.deref();
}
const k: Keyword = kw("a/b");
// @ts-expect-error: use kw
new Keyword("a");
try {
  eve.atom(0);
} catch (error) {
  if (error instanceof EveError && error.kind === "value") console.log(error.path);
}
const anything: Value = users.deref();
const text: string = edn.stringify(edn.parse("[1.0]", { exact: true }), { pretty: true });
check<Same<Stored<{ xs: Int32Array }>, EveMap<string, EveArray>>>();
const sorted = EveSortedMap.from({ b: 2, a: 1 }).set("c", 3);
const entry: [string, number] | undefined = sorted.first;
for (const [name, n] of sorted.range("a", "c", { toInclusive: true })) console.log(name.length + n);
const point = EveObject.from({ x: "int32", y: "float64" }, { x: 1 });
point.set("x", 2).add("y", 0.5);
// @ts-expect-error: there is no such field
point.get("z");
// The schema says what a field holds.
const body = EveObject.from({ x: "float64", hits: "int32", id: "int64" }, { x: 0.5, id: 7n });
check<Same<ReturnType<typeof body.get<"x">>, number>>();
const hits: number = body.get("hits") + body.add("hits", 1) + body.set("x", 1).exchange("x", 2);
const id: number | bigint = body.get("id");
// @ts-expect-error: beyond what is safe it is a bigint
const unsafe: number = body.get("id");
// @ts-expect-error: a field holds numbers
const word: string = body.get("x");
// @ts-expect-error: there is no such field to begin with
EveObject.from({ x: "float64" }, { y: 1 });
// @ts-expect-error: there is no such type
EveObject.from({ x: "float65" });
check<Same<typeof body.fields.x, "float64">>();
check<Same<ReturnType<typeof body.toJS>["id"], number | bigint>>();
for (const [field, value] of body) if (field === "hits") check<Same<typeof value, number>>();
const bodies = EveRecords.from({ x: "float64", hits: "int32" }, [{ x: 0.5 }, {}]);
const sum: number = bodies[0].get("hits") + (bodies.at(-1)?.get("x") ?? 0) + bodies.toJS()[0].x;
bodies.column("hits");
// @ts-expect-error: there is no such column
bodies.column("y");
// It is the same when it is stored; of one whose fields are not known anything may be asked.
const game = atom({ id: "game" }, new Map([["body", body]]));
check<Same<typeof game, Atom<EveMap<string, typeof body>>>>();
const y: number | undefined = game.deref().get("body")?.get("x");
const some: EveObject = body;
check<Same<ReturnType<typeof some.get<"whatever">>, any>>();
const fields: Record<string, "int8" | "int64"> = { a: "int8" };
const of: number | bigint = EveObject.from(fields).get("a");
game.swap((m) => m.set("body", EveObject.from({ x: "float64", hits: "int32", id: "int64" })));
const value: Value = body;
from({ bodies }).setIn(["bodies"], bodies);
// @ts-expect-error: there is no such type
EveArray.zeros("int33", 5);
check<Same<Stored<Float | Char>, number | string>>();
// Functions and symbols are refused when they are given; nothing that is read is one.
check<Same<Stored<(() => number) | symbol>, never>>();
check<Same<Stored<{ n: number; f?: () => void }>, EveMap<string, number | null>>>();
check<Same<Stored<(string | symbol)[]>, EveVector<string>>>();
// @ts-expect-error: there is nothing that could have a size
from(Symbol("s")).size;
// @ts-expect-error: neither is a value to be put somewhere
from({ a: { b: 1 } }).setIn(["a"], () => 1);
// @ts-expect-error
from({ a: 1 }).set("a", Symbol("s"));
// @ts-expect-error: a path is keys, not characters
from({ a: 1 }).getIn("a");
// Functions of programs pass values of any type on.
function named<T>(id: string, first: T): Atom<Stored<T>> {
  return atom({ id }, first);
}
check<Same<ReturnType<typeof named<number>>, Atom<number>>>();
for (const [name, n] of sorted.range(undefined, "b", { descending: true })) console.log(name.length + n);
// @ts-expect-error: options are an object
sorted.range("a", "b", null);
{
  using db = open("./my-db", { readOnly: true });
  const report = db.verify();
  const found: [boolean, string | undefined] = [report.ok, report.damages[0]?.what];
  const freed: number = db.gc().blocks;
  // @ts-expect-error: there is no such option
  open("./my-db", { readonly: true });
}
