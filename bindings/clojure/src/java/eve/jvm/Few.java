package eve.jvm;

import clojure.lang.APersistentMap;
import clojure.lang.IEditableCollection;
import clojure.lang.IMapEntry;
import clojure.lang.IPersistentMap;
import clojure.lang.ISeq;
import clojure.lang.ITransientCollection;
import clojure.lang.ITransientMap;
import clojure.lang.Keyword;
import clojure.lang.MapEntry;
import clojure.lang.PersistentArrayMap;
import clojure.lang.PersistentHashMap;
import clojure.lang.RT;
import clojure.lang.Util;
import java.util.Arrays;
import java.util.Iterator;

/**
 * Few entries, the last one first: what was changed in a map. An entry more is one small object, where Clojure's own small maps copy
 * themselves; with more than {@link #MOST} it becomes one of those.
 */
final class Few extends APersistentMap implements IEditableCollection {
  static final Few EMPTY = new Few(null, null, null);
  private static final int MOST = 16;

  final Object key;
  final Object value;
  /** The others; null of the empty one. */
  final Few others;
  private final int count;

  private Few(Object key, Object value, Few others) {
    this.key = key;
    this.value = value;
    this.others = others;
    this.count = others == null ? 0 : others.count + 1;
  }

  /** The entry of a key; null if there is none. */
  private Few find(Object key) {
    if (key instanceof Keyword) { // equals nothing but itself
      for (Few at = this; at.others != null; at = at.others) {
        if (at.key == key) return at;
      }
    } else if (key instanceof Long i) {
      long n = i;
      for (Few at = this; at.others != null; at = at.others) {
        if (at.key instanceof Long j ? n == j : Util.equiv(at.key, key)) return at;
      }
    } else {
      for (Few at = this; at.others != null; at = at.others) {
        if (Util.equiv(at.key, key)) return at;
      }
    }
    return null;
  }

  /** With an entry more, whose key is not there. */
  IPersistentMap with(Object key, Object value) {
    if (count < MOST) return new Few(key, value, this);
    return ((ITransientMap) asTransient()).assoc(key, value).persistent();
  }

  /** With something else for the entry {@code at}: null if it goes. */
  private Few but(Few at, Few instead) {
    if (this == at) return instead == null ? others : instead;
    return new Few(key, value, others.but(at, instead));
  }

  @Override
  public IPersistentMap assoc(Object key, Object value) {
    Few at = find(key);
    if (at == null) return with(key, value);
    return at.value == value ? this : but(at, new Few(at.key, value, at.others));
  }

  @Override
  public IPersistentMap assocEx(Object key, Object value) {
    if (find(key) != null) throw Util.runtimeException("Key already present");
    return with(key, value);
  }

  @Override
  public IPersistentMap without(Object key) {
    Few at = find(key);
    return at == null ? this : but(at, null);
  }

  @Override
  public Object valAt(Object key, Object notFound) {
    Few at = find(key);
    return at == null ? notFound : at.value;
  }

  @Override
  public Object valAt(Object key) {
    return valAt(key, null);
  }

  @Override
  public boolean containsKey(Object key) {
    return find(key) != null;
  }

  @Override
  public IMapEntry entryAt(Object key) {
    Few at = find(key);
    return at == null ? null : MapEntry.create(at.key, at.value);
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public IPersistentMap empty() {
    return EMPTY;
  }

  /** The entries in the order in which their keys came. */
  private Object[] entries() {
    Object[] entries = new Object[count];
    for (Few at = this; at.others != null; at = at.others) {
      entries[at.count - 1] = MapEntry.create(at.key, at.value);
    }
    return entries;
  }

  @Override
  public Iterator<Object> iterator() {
    return Arrays.asList(entries()).iterator();
  }

  @Override
  public ISeq seq() {
    return count == 0 ? null : RT.seq(entries());
  }

  @Override
  public ITransientCollection asTransient() {
    IEditableCollection none = count < MOST / 2 ? PersistentArrayMap.EMPTY : PersistentHashMap.EMPTY;
    ITransientMap all = (ITransientMap) none.asTransient();
    for (Object entry : entries()) {
      all = all.assoc(((MapEntry) entry).key(), ((MapEntry) entry).val());
    }
    return all;
  }
}
