package eve.jvm;

import clojure.lang.AFn;
import clojure.lang.APersistentSet;
import clojure.lang.IEditableCollection;
import clojure.lang.IObj;
import clojure.lang.IPersistentCollection;
import clojure.lang.IPersistentMap;
import clojure.lang.IPersistentSet;
import clojure.lang.ITransientCollection;
import clojure.lang.ITransientMap;
import clojure.lang.ITransientSet;
import clojure.lang.PersistentHashSet;
import clojure.lang.RT;

/** A set of a snapshot, perhaps with changes over it: an ordinary Clojure set, on an {@link EveMap} of its elements. */
public final class EveSet extends APersistentSet implements IObj, IEditableCollection {
  final EveHashMap map;

  EveSet(EveHashMap map) {
    super(map);
    this.map = map;
  }

  @Override
  public IPersistentMap meta() {
    return map.meta();
  }

  @Override
  public EveSet withMeta(IPersistentMap meta) {
    EveMap with = map.withMeta(meta);
    return with == map ? this : new EveSet((EveHashMap) with);
  }

  /** Serialized as one of Clojure's own. */
  Object writeReplace() {
    return Plain.of(this);
  }

  @Override
  public IPersistentSet disjoin(Object element) {
    IPersistentMap without = map.without(element);
    return without == map ? this : new EveSet((EveHashMap) without);
  }

  @Override
  public IPersistentSet cons(Object element) {
    return map.containsKey(element) ? this : new EveSet((EveHashMap) map.assoc(element, element));
  }

  @Override
  public Object get(Object key) {
    clojure.lang.IMapEntry found = map.entryAt(key);
    return found == null ? null : found.key();
  }

  @Override
  public IPersistentCollection empty() {
    return Decode.emptied(PersistentHashSet.EMPTY, meta());
  }

  @Override
  public boolean equiv(Object other) {
    if (this == other) return true;
    if (other instanceof EveSet s && map.isUnchanged() && s.map.isUnchanged()) return map.sameAs(s.map);
    return super.equiv(other);
  }

  @Override
  public ITransientCollection asTransient() {
    return new Transient((ITransientMap) map.asTransient());
  }

  private static final class Transient extends AFn implements ITransientSet {
    private ITransientMap map;

    Transient(ITransientMap map) {
      this.map = map;
    }

    @Override
    public ITransientSet conj(Object element) {
      if (!contains(element)) map = map.assoc(element, element);
      return this;
    }

    @Override
    public ITransientSet disjoin(Object element) {
      map = map.without(element);
      return this;
    }

    @Override
    public boolean contains(Object element) {
      return map.valAt(element, this) != this;
    }

    @Override
    public Object get(Object element) {
      return map.valAt(element);
    }

    @Override
    public int count() {
      return map.count();
    }

    @Override
    public IPersistentCollection persistent() {
      return new EveSet((EveHashMap) map.persistent());
    }

    @Override
    public Object invoke(Object element) {
      return map.valAt(element);
    }

    @Override
    public Object invoke(Object element, Object notFound) {
      return RT.get(map, element, notFound);
    }
  }
}
