package eve.jvm;

import clojure.lang.IObj;
import clojure.lang.IPersistentCollection;
import clojure.lang.PersistentList;
import clojure.lang.PersistentTreeMap;
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
    // Empty ones are Clojure's own, but for integer maps.
    IPersistentCollection plain = view instanceof EveSortedMap m ? PersistentTreeMap.EMPTY.withMeta(m.meta()) : view.empty();
    for (Object element : (Iterable<?>) view) {
      plain = plain.cons(element);
    }
    return plain;
  }
}
