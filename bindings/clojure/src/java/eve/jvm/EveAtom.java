package eve.jvm;

import clojure.lang.ARef;
import clojure.lang.IAtom2;
import clojure.lang.IFn;
import clojure.lang.IPersistentVector;
import clojure.lang.IRef;
import clojure.lang.ISeq;
import clojure.lang.PersistentVector;
import clojure.lang.RT;
import clojure.lang.Util;
import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadLocalRandom;

/** An atom in shared memory: an ordinary Clojure atom. */
public final class EveAtom extends ARef implements IAtom2 {
  private static final long ABSENT = 8;

  private final Store store;
  private final String name;
  final long handle;
  /** The version that was seen last, for as long as somebody holds it. */
  private volatile WeakReference<Snap> last = new WeakReference<>(null);
  private Watcher watcher;

  EveAtom(Store store, String name, long handle) {
    this.store = store;
    this.name = name;
    this.handle = handle;
  }

  public Store store() {
    return store;
  }

  /** Its name; null for an anonymous one. */
  public String name() {
    return name;
  }

  /** How many commits it has seen, of all processes. */
  public long commits() {
    store.enter();
    try {
      return Native.commits(handle);
    } finally {
      store.exit();
    }
  }

  boolean remove() {
    store.enter();
    try {
      return Native.remove(handle);
    } finally {
      store.exit();
    }
  }

  // Reading

  /** The current version. Of one that is not for the collector, the caller closes it. Between enter and exit. */
  private Snap load() {
    Snap seen = last.get();
    // While it is held, its root's address means this version.
    if (seen != null && Native.root(handle) == seen.root) return seen;
    long[] root = new long[3];
    return keep(Snap.of(store, Native.load(handle, root), root));
  }

  private Snap keep(Snap snap) {
    if (snap.collected()) last = new WeakReference<>(snap);
    return snap;
  }

  @Override
  public Object deref() {
    store.enter();
    try {
      Snap now = load();
      Object value = now.value;
      now.close();
      return value;
    } finally {
      store.exit();
    }
  }

  // Changing

  /** What becomes of a value. */
  interface Change {
    Object apply(Object old);
  }

  private static final int OLD = 0, NEW = 1;

  /** Value before and after. */
  private Object[] change(Change f) {
    for (int round = 0; ; round++) {
      Snap base;
      store.enter();
      try {
        base = load();
      } finally {
        store.exit();
      }
      try {
        Object made = f.apply(base.value);
        check(made);
        Object[] result = {base.value, null};
        if (commit(base, made, result)) {
          if (getWatches().count() > 0) notifyWatches(result[OLD], result[NEW]);
          return result;
        }
      } finally {
        base.close();
      }
      backOff(round);
    }
  }

  /** The loser waits a random while that grows, so that the winner does several commits in a row. */
  private static void backOff(int round) {
    if (round == 0) return;
    int most = 1 << Math.min(round + 4, 12);
    for (int i = ThreadLocalRandom.current().nextInt(most); i > 0; i--) {
      Thread.onSpinWait();
    }
    if (round > 12) Thread.yield();
  }

  private void check(Object value) {
    IFn validator = getValidator();
    if (validator == null) return;
    boolean valid;
    try {
      valid = RT.booleanCast(validator.invoke(value));
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("Invalid reference state", e);
    }
    if (!valid) throw new IllegalStateException("Invalid reference state");
  }

  /** False if somebody else was first. The new value goes into {@code result}. */
  private boolean commit(Snap base, Object made, Object[] result) {
    try (Encoder patch = Encoder.take()) {
      patch.put(made);
      Watcher watcher = this.watcher;
      if (watcher == null) return commit(base, made, patch, result);
      boolean changed = false;
      watcher.beginCommit();
      try {
        boolean won = commit(base, made, patch, result);
        changed = won && patch.answer(1) != base.root;
        return won;
      } finally {
        watcher.endCommit(changed, result[NEW]);
      }
    }
  }

