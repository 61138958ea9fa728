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
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.concurrent.ThreadLocalRandom;

/** An atom in shared memory: an ordinary Clojure atom. */
public final class EveAtom extends ARef implements IAtom2 {
  private final Store store;
  private final String name;
  final long handle;
  /** Where its root word lies in shared memory. */
  private final long rootAddress;
  /** The version that was seen last, for as long as somebody holds it. */
  private volatile WeakReference<Snap> last = new WeakReference<>(null);
  /** For what other processes commit. An anonymous atom has none: they do not see it, and the thread would keep it. */
  private Watcher watcher;

  EveAtom(Store store, String name, long handle) {
    this.store = store;
    this.name = name;
    this.handle = handle;
    this.rootAddress = Native.rootAddress(handle);
  }

  public Store store() {
    return store;
  }

  /** Its name; null for an anonymous one. */
  public String name() {
    return name;
  }

  /** As Clojure's atoms, with its name and the file it is in. */
  @Override
  public String toString() {
    return super.toString() + "[" + (name == null ? "anonymous" : name) + " in " + store + "]";
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

  /** The version that was seen last, if somebody holds it and it is the current one. */
  private Snap held() {
    Snap seen = last.get();
    if (seen == null || !store.isOpen()) return null;
    // While it is held, the memory is mapped, and its root's address means this version.
    boolean current = Native.word(rootAddress) == seen.root;
    Reference.reachabilityFence(seen);
    return current ? seen : null;
  }

  /** The current version. Of one that is not for the collector, the caller closes it. */
  private Snap load() {
    Snap held = held();
    return held != null ? held : keep(pin(false));
  }

  /** The current version; a scoped one until it is closed. Throws if there is none, as the atom was removed. */
  private Snap pin(boolean scoped) {
    long[] root = new long[3];
    store.enter();
    try {
      long pin = Native.load(handle, root);
      if (((int) root[1] & 0xFF) == Decode.ABSENT) {
        Native.snapshotFree(pin);
        throw Problem.of("no-such-atom", name, "the atom " + (name == null ? "without a name" : name) + " was removed");
      }
      return scoped ? Snap.scoped(store, pin, root) : Snap.of(store, pin, root);
    } finally {
      store.exit();
    }
  }

  private Snap keep(Snap snap) {
    if (snap.collected()) last = new WeakReference<>(snap);
    return snap;
  }

  @Override
  public Object deref() {
    Snap now = load();
    Object value = now.value;
    now.close();
    return value;
  }

  // Changing

  /** What becomes of a value; {@link #NOTHING} if nothing does. */
  private interface Change {
    Object apply(Object old);
  }

  private static final Object NOTHING = new Object();

  private static Change call(IFn f) {
    return f::invoke;
  }

  private static Change call(IFn f, Object a) {
    return old -> f.invoke(old, a);
  }

  private static Change call(IFn f, Object a, Object b) {
    return old -> f.invoke(old, a, b);
  }

  private static Change call(IFn f, Object a, Object b, ISeq more) {
    return old -> f.applyTo(RT.listStar(old, a, b, more));
  }

  private static final int OLD = 0, NEW = 1;

  /** Value before and after; null if nothing was to become of it. Without {@code keep} they are good for nothing afterwards. */
  private Object[] change(Change f, boolean keep) {
    for (int round = 0; ; round++) {
      Snap base = keep ? load() : pin(true);
      try {
        Object made = f.apply(base.value);
        if (made == NOTHING) return null;
        check(made);
        Object[] result = {base.value, null};
        if (commit(base, made, keep, result)) {
          if (keep && getWatches().count() > 0) notifyWatches(result[OLD], result[NEW]);
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
  private boolean commit(Snap base, Object made, boolean keep, Object[] result) {
    try (Encoder patch = Encoder.take()) {
      patch.put(made);
      Watcher watcher = this.watcher;
      if (watcher == null || !keep) return commit(base, made, patch, keep, result);
      boolean changed = false;
      watcher.beginCommit();
      try {
        boolean won = commit(base, made, patch, true, result);
        changed = won && patch.answer(1) != base.root;
        return won;
      } finally {
        watcher.endCommit(changed, result[NEW]);
      }
    }
  }

  private boolean commit(Snap base, Object made, Encoder patch, boolean keep, Object[] result) {
    // The value of such a result is known, unless a watcher asks whether the version is another one.
    boolean known = !keep || watcher == null
        && (made == null || made instanceof Long || made instanceof Boolean || made instanceof Double);
    store.enter();
    try {
      long version = patch.version(base);
      if (!Native.commit(handle, version, patch.start(), patch.length(), known ? 0 : patch.answer())) return false;
      if (known) {
        result[NEW] = made;
        return true;
      }
      long[] root = {patch.answer(1), patch.answer(2), patch.answer(3)};
      long pin = patch.answer(0);
      if (root[0] == base.root) {
        result[NEW] = base.value; // nothing was changed
        if (pin != 0) Native.snapshotFree(pin);
        return true;
      }
      Snap now = keep(pin == 0 ? base.next(root) : Snap.of(store, pin, root));
      result[NEW] = now.value;
      if (pin != 0) now.close();
      return true;
    } finally {
      store.exit();
    }
  }

  @Override
  public Object swap(IFn f) {
    return change(call(f), true)[NEW];
  }

  @Override
  public Object swap(IFn f, Object a) {
    return change(call(f, a), true)[NEW];
  }

  @Override
  public Object swap(IFn f, Object a, Object b) {
    return change(call(f, a, b), true)[NEW];
  }

  @Override
  public Object swap(IFn f, Object a, Object b, ISeq more) {
    return change(call(f, a, b, more), true)[NEW];
  }

  @Override
  public IPersistentVector swapVals(IFn f) {
    return PersistentVector.adopt(change(call(f), true));
  }

  @Override
  public IPersistentVector swapVals(IFn f, Object a) {
    return PersistentVector.adopt(change(call(f, a), true));
  }

  @Override
  public IPersistentVector swapVals(IFn f, Object a, Object b) {
    return PersistentVector.adopt(change(call(f, a, b), true));
  }

  @Override
  public IPersistentVector swapVals(IFn f, Object a, Object b, ISeq more) {
    return PersistentVector.adopt(change(call(f, a, b, more), true));
  }

  @Override
  public Object reset(Object value) {
    return change(old -> value, true)[NEW];
  }

  @Override
  public IPersistentVector resetVals(Object value) {
    return PersistentVector.adopt(change(old -> value, true));
  }

  /** Sets the value if it equals {@code expected}: what two processes read is never identical, so equality counts. */
  @Override
  public boolean compareAndSet(Object expected, Object value) {
    check(value);
    return change(old -> Util.equiv(old, expected) ? value : NOTHING, true) != null;
  }

  /** swap! without a result: the value given to {@code f} is good until it returns, and nothing is held afterwards. */
  public void update(IFn f) {
    update(call(f));
  }

  public void update(IFn f, Object a) {
    update(call(f, a));
  }

  public void update(IFn f, Object a, Object b) {
    update(call(f, a, b));
  }

  public void update(IFn f, Object a, Object b, ISeq more) {
    update(call(f, a, b, more));
  }

  private void update(Change f) {
    boolean keep = getWatches().count() > 0; // they are given both values
    change(f, keep);
  }

  // Watching

  @Override
  public synchronized IRef addWatch(Object key, IFn callback) {
    if (watcher == null && name != null) { // other processes may commit too
      watcher = new Watcher(this);
      watcher.start();
    }
    return super.addWatch(key, callback);
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
