package eve.jvm;

import clojure.lang.APersistentMap;
import clojure.lang.APersistentSet;
import clojure.lang.IMapEntry;
import clojure.lang.IObj;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.IPersistentSet;
import clojure.lang.ISeq;
import clojure.lang.PersistentTreeSet;
import clojure.lang.Reversible;
import clojure.lang.Sorted;
import java.util.Comparator;

/** A sorted set of a snapshot, perhaps with changes over it, on an {@link EveSortedMap} of its elements. */
public final class EveSortedSet extends APersistentSet implements IObj, Sorted, Reversible {
  /** The sorted set of Clojure's own in this order that is empty. */
  static final PersistentTreeSet EMPTY = PersistentTreeSet.create(Order.ALL, null);

  /** The empty sorted set. */
  static final EveSortedSet NOTHING = new EveSortedSet(EveSortedMap.NO_ELEMENTS);

  final EveSortedMap map;

  EveSortedSet(EveSortedMap map) {
    super(map);
    this.map = map;
  }

  @Override
  public IPersistentMap meta() {
    return map.meta();
  }

  @Override
  public EveSortedSet withMeta(IPersistentMap meta) {
    EveMap with = map.withMeta(meta);
    return with == map ? this : new EveSortedSet((EveSortedMap) with);
  }

  /** Serialized as one of Clojure's own. */
  Object writeReplace() {
    return Plain.of(this);
  }

  @Override
  public IPersistentSet disjoin(Object element) {
    IPersistentMap without = map.without(element);
    return without == map ? this : new EveSortedSet((EveSortedMap) without);
  }

  @Override
  public IPersistentSet cons(Object element) {
    return map.containsKey(element) ? this : new EveSortedSet((EveSortedMap) map.assoc(element, element));
  }

  @Override
  public Object get(Object key) {
    IMapEntry found = map.entryAt(key);
    return found == null ? null : found.key();
  }

  @Override
  public IPersistentCollection empty() {
    return NOTHING.withMeta(meta());
  }

  @Override
  public Comparator<?> comparator() {
    return map.comparator();
  }

  @Override
  public Object entryKey(Object entry) {
    return entry;
  }

  @Override
  public ISeq seq() {
    return seq(true);
  }

  @Override
  public ISeq seq(boolean ascending) {
    return APersistentMap.KeySeq.create(map.seq(ascending));
  }

  @Override
  public ISeq seqFrom(Object key, boolean ascending) {
    return APersistentMap.KeySeq.create(map.seqFrom(key, ascending));
  }

  @Override
  public ISeq rseq() {
    return seq(false);
  }
}
