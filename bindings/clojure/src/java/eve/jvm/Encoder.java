package eve.jvm;

import clojure.lang.BigInt;
import clojure.lang.Counted;
import clojure.lang.Cycle;
import clojure.lang.ExceptionInfo;
import clojure.lang.IMapEntry;
import clojure.lang.IObj;
import clojure.lang.IPersistentMap;
import clojure.lang.IPersistentSet;
import clojure.lang.IPersistentVector;
import clojure.lang.IRecord;
import clojure.lang.ISeq;
import clojure.lang.Iterate;
import clojure.lang.Keyword;
import clojure.lang.PersistentHashMap;
import clojure.lang.PersistentQueue;
import clojure.lang.PersistentTreeMap;
import clojure.lang.PersistentTreeSet;
import clojure.lang.PersistentVector;
import clojure.lang.RT;
import clojure.lang.Ratio;
import clojure.lang.Repeat;
import clojure.lang.Sequential;
import clojure.lang.Symbol;
import clojure.lang.TaggedLiteral;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Writes a patch (see eve.h) into native memory: values as bytes, views as themselves, changed views as their changes. */
final class Encoder extends Patch implements AutoCloseable {
  private static final int NIL = 0, FALSE = 1, TRUE = 2, INT = 3, FLOAT = 4, CHAR = 5, STR = 6, KEYWORD = 7, SYMBOL = 8,
      BIG_INT = 9, DECIMAL = 10, RATIO = 11, UUID = 12, INSTANT = 13, BYTES = 14, MAP = 15, SET = 16, VECTOR = 17, LIST = 18,
      TAGGED = 19, META = 20, VIEW = 21, EDIT_MAP = 22, EDIT_SET = 23, EDIT_VECTOR = 24, EDIT_LIST = 25,
      SORTED_MAP = 27, SORTED_SET = 28, INT_MAP = 29, ARRAY = 30, RECORDS = 31;

  private static final int POOL = 32;
  private static final AtomicReferenceArray<Encoder> FREE = new AtomicReferenceArray<>(POOL);

  private Encoder() {}

  /** One that nobody else uses until it is closed. */
  static Encoder take() {
    Encoder found = FREE.getAndSet((int) (Thread.currentThread().threadId() % POOL), null);
    if (found == null) found = new Encoder();
    found.begin();
    return found;
  }

  @Override
  public void close() {
    release();
    int slot = (int) (Thread.currentThread().threadId() % POOL);
    if (isLarge() || !FREE.compareAndSet(slot, null, this)) free();
  }

  /** A value that cannot be stored; the path grows as it is thrown through the collections around it. */
  static final class Unstorable extends RuntimeException {
    final Object value;
    final ArrayList<Object> path = new ArrayList<>();

    Unstorable(String message, Object value) {
      super(message, null, false, false);
      this.value = value;
    }
  }

  /** Writes a value. Throws ex-info with :path if a part of it cannot be stored. */
  void put(Object value) {
    long from = at();
    try {
      any(value);
    } catch (Unstorable e) {
      throw refused(e.getMessage(), e.value, PersistentVector.create(e.path.reversed()));
    } catch (StackOverflowError e) {
      truncate(from);
      putDeep(value);
    }
  }

  /** Stack for what is nested very deep. */
  private static final long DEEP = 256L << 20;

