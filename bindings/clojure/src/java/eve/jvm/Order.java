package eve.jvm;

import clojure.lang.BigInt;
import clojure.lang.IMapEntry;
import clojure.lang.IPersistentMap;
import clojure.lang.IPersistentSet;
import clojure.lang.IPersistentVector;
import clojure.lang.IRecord;
import clojure.lang.Keyword;
import clojure.lang.Ratio;
import clojure.lang.RT;
import clojure.lang.Sequential;
import clojure.lang.Symbol;
import clojure.lang.TaggedLiteral;
import clojure.lang.Util;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * The order of all values (spec/2-values.md), for changes over a map or set that keeps it: the engine orders what is stored. It is
 * Clojure's {@code compare} where that is defined and two numbers are not equal by value alone.
 */
final class Order implements Comparator<Object>, Serializable {
  private static final long serialVersionUID = 1;
  static final Order ALL = new Order();

  private Order() {}

  private Object readResolve() {
    return ALL;
  }

  /** Does a collection with this comparator keep the engine's order? Clojure's own is the same for the keys that it takes. */
  static boolean isEngines(Comparator<?> comparator) {
    return comparator == RT.DEFAULT_COMPARATOR || comparator == ALL;
  }

  @Override
  public int compare(Object a, Object b) {
    // Most keys are alike and of one of these kinds.
    if (a instanceof Long x && b instanceof Long y) return Long.compare(x, y);
    if (a instanceof String x && b instanceof String y) return texts(x, y);
    if (a instanceof Keyword x && b instanceof Keyword y) return x == y ? 0 : names(x.sym, y.sym);
    if (a instanceof IPersistentVector x && b instanceof IPersistentVector y) return vectors(x, y);
    int kind = kind(a);
    int kinds = Integer.compare(kind, kind(b));
    if (kinds != 0) return kinds;
    return switch (kind) {
      case NIL -> 0;
      case BOOLEAN -> Boolean.compare((Boolean) a, (Boolean) b);
      case NUMBER -> numbers((Number) a, (Number) b);
      case CHARACTER -> Character.compare((Character) a, (Character) b);
      case SYMBOL -> names((Symbol) a, (Symbol) b);
      case UUIDS -> ((UUID) a).compareTo((UUID) b);
      case INSTANT -> instant(a).compareTo(instant(b));
      case BYTES -> Arrays.compareUnsigned((byte[]) a, (byte[]) b);
      case SEQUENCE -> sequences(a, b);
      case SET -> sets((Set<?>) a, (Set<?>) b);
      case MAP -> maps((Map<?, ?>) a, (Map<?, ?>) b);
      default -> tagged(a, b);
    };
  }

  private static final int NIL = 0, BOOLEAN = 1, NUMBER = 2, CHARACTER = 3, STRING = 4, KEYWORD = 5, SYMBOL = 6, UUIDS = 7,
      INSTANT = 8, BYTES = 9, SEQUENCE = 10, SET = 11, MAP = 12, TAGGED = 13;

  /** Values of different kinds follow each other in this order. */
  private static int kind(Object x) {
    return switch (x) {
      case null -> NIL;
      case Keyword k -> KEYWORD;
      case String s -> STRING;
      case Number n -> NUMBER;
      case Boolean b -> BOOLEAN;
      case Character c -> CHARACTER;
      case Symbol s -> SYMBOL;
      case UUID u -> UUIDS;
      case Date d -> INSTANT;
      case Instant i -> INSTANT;
      case byte[] b -> BYTES;
      case TaggedLiteral t -> TAGGED;
      case IRecord r -> TAGGED;
      case IPersistentMap m -> MAP;
      case IPersistentSet s -> SET;
      case Sequential s -> SEQUENCE;
      case Map<?, ?> m -> MAP;
      case Set<?> s -> SET;
      case List<?> l -> SEQUENCE;
      default -> throw new ClassCastException("an object of class " + x.getClass().getName() + " has no place in the order of values");
    };
  }

  // Numbers: by value, exactly. Of equal value: integer, ratio, decimal, double. NaN before all others.

  private static int numbers(Number a, Number b) {
    boolean none = isNaN(a);
    if (none || isNaN(b)) return Boolean.compare(isNaN(b), none);
    int byValue = values(a, b);
    return byValue != 0 ? byValue : Integer.compare(type(a), type(b));
  }

  private static boolean isDouble(Number n) {
    return n instanceof Double || n instanceof Float;
  }

  private static boolean isNaN(Number n) {
    return isDouble(n) && Double.isNaN(n.doubleValue());
  }

  private static int type(Number n) {
    return n instanceof Ratio ? 1 : n instanceof BigDecimal ? 2 : isDouble(n) ? 3 : 0;
  }

