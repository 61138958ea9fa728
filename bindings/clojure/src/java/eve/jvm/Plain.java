package eve.jvm;

import clojure.lang.IObj;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.PersistentList;
import clojure.lang.PersistentTreeMap;
import clojure.lang.PersistentTreeSet;
import clojure.lang.Sorted;
import java.util.ArrayList;
import java.util.Collection;

/** Views as collections of Clojure's own, which go where shared memory cannot: what is serialized, and code that is printed to be read. */
public final class Plain {
  private Plain() {}

  /** An equal collection with the same metadata. What is in it stays as it is. */
  public static Object of(IPersistentCollection view) {
    if (view instanceof EveList list) {
      return ((IObj) PersistentList.create(new ArrayList<>((Collection<?>) list))).withMeta(list.meta());
    }
    return view instanceof Sorted ? sorted(view) : filled(view.empty(), view);
  }

  private static IPersistentCollection filled(IPersistentCollection plain, IPersistentCollection view) {
    for (Object element : (Iterable<?>) view) {
      plain = plain.cons(element);
    }
    return plain;
  }

  /** By Clojure's own comparator if that can tell the keys apart. */
  private static Object sorted(IPersistentCollection view) {
    boolean set = view instanceof EveSortedSet;
    IPersistentMap meta = ((IObj) view).meta();
    try {
      IPersistentCollection plain = filled(Decode.emptied(set ? PersistentTreeSet.EMPTY : PersistentTreeMap.EMPTY, meta), view);
      if (plain.count() == view.count()) return plain;
    } catch (ClassCastException e) {
      // keys of several kinds
    }
    return filled(Decode.emptied(set ? EveSortedSet.EMPTY : EveSortedMap.EMPTY, meta), view);
  }
}