  private boolean commit(Snap base, Object made, Encoder patch, Object[] result) {
    // The value of such a result is known, unless a watcher asks whether the version is another one.
    boolean plain = watcher == null
        && (made == null || made instanceof Long || made instanceof Boolean || made instanceof Double);
    store.enter();
    try {
      long handle = base.enter();
      try {
        if (!Native.commit(this.handle, handle, patch.start(), patch.length(), plain ? 0 : patch.answer())) return false;
      } finally {
        base.exit();
      }
      if (plain) {
        result[NEW] = made;
      } else {
        long[] root = {patch.answer(1), patch.answer(2), patch.answer(3)};
        Snap now = keep(Snap.of(store, patch.answer(0), root));
        result[NEW] = now.value;
        now.close();
      }
      return true;
    } finally {
      store.exit();
    }
  }

  private Object swap(Change f) {
    return change(f)[NEW];
  }

  private IPersistentVector swapVals(Change f) {
    return PersistentVector.adopt(change(f));
  }

  @Override
  public Object swap(IFn f) {
    return swap(f::invoke);
  }

  @Override
  public Object swap(IFn f, Object a) {
    return swap(old -> f.invoke(old, a));
  }

  @Override
  public Object swap(IFn f, Object a, Object b) {
    return swap(old -> f.invoke(old, a, b));
  }

  @Override
  public Object swap(IFn f, Object a, Object b, ISeq more) {
    return swap(old -> f.applyTo(RT.listStar(old, a, b, more)));
  }

  @Override
  public IPersistentVector swapVals(IFn f) {
    return swapVals(f::invoke);
  }

  @Override
  public IPersistentVector swapVals(IFn f, Object a) {
    return swapVals(old -> f.invoke(old, a));
  }

  @Override
  public IPersistentVector swapVals(IFn f, Object a, Object b) {
    return swapVals(old -> f.invoke(old, a, b));
  }

  @Override
  public IPersistentVector swapVals(IFn f, Object a, Object b, ISeq more) {
    return swapVals(old -> f.applyTo(RT.listStar(old, a, b, more)));
  }

  @Override
  public Object reset(Object value) {
    return swap(old -> value);
  }

  @Override
  public IPersistentVector resetVals(Object value) {
    return swapVals(old -> value);
  }

  /** Sets the value if it equals {@code expected}: what two processes read is never identical, so equality counts. */
  @Override
  public boolean compareAndSet(Object expected, Object value) {
    check(value);
    for (int round = 0; ; round++) {
      Snap base;
      store.enter();
      try {
        base = load();
      } finally {
        store.exit();
      }
      try {
        if (!Util.equiv(base.value, expected)) return false;
        Object[] result = {base.value, null};
        if (commit(base, value, result)) {
          if (getWatches().count() > 0) notifyWatches(result[OLD], result[NEW]);
          return true;
        }
      } finally {
        base.close();
      }
      backOff(round);
    }
  }

  /** swap! without a result: the value given to {@code f} is good until it returns, and nothing is held afterwards. */
  public void update(IFn f, ISeq arguments) {
    if (getWatches().count() > 0) { // watches are given both values to keep
      swap(old -> f.applyTo(RT.cons(old, arguments)));
      return;
    }
    for (int round = 0; ; round++) {
      Snap base;
      store.enter();
      try {
        long[] root = new long[3];
        base = Snap.scoped(store, Native.load(handle, root), root);
      } finally {
        store.exit();
      }
      try {
        Object made = f.applyTo(RT.cons(base.value, arguments));
        check(made);
        try (Encoder patch = Encoder.take()) {
          patch.put(made);
          store.enter();
          long handle = base.enter();
          try {
            if (Native.commit(this.handle, handle, patch.start(), patch.length(), 0)) return;
          } finally {
            base.exit();
            store.exit();
          }
        }
      } finally {
        base.close();
      }
      backOff(round);
    }
  }

  // Watching

  @Override
  public synchronized IRef addWatch(Object key, IFn callback) {
    super.addWatch(key, callback);
    if (watcher == null) {
      watcher = new Watcher(this);
      watcher.start();
    }
    return this;
  }

  @Override
  public synchronized IRef removeWatch(Object key) {
    super.removeWatch(key);
    if (getWatches().count() == 0 && watcher != null) {
      watcher.stop();
      watcher = null;
    }
    return this;
  }

  /** Waits up to so many milliseconds for more commits than {@code seen}. */
  boolean await(long seen, long milliseconds) {
    store.enter();
    try {
      return Native.await(handle, seen, milliseconds);
    } finally {
      store.exit();
    }
  }
}