  private static int values(Number a, Number b) {
    if (isDouble(a) && isDouble(b)) {
      double x = a.doubleValue(), y = b.doubleValue();
      return x < y ? -1 : x > y ? 1 : 0;
    }
    if (isDouble(a) && Double.isInfinite(a.doubleValue())) return a.doubleValue() < 0 ? -1 : 1;
    if (isDouble(b) && Double.isInfinite(b.doubleValue())) return b.doubleValue() < 0 ? 1 : -1;
    BigDecimal x = numerator(a), y = numerator(b);
    if (a instanceof Ratio r) y = y.multiply(new BigDecimal(r.denominator));
    if (b instanceof Ratio r) x = x.multiply(new BigDecimal(r.denominator));
    return x.compareTo(y);
  }

  private static BigDecimal numerator(Number n) {
    return switch (n) {
      case Ratio r -> new BigDecimal(r.numerator);
      case BigDecimal d -> d;
      case BigInt i -> i.bipart == null ? BigDecimal.valueOf(i.lpart) : new BigDecimal(i.bipart);
      case BigInteger i -> new BigDecimal(i);
      case Double d -> new BigDecimal(d);
      case Float f -> new BigDecimal(f);
      default -> BigDecimal.valueOf(n.longValue());
    };
  }

  // Text: by UTF-16 code units, but a lone surrogate comes before all characters above U+FFFF.

  private static int texts(String a, String b) {
    int most = Math.min(a.length(), b.length());
    int i = 0;
    while (i < most && a.charAt(i) == b.charAt(i)) i++;
    // Where they differ a pair may be half over.
    if (i > 0 && Character.isHighSurrogate(a.charAt(i - 1))) i--;
    if (i < most && Character.isSurrogate(a.charAt(i)) && Character.isSurrogate(b.charAt(i))) {
      boolean pair = a.codePointAt(i) > 0xFFFF;
      if (pair != b.codePointAt(i) > 0xFFFF) return pair ? 1 : -1;
    }
    return a.compareTo(b);
  }

  private static int names(Symbol a, Symbol b) {
    String nsA = a.getNamespace(), nsB = b.getNamespace();
    int spaces = nsA == null || nsB == null ? Boolean.compare(nsA != null, nsB != null) : texts(nsA, nsB);
    return spaces != 0 ? spaces : texts(a.getName(), b.getName());
  }

  private static Instant instant(Object x) {
    return x instanceof Instant i ? i : x instanceof java.sql.Timestamp t ? t.toInstant() : Instant.ofEpochMilli(((Date) x).getTime());
  }

  // Collections: by size, then as the sequences of what is in them, in order.

  private int sequences(Object a, Object b) {
    int sizes = Integer.compare(RT.count(a), RT.count(b));
    return sizes != 0 ? sizes : each((Iterable<?>) a, (Iterable<?>) b);
  }

  private int vectors(IPersistentVector a, IPersistentVector b) {
    int n = a.count();
    int order = Integer.compare(n, b.count());
    for (int i = 0; i < n && order == 0; i++) {
      order = compare(a.nth(i), b.nth(i));
    }
    return order;
  }

  private int each(Iterable<?> a, Iterable<?> b) {
    Iterator<?> theirs = b.iterator();
    for (Object mine : a) {
      int order = compare(mine, theirs.next());
      if (order != 0) return order;
    }
    return 0;
  }

  private List<Object> sorted(Collection<?> all) {
    List<Object> sorted = new ArrayList<>(all);
    sorted.sort(this);
    return sorted;
  }

  private int sets(Set<?> a, Set<?> b) {
    int sizes = Integer.compare(a.size(), b.size());
    return sizes != 0 ? sizes : each(sorted(a), sorted(b));
  }

  private int maps(Map<?, ?> a, Map<?, ?> b) {
    int sizes = Integer.compare(a.size(), b.size());
    if (sizes != 0) return sizes;
    List<Map.Entry<?, ?>> mine = byKey(a), theirs = byKey(b);
    for (int i = 0; i < mine.size(); i++) {
      int keys = compare(mine.get(i).getKey(), theirs.get(i).getKey());
      if (keys != 0) return keys;
    }
    for (int i = 0; i < mine.size(); i++) {
      int values = compare(mine.get(i).getValue(), theirs.get(i).getValue());
      if (values != 0) return values;
    }
    return 0;
  }

  private List<Map.Entry<?, ?>> byKey(Map<?, ?> m) {
    List<Map.Entry<?, ?>> entries = new ArrayList<>(m.entrySet());
    entries.sort((e, f) -> compare(e.getKey(), f.getKey()));
    return entries;
  }

  /** Records are stored as tagged maps. */
  private int tagged(Object a, Object b) {
    int tags = names(tag(a), tag(b));
    return tags != 0 ? tags : compare(form(a), form(b));
  }

  private static Symbol tag(Object x) {
    return x instanceof TaggedLiteral t ? t.tag : Symbol.intern(x.getClass().getName());
  }

  private static Object form(Object x) {
    if (x instanceof TaggedLiteral t) return t.form;
    IPersistentMap form = clojure.lang.PersistentArrayMap.EMPTY;
    for (Object entry : (Iterable<?>) x) {
      IMapEntry e = (IMapEntry) entry;
      form = form.assoc(e.key(), e.val());
    }
    return form;
  }
}
