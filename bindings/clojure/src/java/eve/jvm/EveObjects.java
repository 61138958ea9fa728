package eve.jvm;

import clojure.lang.AFn;
import clojure.lang.ExceptionInfo;
import clojure.lang.IHashEq;
import clojure.lang.ILookup;
import clojure.lang.Indexed;
import clojure.lang.Keyword;
import clojure.lang.MapEntry;
import clojure.lang.PersistentHashMap;
import clojure.lang.RT;
import clojure.lang.Util;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Typed objects in shared memory, which change in place: one with a number in each field, or an array of such, stored field
 * by field.
 */
public final class EveObjects extends AFn implements Indexed, Iterable<Object>, ILookup, IHashEq {
  final Snap snap;
  final long word;
  private final Keyword[] names;
  private final int rows;
  private final boolean one;

  EveObjects(Snap snap, long word) {
    this.snap = snap;
    this.word = word;
    long[] info = NativeTyped.records(snap.enter(), word);
    snap.exit();
    this.rows = Math.toIntExact(info[0]);
    this.one = info[1] >>> 32 != 0;
    ByteBuffer shape = ByteBuffer.wrap(Text.copy(info[2], info[3])).order(ByteOrder.LITTLE_ENDIAN);
    this.names = new Keyword[shape.getInt()];
    for (int i = 0; i < names.length; i++) {
      byte[] name = new byte[shape.getInt()];
      shape.get(name);
      shape.get(); // the type: the column knows it
      names[i] = Text.keyword(Text.decode(name));
    }
  }

  /** What new ones are written from; {@code columns} are packed. */
  record Fresh(boolean one, String[] names, int[] types, int rows, byte[][] columns) {}

  /** New ones, in the memory of this process until they are put into an atom, which copies them. */
  public static EveObjects make(Store memory, boolean one, List<?> fields, int[] types, int rows, byte[][] columns) {
    String[] names = new String[fields.size()];
    for (int i = 0; i < names.length; i++) {
      if (!(fields.get(i) instanceof Keyword k)) {
        throw new ExceptionInfo("a field is a keyword, not " + RT.printString(fields.get(i)), PersistentHashMap.EMPTY);
      }
      names[i] = Keys.text(k);
    }
    return (EveObjects) memory.anonymous(new Fresh(one, names, types, rows, columns)).deref();
  }

  /** Is it one object, not an array of them? */
  public boolean isOne() {
    return one;
  }

  public List<Keyword> fields() {
    return List.of(names);
  }

  private int find(Object field) {
    for (int i = 0; i < names.length; i++) {
      if (names[i] == field) return i;
    }
    return -1;
  }

  /** The values of a field in all rows. */
  public EveArray column(Object field) {
    int at = find(field);
    if (at < 0) {
      throw new ExceptionInfo("there is no field " + RT.printString(field) + "; there are " + fields(),
          PersistentHashMap.create(Keyword.intern("field"), field));
    }
    return new EveArray(snap, word, at, true);
  }

  /** The value of a field in a row. */
  Object value(int row, Object field, Object notFound) {
    int at = find(field);
    return at < 0 ? notFound : new EveArray(snap, word, at, true).get(row);
  }

  @Override
  public int count() {
    return one ? names.length : rows;
  }

  @Override
  public Object nth(int i) {
    if (i < 0 || i >= count()) {
      throw new IndexOutOfBoundsException(i + " of " + count());
    }
    return one ? MapEntry.create(names[i], value(0, names[i], null)) : new Row(this, i);
  }

  @Override
  public Object nth(int i, Object notFound) {
    return i >= 0 && i < count() ? nth(i) : notFound;
  }

  @Override
  public Object valAt(Object key) {
    return valAt(key, null);
  }

  @Override
  public Object valAt(Object key, Object notFound) {
    if (one) return value(0, key, notFound);
    return Util.isInteger(key) ? nth(((Number) key).intValue(), notFound) : notFound;
  }

  @Override
  public Object invoke(Object key) {
    if (one) return valAt(key);
    if (!Util.isInteger(key)) throw new IllegalArgumentException("Key must be integer"); // as Clojure's vectors
    return nth(((Number) key).intValue());
  }

  @Override
  public Object invoke(Object key, Object notFound) {
    return valAt(key, notFound);
  }

  @Override
  public Iterator<Object> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < count();
      }

      @Override
      public Object next() {
        if (!hasNext()) throw new NoSuchElementException();
        return nth(next++);
      }
    };
  }

  /** One or many as this, with the same fields (in any order) and equal values now. */
  @Override
  public boolean equals(Object other) {
    if (this == other) return true;
    if (!(other instanceof EveObjects o) || o.one != one || o.rows != rows || o.names.length != names.length) return false;
    for (Keyword name : names) {
      if (o.find(name) < 0 || !column(name).equals(o.column(name))) return false;
    }
    return true;
  }

  @Override
  public int hashCode() {
    return 31 * names.length + rows;
  }

  @Override
  public int hasheq() {
    return hashCode();
  }

  @Override
  public String toString() {
    List<String> fields = new ArrayList<>();
    for (Keyword name : names) {
      EveArray column = column(name);
      StringBuilder out = new StringBuilder().append(name).append(" [").append(column.type());
      for (Object value : column) {
        out.append(' ').append(RT.printString(value));
      }
      fields.add(out.append(']').toString());
    }
    return (one ? "#eve/obj {" : "#eve/obj-array {") + String.join(", ", fields) + "}";
  }

  /** One of an array of objects: it reads and changes in place there. */
  public static final class Row extends AFn implements ILookup, Iterable<Object>, clojure.lang.Counted {
    public final EveObjects objects;
    public final int index;

    Row(EveObjects objects, int index) {
      this.objects = objects;
      this.index = index;
    }

    @Override
    public int count() {
      return objects.names.length;
    }

    @Override
    public Object valAt(Object field) {
      return objects.value(index, field, null);
    }

    @Override
    public Object valAt(Object field, Object notFound) {
      return objects.value(index, field, notFound);
    }

    @Override
    public Object invoke(Object field) {
      return valAt(field);
    }

    @Override
    public Object invoke(Object field, Object notFound) {
      return valAt(field, notFound);
    }

    @Override
    public Iterator<Object> iterator() {
      List<Object> entries = new ArrayList<>();
      for (Keyword name : objects.names) {
        entries.add(MapEntry.create(name, valAt(name)));
      }
      return entries.iterator();
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Row r && r.index == index && r.objects.equals(objects);
    }

    @Override
    public int hashCode() {
      return 31 * objects.hashCode() + index;
    }

    @Override
    public String toString() {
      List<String> fields = new ArrayList<>();
      for (Keyword name : objects.names) {
        fields.add(name + " " + RT.printString(valAt(name)));
      }
      return "#eve/obj-array-row {" + String.join(", ", fields) + "}";
    }
  }
}