  /** Once more, where the stack is larger. */
  private void putDeep(Object value) {
    Throwable[] problem = {null};
    Thread thread = new Thread(null, () -> {
      try {
        any(value);
      } catch (Throwable e) {
        problem[0] = e;
      }
    }, "eve deep value", DEEP);
    thread.start();
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) Thread.currentThread().interrupt();
    switch (problem[0]) {
      case null -> {}
      case Unstorable e -> throw refused(e.getMessage(), e.value, PersistentVector.create(e.path.reversed()));
      case StackOverflowError e -> throw refused("it is nested too deep, or contains itself", value, PersistentVector.EMPTY);
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new IllegalStateException(problem[0]);
    }
  }

  private static ExceptionInfo refused(String message, Object value, IPersistentVector path) {
    String where = path.count() == 0 ? "" : " at " + RT.printString(path);
    Object type = value == null ? null : value.getClass();
    return new ExceptionInfo("cannot store this value" + where + ": " + message, PersistentHashMap.create(
        Keyword.intern("eve", "error"), Keyword.intern("value"), Keyword.intern("path"), path, Keyword.intern("type"), type));
  }

  private void within(Object key, Object value) {
    try {
      any(value);
    } catch (Unstorable e) {
      e.path.add(key);
      throw e;
    }
  }

  private void any(Object value) {
    switch (value) {
      case null -> code(NIL);
      case Long i -> code64(INT, i);
      case Keyword k -> {
        code(KEYWORD);
        sized(Text.encode(Keys.text(k)));
      }
      case String s -> {
        code(STR);
        sized(Text.encode(s));
      }
      case EveMap m when !m.set -> edited(m);
      case EveVector v -> vector(v);
      case EveSet s -> set(s.map);
      case EveSortedSet s -> set(s.map);
      case EveList l -> list(l);
      case Boolean b -> code(b ? TRUE : FALSE);
      case Double d -> code64(FLOAT, Double.doubleToRawLongBits(d));
      case Integer i -> code64(INT, i);
      default -> other(value);
    }
  }

  private void other(Object value) {
    switch (value) {
      case Short i -> code64(INT, i);
      case Byte i -> code64(INT, i);
      case Float f -> code64(FLOAT, Double.doubleToRawLongBits(f));
      case Character c -> {
        code(CHAR);
        i32(c);
      }
      case Symbol s -> {
        code(SYMBOL);
        sized(Text.encode(s.toString()));
      }
      case BigInt i -> {
        code(BIG_INT);
        integer(i.toBigInteger());
      }
      case BigInteger i -> {
        code(BIG_INT);
        integer(i);
      }
      case BigDecimal d -> {
        code(DECIMAL);
        i32(d.scale());
        integer(d.unscaledValue());
      }
      case Ratio r -> {
        code(RATIO);
        integer(r.numerator);
        integer(r.denominator);
      }
      case UUID u -> {
        code(UUID);
        i64(Long.reverseBytes(u.getMostSignificantBits()));
        i64(Long.reverseBytes(u.getLeastSignificantBits()));
      }
      case java.sql.Timestamp t -> instant(Math.floorDiv(t.getTime(), 1000L), t.getNanos());
      case Date d -> instant(Math.floorDiv(d.getTime(), 1000L), (int) Math.floorMod(d.getTime(), 1000L) * 1_000_000);
      case Instant i -> instant(i.getEpochSecond(), i.getNano());
      case byte[] bytes -> {
        code(BYTES);
        sized(bytes);
      }
      case EveArray a when !a.isField() -> view(VIEW, a.snap, a.word);
      case EveArray a -> array(a.copied());
      case EveObjects o -> view(VIEW, o.snap, o.word);
      case EveArray.Fresh a -> array(a);
      case EveObjects.Fresh o -> objects(o);
      case TaggedLiteral t -> {
        code(TAGGED);
        sized(Text.encode(t.tag.toString()));
        any(t.form);
      }
      case IRecord r -> {
        code(TAGGED);
        sized(Text.encode(r.getClass().getName()));
        meta(r);
        map((Map<?, ?>) r);
      }
      case IPersistentMap m -> {
        meta(m);
        map((Map<?, ?>) m);
      }
      case IMapEntry e -> {
        code(VECTOR);
        i32(2);
        within(0, e.key());
        within(1, e.val());
      }
      case IPersistentVector v -> {
        meta(v);
        code(VECTOR);
        elements((Iterable<?>) v);
      }
      case IPersistentSet s -> {
        meta(s);
        code(s instanceof PersistentTreeSet t && Order.isEngines(t.comparator()) ? SORTED_SET : SET);
        elements((Iterable<?>) s);
      }
      case Sequential s -> sequence(s);
      case Map<?, ?> m -> map(m);
      case Set<?> s -> {
        code(SET);
        elements(s);
      }
      case List<?> l -> {
        code(l instanceof RandomAccess ? VECTOR : LIST);
        elements(l);
      }
      default -> throw new Unstorable("an object of class " + value.getClass().getName()
          + " is not data; store what it is made of", value);
    }
  }

  private void array(EveArray.Fresh a) {
    code(ARRAY);
    code(a.type());
    i32(a.count());
    raw(a.packed());
  }

  private void objects(EveObjects.Fresh o) {
    code(RECORDS);
    code(o.one() ? 0 : 1);
    i32(o.names().length);
    for (int i = 0; i < o.names().length; i++) {
      sized(Text.encode(o.names()[i]));
      code(o.types()[i]);
    }
    i32(o.rows());
    for (byte[] column : o.columns()) {
      raw(column);
    }
  }

  private void instant(long seconds, int nanos) {
    code(INSTANT);
    i64(seconds);
    i32(nanos);
  }

  private void sequence(Sequential s) {
    boolean endless = s instanceof Iterate || s instanceof Cycle || s instanceof Repeat r && isEndless(r);
    if (endless) throw new Unstorable("an infinite sequence", s);
    if (!(s instanceof ISeq || s instanceof PersistentQueue || s instanceof Iterable)) {
      throw new Unstorable("an object of class " + s.getClass().getName() + " is not data", s);
    }
    meta(s);
    code(LIST);
    elements((Iterable<?>) s);
  }

  /** (repeat x) does not say so, but its printed form would never end: it has no last element among very many. */
  private static boolean isEndless(Repeat r) {
    return REPEAT_COUNT == null || ENDLESS.equals(countOf(r));
  }

  private static final Long ENDLESS = -1L;
  private static final java.lang.reflect.Field REPEAT_COUNT = repeatCount();

  private static java.lang.reflect.Field repeatCount() {
    try {
      java.lang.reflect.Field field = Repeat.class.getDeclaredField("count");
      field.setAccessible(true);
      return field;
    } catch (ReflectiveOperationException | RuntimeException e) {
      return null;
    }
  }

  private static Object countOf(Repeat r) {
    try {
      return REPEAT_COUNT.get(r);
    } catch (IllegalAccessException e) {
      return ENDLESS;
    }
  }

  /** Sequences that do not know their length may have no end: so many elements are taken for that. */
  private static final int MOST = 1 << 22;

  private void elements(Iterable<?> all) {
    i32(0);
    long countAt = at() - 4;
    int n = 0;
    boolean counted = all instanceof Counted || all instanceof java.util.Collection && !(all instanceof ISeq);
    for (Object element : all) {
      within(n, element);
      n++;
      if (n > MOST && !counted) {
        throw new Unstorable("a sequence of more than " + MOST + " elements: it may be infinite; one that ends can be stored as a vector",
            null);
      }
    }
    setI32(countAt, n);
  }

  private void meta(Object value) {
    if (value instanceof IObj o) metaOf(o.meta());
  }

  private void metaOf(IPersistentMap meta) {
    if (meta == null) return;
    code(META);
    within(Keyword.intern("eve", "meta"), meta);
  }

  private void map(Map<?, ?> m) {
    code(m instanceof PersistentTreeMap t && Order.isEngines(t.comparator()) ? SORTED_MAP : MAP);
    entries(m);
  }

  private void entries(Map<?, ?> m) {
    i32(0);
    long countAt = at() - 4;
    int n = 0;
    for (Map.Entry<?, ?> entry : m.entrySet()) {
      within(entry.getKey(), entry.getKey());
      within(entry.getKey(), entry.getValue());
      n++;
    }
    setI32(countAt, n);
  }

  /** A view as itself. */
  private void view(int code, Snap snap, long word) {
    if (held.isEmpty() || held.getLast() != snap) {
      snap.enter();
      held.add(snap);
    }
    code(code);
    i64(version(snap));
    i64(word);
  }

  /** Metadata that is not the view's: none is written as nil, which takes the view's away. */
  private void changedMeta(boolean changed, IPersistentMap meta) {
    if (!changed) return;
    code(META);
    if (meta == null) code(NIL);
    else within(Keyword.intern("eve", "meta"), meta);
  }

  private void edited(EveMap m) {
    changedMeta(m.metaChanged(), m.metaChanged() ? m.meta() : null);
    if (m.snap == null) { // made here, from the empty one
      code(((EveSortedMap) m).isOfIntegers() ? INT_MAP : SORTED_MAP);
      entries(m);
      return;
    }
    if (m.isUnchanged()) {
      view(VIEW, m.snap, m.word);
      return;
    }
    view(EDIT_MAP, m.snap, m.word);
    i32(m.over.count());
    if (m.over instanceof Few few) {
      for (; few.others != null; few = few.others) {
        changed(few.key, few.value);
      }
      return;
    }
    for (Iterator<?> i = m.over.iterator(); i.hasNext(); ) {
      Map.Entry<?, ?> entry = (Map.Entry<?, ?>) i.next();
      changed(entry.getKey(), entry.getValue());
    }
  }

  private void changed(Object key, Object value) {
    within(key, key);
    if (value == EveMap.REMOVED) {
      code(0);
    } else {
      code(1);
      within(key, value);
    }
  }

  private void set(EveMap m) {
    changedMeta(m.metaChanged(), m.metaChanged() ? m.meta() : null);
    if (m.snap == null) { // made here, from the empty one
      code(SORTED_SET);
      elements(m.keySet());
      return;
    }
    if (m.isUnchanged()) {
      view(VIEW, m.snap, m.word);
      return;
    }
    view(EDIT_SET, m.snap, m.word);
    i32(m.over.count());
    for (Iterator<?> i = m.over.iterator(); i.hasNext(); ) {
      Map.Entry<?, ?> entry = (Map.Entry<?, ?>) i.next();
      within(entry.getKey(), entry.getKey());
      code(entry.getValue() == EveMap.REMOVED ? 0 : 1);
    }
  }

  private void vector(EveVector v) {
    changedMeta(v.metaChanged(), v.metaChanged() ? v.meta() : null);
    if (v.isUnchanged()) {
      view(VIEW, v.snap, v.word);
      return;
    }
    view(EDIT_VECTOR, v.snap, v.word);
    i64(v.keep);
    i32(v.sets.count());
    for (Iterator<?> i = v.sets.iterator(); i.hasNext(); ) {
      Map.Entry<?, ?> entry = (Map.Entry<?, ?>) i.next();
      i64((Long) entry.getKey());
      within(entry.getKey(), entry.getValue());
    }
    i32(v.tail.count());
    long index = v.keep;
    for (Object element : (Iterable<?>) v.tail) {
      within(index++, element);
    }
  }

  private void list(EveList l) {
    changedMeta(l.metaChanged(), l.meta());
    int front = 0;
    EveList at = l;
    while (at.snap == null) {
      front++;
      at = at.behind;
    }
    if (front == 0) {
      view(VIEW, at.snap, at.word);
      return;
    }
    // Elements that go in front of a list whose metadata they do not take over.
    if (!l.metaChanged()) {
      code(META);
      code(NIL);
    }
    view(EDIT_LIST, at.snap, at.word);
    i32(front);
    int n = 0;
    for (EveList cell = l; cell.snap == null; cell = cell.behind) {
      within(n++, cell.first());
    }
  }
}
